"""Datasets while pipelines run: judged as soon as they exist, and a veto for what would read a bad one."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.run import Veto
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.values import Output, Stage, StageResult, StageState

_DONE = (StageState.RAN, StageState.CACHED)
# An engine that is not installed is no reason to stop a pipeline; bad data is.
_STOPS = (ExitCode.FAIL, ExitCode.USAGE, ExitCode.INTEGRITY)


class Watch:
    """Told of every stage before and after it runs."""

    def __init__(self, workshop: Workshop, graph: Graph, keepers: Mapping[str, DvcRepository]) -> None:
        self._workshop = workshop
        self._keepers = keepers
        datasets = workshop.ground.config.datasets
        self._paths = {name: dataset.path for name, dataset in datasets.items() if dataset.suites}
        self._waiting = {
            name: {stage.address for stage in graph.producers(path) if stage.command}
            for name, path in self._paths.items()
        }
        self._readers = {name: _readers(graph, path) for name, path in self._paths.items()}

    def begin(self) -> None:
        """Begin with the datasets that no stage makes."""
        for name, path in self._paths.items():
            if not self._waiting[name] and (self._workshop.world.root / path).exists():
                self._workshop.suites.begin(name)

    def ready(self, stage: Stage) -> bool:
        """Whether the verdicts on what the stage reads are known."""
        if any(self._waiting.values()):
            self._workshop.suites.warm()
        read = [name for name, readers in self._readers.items() if stage.address in readers]
        known = [self._workshop.suites.is_ready(name) for name in read]  # a list, so that each of them is begun
        return all(known)

    def before(self, stage: Stage) -> Veto | None:
        """Whether bad data forbids a stage. Waits for the verdicts on what the stage reads."""
        for name, readers in self._readers.items():
            if stage.address in readers and self._workshop.suites.result(name).exit in _STOPS:
                return Veto(why=f"dataset {name} did not pass its suites")
        return None

    def after(self, stage: Stage, result: StageResult) -> None:
        """Begin with the datasets that are complete now."""
        if result.state not in _DONE:
            return
        for name, waiting in self._waiting.items():
            if stage.address in waiting:
                waiting.discard(stage.address)
                if not waiting:
                    self._workshop.suites.begin(name, self._digest(name, stage))

    def _digest(self, name: str, last: Stage) -> Digest | None:
        stages = self._keepers[last.address].stages()
        outs = [out for one in stages for out in one.outs]
        return digest_of_dataset(self._workshop.world.root, self._paths[name], outs)


def digest_of_dataset(root: Path, path: PurePosixPath, outs: Sequence[Output]) -> Digest | None:
    """What DVC knows of the bytes at `path`; None where it does not know all of them.

    outs: outputs whose digests are those of what lies in the work tree.
    """
    exact = next((out for out in outs if out.path == path), None)
    if exact is not None:
        return exact.locked
    parts = {out.path: out.locked for out in outs if out.path.is_relative_to(path)}
    if not parts or None in parts.values() or _listed(root, path) - set(parts):
        return None  # a file that DVC does not know is judged too
    return digest_of_json({str(part): str(digest) for part, digest in parts.items()})


def _listed(root: Path, path: PurePosixPath) -> set[PurePosixPath]:
    folder = root / path
    files = folder.iterdir() if folder.is_dir() else ()
    return {PurePosixPath(file.relative_to(root).as_posix()) for file in files}


def _readers(graph: Graph, path: PurePosixPath) -> frozenset[str]:
    return frozenset(
        stage.address
        for stage in graph.order
        for dep in stage.deps
        if dep.path is not None and (dep.path.is_relative_to(path) or path.is_relative_to(dep.path))
    )
