"""All checks put together: which pipelines can run, and what stands in the way of the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from mlops_ci.config.schema import Config, PipelineMode
from mlops_ci.core.findings import Finding, Severity, note
from mlops_ci.core.paths import shown
from mlops_ci.pipelines.preflight.command import check_commands
from mlops_ci.pipelines.preflight.cycles import check_cycles
from mlops_ci.pipelines.preflight.data_file import DataFile, check_data_file, check_hidden, data_file_of
from mlops_ci.pipelines.preflight.declared import Declared, Made, Problem, Reference, made_by, stages_of
from mlops_ci.pipelines.preflight.definition import check_definition
from mlops_ci.pipelines.preflight.dependencies import Supply, cached_data, check_dependencies
from mlops_ci.pipelines.preflight.line_ends import check_line_ends
from mlops_ci.pipelines.preflight.lock import Lock, check_lock, lock_of, locked_paths
from mlops_ci.pipelines.preflight.outputs import check_outputs
from mlops_ci.pipelines.preflight.remote import Settings, check_temporary, settings_of
from mlops_ci.pipelines.preflight.settings import check_settings
from mlops_ci.pipelines.preflight.source import read_source
from mlops_ci.pipelines.preflight.variables import check_parameters, check_variables
from mlops_ci.pipelines.preflight.worktree import Repository, WorkTree, look_at
from mlops_ci.tools.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A dvc.yaml. `dvc_root`: the folder with its `.dvc`, None without one. `sound`: nothing keeps DVC from it."""

    path: PurePosixPath
    dvc_root: PurePosixPath | None
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was found. `blocked`: why a stage can't run, by its address (that of a foreach covers its items).

    stores: folders outside of the repository in which DVC keeps objects, so that its links may lead there.
    Without definitions there is no pipeline here.
    """

    findings: tuple[Finding, ...]
    definitions: tuple[Definition, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    stores: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One DVC repository in the git repository: what lies below its `.dvc`."""

    declared: tuple[Declared, ...]
    data: tuple[DataFile, ...]
    locks: Mapping[PurePosixPath, Lock]
    settings: Settings | None


def preflight(repository: Repository, config: Config, *, machine: Machine, mode: PipelineMode) -> Preflight:
    """Look at every dvc.yaml, dvc.lock, .dvc file and DVC configuration. Starts nothing but git.

    mode: what is to be done with pipelines. What stops only a stage's execution is an error in mode `run` and a
    warning in the others; `auto` is `run` unless git tracks a dvc.lock.
    """
    tree = look_at(repository)
    declared = tuple(_declared(tree, path) for path in tree.named("dvc.yaml"))
    runs = _runs(mode, tree)
    problems = [*check_hidden(tree), *(problem for file in declared for problem in _of_file(file, tree))]
    if not declared and not tree.hidden:
        problems.append(Problem(finding=_nothing(tree)))
    projects = _projects(tree, declared, machine)
    for root, project in projects.items():
        problems += _of_project(root, project, tree, machine, runs=runs)
    problems += check_settings(config.pipeline, declared)
    stores = (project.settings.store for project in projects.values() if project.settings)
    return replace(_told(tree, declared, problems), stores=tuple(store for store in stores if store is not None))


def _runs(mode: PipelineMode, tree: WorkTree) -> bool:
    if mode is not PipelineMode.AUTO:
        return mode is PipelineMode.RUN
    return not any(path.name == "dvc.lock" for path in tree.tracked)


def _nothing(tree: WorkTree) -> Finding:
    begun = any(".dvc" in path.parts or path.suffix == ".dvc" for path in tree.files)
    return note(
        "MC-PIPE-000", "pipeline", "there is no dvc.yaml, so there is no pipeline to check; components, datasets and "
        "models that mlops-ci.yaml names are checked all the same",
        do="declare a pipeline: `dvc stage add`" if begun else "declare a pipeline: `dvc init`, then `dvc stage add`",
    )  # fmt: skip


def _declared(tree: WorkTree, path: PurePosixPath) -> Declared:
    source = read_source(tree, path)
    stages = () if isinstance(source, Finding) else stages_of(source)
    return Declared(path=path, root=tree.dvc_root(path), source=source, stages=stages)


def _of_file(file: Declared, tree: WorkTree) -> Iterator[Problem]:
    yield from check_definition(file, tree)
    yield from check_variables(file, tree)


def _projects(tree: WorkTree, declared: Sequence[Declared], machine: Machine) -> dict[PurePosixPath | None, Project]:
    """By the folder of their `.dvc`; under None what has none."""
    data = [
        data_file_of(path, tree.dvc_root(path), read_source(tree, path, texts=True))
        for path in tree.with_suffix(".dvc")
    ]
    locks = {path: lock_of(path, read_source(tree, path, texts=True)) for path in tree.named("dvc.lock")}
    roots = {file.root for file in declared} | {file.root for file in data} | {tree.dvc_root(path) for path in locks}
    return {
        root: Project(
            declared=tuple(file for file in declared if file.root == root),
            data=tuple(file for file in data if file.root == root),
            locks={path: lock for path, lock in locks.items() if tree.dvc_root(path) == root},
            settings=settings_of(root, tree, machine) if root is not None else None,
        )
        for root in sorted(roots, key=str)
    }


def _of_project(
    root: PurePosixPath | None, project: Project, tree: WorkTree, machine: Machine, *, runs: bool
) -> Iterator[Problem]:
    stages = [stage for file in project.declared for stage in file.stages]
    by_path = {file.path: file for file in project.declared}
    for file in project.data:
        yield from check_data_file(file)
    for lock in project.locks.values():
        own = by_path.get(lock.definition)
        yield from check_lock(lock, own, tree, runs=runs)
        yield from check_line_ends(lock, locked_paths(lock, own.stages if own else ()), tree)
    made = _made(project)
    yield from check_outputs([*stages, *project.data], tree, runs=runs)
    yield from check_cycles(stages)
    yield from check_parameters(stages, tree)
    yield from check_commands(stages, made, tree, machine)
    yield from check_dependencies(stages, _supply(project, made, tree), tree, runs=runs)
    if root is not None:
        yield from check_temporary(root, tree)
    # Without its configuration DVC opens nothing here; a mere warning breaks nothing, see _told.
    for problem in project.settings.problems if project.settings else ():
        yield replace(problem, breaks=tuple(by_path))


def _made(project: Project) -> Made:
    """All outputs; of a dvc.yaml that can't be read, those that its lock knows."""
    declared = [out for file in project.declared for stage in file.stages for out in stage.outs]
    lost = [file.path.with_name("dvc.lock") for file in project.declared if isinstance(file.source, Finding)]
    locked = [
        Reference(text=str(entry.path), path=entry.path)
        for path in lost if path in project.locks
        for entry in locked_paths(project.locks[path], ()) if entry.output
    ]  # fmt: skip
    return made_by([*declared, *locked])


def _supply(project: Project, made: Made, tree: WorkTree) -> Supply:
    cache = project.settings.cache if project.settings else None
    return Supply(
        made=made, data={out.path: file for file in project.data for out in file.outs if out.path is not None},
        # A cache outside of the repository is DVC's to look into.
        cached=frozenset(path for file in project.data for path in file.digests) if cache is None
        else cached_data(project.data, tree, cache),
        no_remote=project.settings.no_remote if project.settings else "",
        cure=project.settings.cure if project.settings else "",
    )  # fmt: skip


def _told(tree: WorkTree, declared: Sequence[Declared], problems: Sequence[Problem]) -> Preflight:
    errors = [problem for problem in problems if problem.finding.severity is Severity.ERROR]
    broken = {path for problem in errors for path in problem.breaks}
    blocked: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        for address in problem.blocks:
            blocked[address].append(f"{problem.finding.what}: {problem.finding.found}")
    definitions = [Definition(path=file.path, dvc_root=file.root, sound=file.path not in broken) for file in declared]
    definitions += [
        Definition(path=path, dvc_root=tree.dvc_root(path), sound=False)
        for path in sorted(tree.hidden) if path.name == "dvc.yaml"
    ]  # fmt: skip
    return Preflight(
        findings=_each_once(problem.finding for problem in problems), definitions=tuple(definitions),
        blocked={shown(address): "; ".join(dict.fromkeys(why)) for address, why in blocked.items()},
    )  # fmt: skip


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(finding.id, finding.found, str(finding.place)): finding for finding in findings}.values())
