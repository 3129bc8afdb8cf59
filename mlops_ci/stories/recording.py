"""What a run was, gathered while its values are at hand: the draft of its record, in `.mlops-ci/report/run.json`.

Recording it, now or by a later `mlops-ci run record`, adds what only reading files tells, and checks that the work tree
still is the one that was run.
"""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from pathlib import PurePosixPath

from mlops_ci.config.event import EventFacts
from mlops_ci.core.digests import digest_of_bytes, digest_of_json
from mlops_ci.core.findings import Evidence
from mlops_ci.errors import UsageError
from mlops_ci.metadata.run_record import (
    Artifact,
    GateRun,
    Host,
    Interpreter,
    MetricValue,
    RunRecord,
    Source,
    StageRun,
    SuiteRun,
    ToolUsed,
    Trigger,
)
from mlops_ci.metadata.timings import command_digest
from mlops_ci.pipelines.graph import Graph
from mlops_ci.report.contract import Report
from mlops_ci.stories.ground import LOCK
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.values import Dependency, Output, Stage
from mlops_ci.tools.files import digest_of_file
from mlops_ci.tools.git_snapshot import Snapshot

_MOST_BYTES = 1024 * 1024


def draft_of(
    report: Report, command: str, workshop: Workshop, pipelines: Pipelines, tree: Snapshot
) -> RunRecord | None:
    """The draft of a run's record; None before the first commit, since a run is a run of a commit.

    tree: the work tree as it was before anything was run.
    """
    if report.head.commit is None:
        return None
    world = workshop.world
    produced = frozenset(_produced(pipelines))
    return RunRecord(
        tool=ToolUsed(name=report.tool.name, version=report.tool.version),
        command=command,
        verdict=str(report.verdict),
        exit=int(report.exit),
        started=report.started.replace(microsecond=0),
        seconds=report.seconds,
        trigger=trigger_of(world.environ, world.event),
        source=Source(
            commit=report.head.commit, branch=report.head.branch, diff=diff_of(world, tree.modified() - produced)
        ),
        host=_host(world),
        package=world.package,
        interpreters=tuple(_interpreters(workshop, pipelines)),
        stages=tuple(_stage(stage, pipelines, world) for stage in pipelines.graph.order if stage.command),
        artifacts=tuple(_artifacts(pipelines.graph, world)),
        files={str(path): str(digest_of_file(world.root / path)) for path in sorted(produced) if _is_text(world, path)},
        metrics=_metrics(report),
        signatures=workshop.signatures,
        gates=_gates(report),
        suites=tuple(
            SuiteRun(dataset=one.name, verdict=str(one.verdict), rows=one.rows, expectations=one.expectations)
            for one in report.datasets
        ),
    )


def _metrics(report: Report) -> tuple[MetricValue, ...]:
    return tuple(
        MetricValue(
            model=one.model, name=one.name, slice=one.slice, value=one.candidate, base=one.base,
            better=str(one.better) if one.better else None,
        )
        for one in report.metrics
    )  # fmt: skip


def _gates(report: Report) -> tuple[GateRun, ...]:
    return tuple(
        GateRun(
            model=one.model, gate=one.gate, verdict=str(one.verdict), words=one.words, blocks=one.blocks,
            judged=one.judged, numbers=_numbers(one.numbers), evidence=str(one.evidence) if one.evidence else None,
        )
        for one in report.gates
    )  # fmt: skip


def _numbers(evidence: Evidence) -> Mapping[str, float]:
    return {
        name: float(value)
        for name, value in evidence.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    }


def diff_of(world: World, paths: Iterable[PurePosixPath]) -> str | None:
    """One digest of tracked files that differ from the commit, as they lie here; None where none does.

    What git ignores is left out: DVC writes a stage's outputs into .gitignore files when it runs it.
    """
    found = {str(path): _content(world, path) for path in sorted(paths) if path.name != ".gitignore"}
    return str(digest_of_json(found)) if found else None


def trigger_of(environ: Mapping[str, str], event: EventFacts | None) -> Trigger:
    """What started this, by what the runner says."""
    if not environ.get("GITHUB_ACTIONS"):
        return Trigger(kind="laptop")
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    number = environ.get("GITHUB_RUN_ID", "")
    return Trigger(
        kind=(event.name if event else "") or environ.get("GITHUB_EVENT_NAME") or "ci",
        actor=environ.get("GITHUB_ACTOR", ""),
        ref=environ.get("GITHUB_REF", ""),
        url=f"{server}/{repository}/actions/runs/{number}" if server and repository and number else "",
        attempt=environ.get("GITHUB_RUN_ATTEMPT", ""),
    )


def _produced(pipelines: Pipelines) -> Iterator[PurePosixPath]:
    """Text files that runs write: the locks, and declared metrics."""
    yield from {stage.definition.with_name(LOCK) for stage in pipelines.graph.order if stage.command}
    yield from pipelines.metrics_files()


def _content(world: World, path: PurePosixPath) -> str | None:
    file = world.root / path
    if file.is_symlink():
        return str(digest_of_bytes(os.fsencode(os.readlink(file))))  # noqa: PTH115 - the text, not a path
    return str(digest_of_file(file)) if file.is_file() else world.repository.submodule(path)


def _is_text(world: World, path: PurePosixPath) -> bool:
    """Whether a file goes into the run's commit: every dvc.lock, and metrics that are no data in disguise."""
    return _is_file(world, path) and (path.name == LOCK or (world.root / path).stat().st_size <= _MOST_BYTES)


def _is_file(world: World, path: PurePosixPath) -> bool:
    return (world.root / path).is_file() and not (world.root / path).is_symlink()


def _host(world: World) -> Host:
    kind = "laptop"
    if world.environ.get("GITHUB_ACTIONS"):
        kind = world.environ.get("RUNNER_ENVIRONMENT") or "self-hosted"
    return Host(kind=kind, system=platform.system(), machine=platform.machine(), cpus=world.machine.cpus)


def _interpreters(workshop: Workshop, pipelines: Pipelines) -> Iterator[Interpreter]:
    made = {one.lock: one.version for one in workshop.runtimes_used}
    for folder in sorted({stage.definition.parent for stage in pipelines.graph.order if stage.command}):
        try:
            found = workshop.found_runtime(folder)
        except UsageError:
            continue
        lock = found.lock
        digest = digest_of_file(workshop.world.root / lock) if lock and _is_file(workshop.world, lock) else None
        yield Interpreter(
            folder=str(folder), python=made.get(lock, found.version or ""), lock=str(lock) if lock else None,
            lock_digest=str(digest) if digest else None,
        )  # fmt: skip


def _stage(stage: Stage, pipelines: Pipelines, world: World) -> StageRun:
    result = pipelines.results.get(stage.address)
    return StageRun(
        name=stage.address,
        state=str(result.state) if result else "not looked at",
        why=result.why if result else "",
        command=f"sha256:{command_digest(stage.command)}",
        began=result.began if result else None,
        seconds=result.seconds if result else 0.0,
        exit=result.exit if result else None,
        cpu=result.cpu if result else None,
        memory=result.memory if result else None,
        deps=tuple(one for dep in stage.deps if (one := _read(dep, pipelines.graph, world))),
        outs=tuple(one for out in stage.outs if (one := _made(out, stage))),
    )


def _artifacts(graph: Graph, world: World) -> Iterator[Artifact]:
    """What the run has: all outputs, and what stages read that nobody makes."""
    found: dict[str, Artifact] = {}
    for stage in graph.order:
        for one in filter(None, (_made(out, stage) for out in stage.outs)):
            found[one.path] = one
    for stage in graph.order:
        for one in filter(None, (_read(dep, graph, world) for dep in stage.deps)):
            if one.stage is None:
                found.setdefault(one.path, one)
    yield from (found[path] for path in sorted(found))


def _made(out: Output, stage: Stage) -> Artifact | None:
    if out.locked is None:
        return None
    return Artifact(path=str(out.path), digest=str(out.locked), size=out.size, stage=stage.address)


def _read(dep: Dependency, graph: Graph, world: World) -> Artifact | None:
    if dep.locked is None or dep.path is None:
        return None
    maker = next((stage.address for stage in graph.producers(dep.path)), None)
    size = (world.root / dep.path).stat().st_size if maker is None and _is_file(world, dep.path) else None
    return Artifact(path=str(dep.path), digest=str(dep.locked), size=size, stage=maker)
