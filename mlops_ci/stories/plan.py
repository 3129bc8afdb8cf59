"""`pipeline plan`: what would run and why, for the pipelines of a repository. Nothing is run."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode, worst_exit
from mlops_ci.errors import UsageError
from mlops_ci.metadata.timings import expected
from mlops_ci.pipelines.graph import Graph, graph_of
from mlops_ci.pipelines.plan import make_plan
from mlops_ci.pipelines.planned import Plan, merged
from mlops_ci.pipelines.targets import stages_of
from mlops_ci.tools.dvc.facts import Looks
from mlops_ci.tools.dvc.folders import dvc_folders
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.processes import Processes

_Owned = Mapping[PurePosixPath | None, tuple[PurePosixPath, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A plan, and what stands in its way.

    origin: the URL that was asked for; empty: this repository. about: what is to be said of it, line by line.
    """

    plan: Plan
    findings: tuple[Finding, ...] = ()
    origin: str = ""
    about: tuple[str, ...] = ()

    @property
    def exit(self) -> ExitCode:
        """0 where all files could be read, also if stages can't run: the plan says so."""
        return worst_exit(finding.exit for finding in self.findings)


def plan_pipelines(root: Path, *, processes: Processes, targets: Sequence[str] = (), pull: bool = True) -> Drawn:
    """The plan for a git repository's stages, or those that `targets` name and what they depend on.

    pull: whether for a run that takes from the remote what it can, see `make_plan`.
    Raises UsageError where there is no pipeline, for targets that are none, and where DVC refuses the repository.
    """
    owned = dvc_folders(root, processes)
    logs = own_folder(root) / "logs"
    with ExitStack() as held:
        repositories = [
            held.enter_context(DvcRepository(root, root / folder, log=logs / log_name(folder)))
            for folder in owned if folder is not None
        ]  # fmt: skip
        for repository in repositories:
            repository.start()
        return drawn(owned, repositories, targets, seconds=expected(own_folder(root) / "timings.jsonl"), pull=pull)


def drawn(
    owned: _Owned, repositories: Sequence[DvcRepository], targets: Sequence[str], *, seconds: Mapping[str, float],
    apart: bool = False, pull: bool = True,
) -> Drawn:  # fmt: skip
    """The plan of opened repositories. apart: no remote, and nothing outside of the repository, is looked at."""
    homeless = owned.get(None, ())
    if not repositories:
        raise _nothing(homeless)
    graphs = {repository: graph_of(repository.stages()) for repository in repositories}
    named = set(stages_of(targets, graph_of(stage for graph in graphs.values() for stage in graph.order)))
    looks = Looks(ask=not apart, outside=not apart)
    plans = [
        make_plan(graph, repository, wanted=_own(named, graph), seconds=seconds, looks=looks, pull=pull)
        for repository, graph in graphs.items() if not named or _own(named, graph)
    ]  # fmt: skip
    broken = {path: said for repository in repositories for path, said in repository.broken().items()}
    return Drawn(plan=merged(plans), findings=(*_broken(broken, repositories[0].git_root), *map(_homeless, homeless)))


def _own(named: set[str], graph: Graph) -> tuple[str, ...] | None:
    """Those of the named stages that are in this graph; None where all are wanted."""
    return tuple(address for address in graph.stages if address in named) if named else None


def _broken(broken: Mapping[PurePosixPath, str], root: Path) -> Iterable[Finding]:
    for path, said in broken.items():
        yield Finding(
            code="MC-PLAN-002", subject=str(path), what="DVC can't use this file, so its stages are not in the plan",
            exit=ExitCode.USAGE, place=Place(path=path), found=said.replace(f"{root}/", ""),
            expected="a file that DVC reads", do="mend what is named here",
        )  # fmt: skip


def _homeless(path: PurePosixPath) -> Finding:
    return Finding(
        code="MC-PLAN-003", subject=str(path), what="it belongs to no DVC repository, so it is not in the plan",
        exit=ExitCode.USAGE, place=Place(path=path), found="no .dvc in its folder or above",
        expected="a folder that `dvc init` has made one", do="run `dvc init`, in a subfolder `dvc init --subdir`",
    )  # fmt: skip


def _nothing(homeless: Sequence[PurePosixPath]) -> UsageError:
    if homeless:
        return UsageError([_homeless(path) for path in homeless])
    return UsageError.at(
        "MC-PLAN-004", "pipeline", "there is no pipeline here", found="no dvc.yaml and no .dvc file",
        expected="a dvc.yaml that git does not ignore", do="declare a pipeline: `dvc init`, then `dvc stage add`",
    )  # fmt: skip
