"""What is said of artifacts that are not where they should be, or not what they should be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from mlops_ci.core.findings import Evidence, Finding, Place, note
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError
from mlops_ci.pipelines.verify import in_folder
from mlops_ci.tools.dvc.artifacts import Artifact, Bad, Presence, Wrong

_MOST_LISTED = 10


def unreadable(path: PurePosixPath, said: str) -> Finding:
    """DVC can't read a dvc.yaml, dvc.lock or .dvc file."""
    return Finding(
        code="MC-ART-004", subject=str(path), what="DVC can't read this file, so what it names is not known",
        exit=ExitCode.USAGE, place=Place(path=path), found=said, expected="a file as DVC writes it",
        do=f"`git diff -- {quoted(path)}` shows what changed; `git checkout -- {quoted(path)}` brings it back",
    )  # fmt: skip


def need_remote(folder: PurePosixPath, there: Mapping[PurePosixPath, Presence]) -> None:
    """Raises UsageError where an output has no remote to be in."""
    path = next((path for path, one in there.items() if not one.configured), None)
    if path is not None:
        raise UsageError.at(
            "MC-ART-002", "dvc" if folder == PurePosixPath() else str(folder), "no default remote is configured",
            found=f"nothing that could hold {shown(path)}", expected="a remote that everybody shares",
            do=f"`{in_folder(folder, 'dvc remote add --default NAME URL')}`, then commit .dvc/config",
        )  # fmt: skip


def left_out(known: Iterable[Artifact]) -> Iterator[Finding]:
    """What no remote is to have, and what was never made."""
    for one in known:
        if one.digest is None:
            yield note(
                "MC-ART-007", str(one.path), "it was not made yet, so there is nothing to look for", do=one.stage
            )
        elif one.why_not:
            yield note("MC-ART-008", str(one.path), "no remote of this repository is to have it", found=one.why_not)


def unasked(left: Sequence[Artifact]) -> Iterator[Finding]:
    """What was not asked for, since the remote does not answer."""
    if left:
        listed = [shown(str(one.path)) for one in left[:_MOST_LISTED]]
        more = f"\nand {len(left) - len(listed)} more" if len(left) > len(listed) else ""
        yield Finding(
            code="MC-ART-012", subject="dvc", what=f"{len(left)} more were not asked for: the remote does not answer",
            exit=ExitCode.SERVICE, found="\n".join(listed) + more, expected="a remote that answers",
            do="run this again when it does: what was brought stays",
        )  # fmt: skip


def absent(known: Iterable[Artifact], there: Mapping[PurePosixPath, Presence]) -> Iterator[Bad]:
    """What is wrong by existence alone, and a listing that is none."""
    for one in known:
        presence = there.get(one.path)
        if presence is None or one.digest is None:
            continue
        for path, digest in presence.absent:
            yield Bad(path=path, stage=one.stage, digest=digest, wrong=Wrong.ABSENT)
        if presence.corrupt:
            yield Bad(path=str(one.path), stage=one.stage, digest=one.digest, wrong=Wrong.CORRUPT)


def told(bad: Iterable[Bad], *, nowhere: bool = False) -> Iterator[Finding]:
    """One finding a stage and kind: objects by path and digest."""
    grouped: dict[tuple[str, Wrong], list[Bad]] = {}
    for one in bad:
        grouped.setdefault((one.stage, one.wrong), []).append(one)
    for (stage, wrong), some in grouped.items():
        listed = [f"{shown(one.path)} ({one.digest})" for one in some[:_MOST_LISTED]]
        more = f"\nand {len(some) - len(listed)} more" if len(some) > len(listed) else ""
        found, evidence = "\n".join(listed) + more, {"digests": tuple(str(one.digest) for one in some)}
        if wrong is Wrong.ABSENT:
            where = "neither the remote nor the cache has" if nowhere else "the remote lacks"
            yield Finding(
                code="MC-ART-010", subject=stage, what=f"{where} {len(some)} of its objects", found=found,
                expected="every digest in the remote", evidence=evidence,
                do="run `mlops-ci artifact push` on the machine that has them",
            )  # fmt: skip
        else:
            yield _corrupt(stage, some, found, evidence)


def _corrupt(stage: str, some: Sequence[Bad], found: str, evidence: Evidence) -> Finding:
    file = some[0].file
    where, do = "the remote has", "remove them there, then `mlops-ci artifact push` from a machine that has them whole"
    if file:
        where = "the cache has"
        do = f"remove that file of the cache, then `mlops-ci artifact pull`, or run the stage again: {shown(file)}"
    return Finding(
        code="MC-ART-011", subject=stage, what=f"{where} {len(some)} of its objects with other bytes than their digest",
        exit=ExitCode.INTEGRITY, found=found, expected="bytes that have the recorded digest", do=do,
        evidence=evidence,
    )  # fmt: skip
