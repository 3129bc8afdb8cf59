"""Where an artifact of a run came from, and what was made from it: the deps and outs of that run's stages. Pure."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.metadata.comparison import is_tracked
from mlops_ci.metadata.run_record import Artifact, RunRecord, StageRun

Ends = Callable[[StageRun], tuple[Artifact, ...]]
End = tuple[StageRun, Artifact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Stages by what they read, or by what they write. at: by that very path; below: by each folder above it."""

    at: Mapping[str, tuple[End, ...]]
    below: Mapping[str, tuple[End, ...]]

    def meeting(self, path: str) -> Iterator[End]:
        """Those at the path, around it, then in it."""
        for one in (path, *map(str, PurePosixPath(path).parents)):
            yield from self.at.get(one, ())
        yield from self.below.get(path, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """artifact: what it is about. before, after: stages up and down the stream, the nearest first.

    writers, readings: what those stages write and read, by its path.
    """

    artifact: Artifact
    before: tuple[StageRun, ...]
    after: tuple[StageRun, ...]
    writers: Ended
    readings: Ended

    @property
    def stages(self) -> tuple[StageRun, ...]:
        """All of them, each once: from the farthest up the stream to the farthest down."""
        return _once((*reversed(self.before), *self.after))

    def makers(self, artifact: Artifact) -> tuple[StageRun, ...]:
        """The stages that made what is at its path, in it, or around it."""
        return _once(stage for stage, _ in self.writers.meeting(artifact.path))

    def parts(self, artifact: Artifact) -> tuple[Artifact, ...]:
        """The outputs at another path that it consists of, or that it is a part of."""
        return tuple(out for _, out in self.writers.meeting(artifact.path) if out.path != artifact.path)

    def readers(self, artifact: Artifact) -> tuple[StageRun, ...]:
        """The stages that read it, or a part of it."""
        return _once(stage for stage, _ in self.readings.meeting(artifact.path))


def artifact_at(run: RunRecord, path: PurePosixPath) -> Artifact | None:
    """What a run has at a path: that very artifact, else the folder that holds it."""
    return next(filter(None, (run.artifact(one) for one in (path, *path.parents))), None)


def lineage_of(run: RunRecord, artifact: Artifact) -> Lineage:
    """Up and down the stream from an artifact of this run."""
    before = tuple(_walk(artifact, _ended(run.stages, _outs), _deps))
    after = tuple(_walk(artifact, _ended(run.stages, _deps), _outs))
    stages = _once((*before, *after))
    return Lineage(
        artifact=artifact, before=before, after=after, writers=_ended(stages, _outs), readings=_ended(after, _deps)
    )


def has_digest(run: RunRecord, digest: str, *, whole: bool = True) -> Artifact | None:
    """The artifact of a run that has a digest; whole: False where only its beginning is known."""
    same = (one for one in run.artifacts if one.digest == digest or (not whole and one.digest.startswith(digest)))
    return next(same, None)


def source_of(artifact: Artifact) -> str:
    """What is said of an artifact that no stage made."""
    return f"tracked by {artifact.stage}" if is_tracked(artifact.stage) else "was there"


def _walk(artifact: Artifact, near: Ended, far: Ends) -> Iterator[StageRun]:
    """Breadth first: the stages whose near ends meet the artifact, then those that meet the far ends of these."""
    paths, seen = deque([artifact.path]), set[str]()
    while paths:
        for stage, _ in near.meeting(paths.popleft()):
            if stage.name not in seen:
                seen.add(stage.name)
                paths += [one.path for one in far(stage)]
                yield stage


def _ended(stages: Iterable[StageRun], ends: Ends) -> Ended:
    at: dict[str, list[End]] = {}
    below: dict[str, list[End]] = {}
    for stage in stages:
        for one in ends(stage):
            at.setdefault(one.path, []).append((stage, one))
            for folder in PurePosixPath(one.path).parents:
                below.setdefault(str(folder), []).append((stage, one))
    return Ended(at=_frozen(at), below=_frozen(below))


def _frozen(found: Mapping[str, list[End]]) -> Mapping[str, tuple[End, ...]]:
    return {path: tuple(ends) for path, ends in found.items()}


def _once(stages: Iterable[StageRun]) -> tuple[StageRun, ...]:
    return tuple({stage.name: stage for stage in stages}.values())


def _deps(stage: StageRun) -> tuple[Artifact, ...]:
    return stage.deps


def _outs(stage: StageRun) -> tuple[Artifact, ...]:
    return stage.outs
