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
        self._elsewhere: dict[str, Stage] = {}  # complete, but not here; and the stage that completed it
        self._readers = {name: _readers(graph, path) for name, path in self._paths.items()}

    def begin(self) -> None:
        """Begin with the datasets that no stage makes."""
        for name, path in self._paths.items():
            if not self._waiting[name] and (self._workshop.world.root / path).exists():
                self._workshop.suites.begin(name)

    def ready(self, stage: Stage) -> bool:
        """Whether the verdicts on what the stage reads are known. Brings a dataset that is not here."""
        if any(self._waiting.values()):
            self._workshop.suites.warm()
        read = [name for name, readers in self._readers.items() if stage.address in readers]
        for name in read:
            if name in self._elsewhere:
                self._begin(name, self._elsewhere.pop(name))
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
                if not waiting and absent(self._workshop, self._outs(name, stage)):
                    self._elsewhere[name] = stage
                elif not waiting:
                    self._begin(name, stage)

    def _begin(self, name: str, last: Stage) -> None:
        begin_suites(self._workshop, name, self._outs(name, last), self._keepers[last.address])

    def _outs(self, name: str, last: Stage) -> tuple[Output, ...]:
        outs = (out for one in self._keepers[last.address].stages() for out in one.outs)
        path = self._paths[name]
        return tuple(one for one in outs if one.path.is_relative_to(path) or path.is_relative_to(one.path))


def begin_suites(workshop: Workshop, name: str, outs: Sequence[Output], keeper: DvcRepository | None) -> None:
    """Begin with a dataset; where its bytes are not here and the verdict on them is not known, fetch them.

    outs: outputs that hold the dataset, with the digests of what lies here or would. keeper: who can fetch them.
    """

    def bring() -> None:
        wanted = absent(workshop, outs)
        if wanted and keeper is not None:
            keeper.pull(wanted)

    path = workshop.ground.config.datasets[name].path
    workshop.suites.begin(name, digest_of_dataset(workshop.world.root, path, outs), bring)


def absent(workshop: Workshop, outs: Sequence[Output]) -> list[PurePosixPath]:
    """Those that are not in the work tree."""
    return [out.path for out in outs if not (workshop.world.root / out.path).exists()]


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
