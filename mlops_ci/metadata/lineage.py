"""Where an artifact of a run came from, and what was made from it: the deps and outs of that run's stages. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.metadata.comparison import is_tracked
from mlops_ci.metadata.run_record import Artifact, RunRecord, StageRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """artifact: what it is about. before, after: stages up and down the stream, the nearest first.

    maker: the stage that made it, or the .dvc file that tracks it; None: it was there.
    """

    artifact: Artifact
    maker: str | None
    before: tuple[StageRun, ...]
    after: tuple[StageRun, ...]

    @property
    def stages(self) -> tuple[StageRun, ...]:
        """All of them, each once, as the run's record orders them around the artifact."""
        return tuple(dict.fromkeys((*reversed(self.before), *self.after)))

    def makers(self, artifact: Artifact) -> tuple[StageRun, ...]:
        """The stages that made what is at its path, in it, or around it."""
        return tuple(one for one in self.stages if _meets(one.outs, artifact.path))

    def parts(self, artifact: Artifact) -> tuple[Artifact, ...]:
        """The outputs at another path that it consists of, or that it is a part of."""
        outs = (out for stage in self.stages for out in stage.outs)
        return tuple(out for out in outs if out.path != artifact.path and _meets((out,), artifact.path))

    def readers(self, artifact: Artifact) -> tuple[StageRun, ...]:
        """The stages after it that read it, or a part of it."""
        return tuple(one for one in self.after if _meets(one.deps, artifact.path))


def artifact_at(run: RunRecord, path: PurePosixPath) -> Artifact | None:
    """What a run has at a path: that very artifact, else the folder that holds it."""
    return next(filter(None, (run.artifact(one) for one in (path, *path.parents))), None)


def lineage_of(run: RunRecord, artifact: Artifact) -> Lineage:
    """Up and down the stream from an artifact of this run."""
    return Lineage(
        artifact=artifact,
        maker=artifact.stage,
        before=tuple(_walk(run, artifact, lambda stage: stage.outs, lambda stage: stage.deps)),
        after=tuple(_walk(run, artifact, lambda stage: stage.deps, lambda stage: stage.outs)),
    )


def has_digest(run: RunRecord, digest: str, *, whole: bool = True) -> Artifact | None:
    """The artifact of a run that has a digest; whole: False where only its beginning is known."""
    return next(
        (one for one in run.artifacts if one.digest == digest or (not whole and one.digest.startswith(digest))), None
    )


def source_of(artifact: Artifact) -> str:
    """What is said of an artifact that no stage made."""
    return f"tracked by {artifact.stage}" if is_tracked(artifact.stage) else "was there"


Ends = Callable[[StageRun], tuple[Artifact, ...]]


def _walk(run: RunRecord, artifact: Artifact, near: Ends, far: Ends) -> Iterator[StageRun]:
    """Stages breadth first: those that meet the artifact by their near ends, then those that meet their far ends."""
    paths, seen = [artifact.path], set[str]()
    while paths:
        path = paths.pop(0)
        for stage in run.stages:
            if stage.name not in seen and _meets(near(stage), path):
                seen.add(stage.name)
                paths += [one.path for one in far(stage)]
                yield stage


def _meets(artifacts: tuple[Artifact, ...], path: str) -> bool:
    """Whether one of them is at the path, in it, or around it."""
    one = PurePosixPath(path)
    others = (PurePosixPath(other.path) for other in artifacts)
    return any(one.is_relative_to(other) or other.is_relative_to(one) for other in others)
