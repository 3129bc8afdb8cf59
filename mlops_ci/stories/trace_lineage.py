"""`run lineage`: what made an artifact, from what, what was made from it, and who else has the same bytes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Json
from mlops_ci.core.paths import joined, shown
from mlops_ci.core.versions import Version
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.lineage import Lineage, artifact_at, has_digest, lineage_of
from mlops_ci.metadata.run_record import Artifact, RunRecord, StageRun
from mlops_ci.metadata.runs import Named, Run, RunStore
from mlops_ci.models.model_record import ModelRecord
from mlops_ci.stories.registry import known_version, open_registry
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.work_tree import root_of

MOST_RUNS = 1000  # read to find an artifact, and others that have its bytes
_PORTION = 100
_DIGEST = re.compile(r"(?:(?:md5|sha256):[0-9a-f]{4,64}|[0-9a-f]{8,64})(?:\.dir)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """others: names of other runs that have the same bytes, the newest first; looked: how many runs were looked at.

    more: whether there are runs that were not. models: versions of models that are these bytes.
    """

    run: Run
    lineage: Lineage
    others: tuple[str, ...]
    models: tuple[str, ...]
    looked: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is asked for: a path, or a digest (its beginning where it is not `whole`)."""

    path: PurePosixPath | None = None
    digest: str | None = None
    whole: bool = True

    def of(self, run: RunRecord) -> Artifact | None:
        """What a run has of it."""
        if self.digest is not None:
            there = run.artifact(self.path) if self.path is not None else None
            same = there is not None and there.digest == self.digest
            return there if same else has_digest(run, self.digest, whole=self.whole)
        return artifact_at(run, self.path) if self.path is not None else None


def traced(directory: Path, text: str, *, run: str | None, local: bool) -> Traced:
    """Trace a path from the root, a digest or `name@v1.2.3`, in a run: by default the newest that has it.

    A version is traced in the run that it was registered from. Raises UsageError, IntegrityError, ServiceError.
    """
    root = root_of(directory)
    store = run_store(root, remote=not local)
    version = _version(text)
    record = known_version(root, text).record if version and not local else None
    wanted = _wanted(text, record)
    names = tuple(store.names().values())
    runs = tuple(_read(store, names[:MOST_RUNS]))
    named = run or (record.run if record is not None else None)
    chosen = store.one(named) if named is not None else _newest(runs, wanted, text)
    artifact = wanted.of(chosen.record)
    if artifact is None:
        raise _unknown(text, chosen.record)
    same = [one.id for one in runs if one.id != chosen.id and has_digest(one.record, artifact.digest)]
    return Traced(
        run=chosen, lineage=lineage_of(chosen.record, artifact), others=tuple(same), looked=len(runs),
        models=tuple(_models(root, store, artifact.digest)), more=len(names) > MOST_RUNS,
    )  # fmt: skip


def traced_json(found: Traced) -> Json:
    """For programs."""
    return {
        "artifact": _artifact(found.lineage.artifact),
        "run": found.run.id,
        "made-by": found.lineage.artifact.stage,
        "upstream": [_stage(one) for one in found.lineage.before],
        "downstream": [_stage(one) for one in found.lineage.after],
        "same-bytes": {"runs": list(found.others), "models": list(found.models)},
        "runs-looked-at": found.looked,
        "more": found.more,
    }


def _stage(stage: StageRun) -> Json:
    return {
        "stage": stage.name, "state": stage.state, "command": stage.command,
        "deps": [_artifact(one) for one in stage.deps], "outs": [_artifact(one) for one in stage.outs],
    }  # fmt: skip


def _artifact(one: Artifact) -> Json:
    return {"path": one.path, "digest": one.digest, "size": one.size, "stage": one.stage}


def _version(text: str) -> Version | None:
    name, at, number = text.rpartition("@")
    return Version.parse(number) if at and name and "/" not in name else None


def _wanted(text: str, record: ModelRecord | None) -> _Wanted:
    if record is not None:
        return _Wanted(path=PurePosixPath(record.path), digest=record.digest)
    if _DIGEST.fullmatch(text):
        return _Wanted(digest=text if ":" in text else f"md5:{text}", whole=False)
    path = joined(PurePosixPath(), text)
    if not text or path is None or path == PurePosixPath():
        raise UsageError.at(
            "MC-RUN-030", shown(text) or "artifact", "this names no artifact", found=shown(text) or "nothing",
            expected="a path from the repository's root, a digest like md5:0123abcd, or a version like name@v1.2.3",
            do="`mlops-ci run show RUN` lists the artifacts of a run",
        )  # fmt: skip
    return _Wanted(path=path)


def _read(store: RunStore, names: Sequence[Named]) -> Iterator[Run]:
    """Runs by their names; what is none is passed over, which `run list` tells."""
    for begin in range(0, len(names), _PORTION):
        yield from (one for one in store.read(names[begin : begin + _PORTION]) if isinstance(one, Run))


def _newest(runs: Sequence[Run], wanted: _Wanted, text: str) -> Run:
    found = next((one for one in runs if wanted.of(one.record) is not None), None)
    if found is None:
        raise _unknown(text, runs[0].record if runs else None)
    return found


def _models(root: Path, store: RunStore, digest: str) -> Iterator[str]:
    """Versions that are these bytes. Without a remote there is no registry."""
    if store.remote is None:
        return
    registry = open_registry(root)
    for name, seen in registry.survey().items():
        for one in registry.read(name, sorted(seen.versions), seen):
            if not isinstance(one, MlopsCiError) and one.record.digest == digest:
                yield one.tag.name


def _unknown(text: str, record: RunRecord | None) -> UsageError:
    some = ", ".join(shown(one.path) for one in (record.artifacts if record else ())[:5])
    return UsageError.at(
        "MC-RUN-031", shown(text), "no run that was looked at has this artifact",
        found=f"artifacts like {some}" if some else "no run with artifacts",
        expected="a path from the repository's root, a digest like md5:0123abcd, or a version like name@v1.2.3",
        do="`mlops-ci run show RUN` lists the artifacts of a run; name an older one with --run",
    )  # fmt: skip
