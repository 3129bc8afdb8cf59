"""`artifact ...`: the bytes that dvc.lock and .dvc files name: what is where, sent, brought, and proven."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode, worst_exit
from mlops_ci.errors import MlopsCiError, ServiceError, UsageError
from mlops_ci.report.plan_words import size_words
from mlops_ci.stories.artifact_findings import absent, left_out, need_remote, told, unasked, unreadable
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.artifacts import Artifact, Bad, Here, Presence
from mlops_ci.tools.dvc.folders import dvc_folders
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name

Paths = tuple[PurePosixPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One artifact. remote: None where none is to have it, or could be asked."""

    artifact: Artifact
    remote: Presence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command did, or saw. objects, size: how many were sent, brought or proven, and their bytes.

    rows: the artifacts that it is about. entries: of the run cache, sent.
    """

    rows: tuple[Row, ...] = ()
    objects: int = 0
    size: int = 0
    entries: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def exit(self) -> ExitCode:
        """Integrity before services before usage before what is absent."""
        return worst_exit(one.exit for one in self.findings)


def status(world: World, directory: Path, paths: Sequence[str]) -> Outcome:
    """What is in the work tree, in the cache, in the remote. A remote that can't be asked is a finding."""
    rows: list[Row] = []
    findings: list[Finding] = []
    with _opened(world, directory, paths) as (repositories, wanted):
        for repository in repositories:
            known = _kept(repository, wanted, findings)
            there = _presence(repository, wanted, findings)
            rows += [Row(artifact=one, remote=there.get(one.path)) for one in known]
    return Outcome(rows=tuple(rows), findings=tuple(findings))


def verify(world: World, directory: Path, paths: Sequence[str], *, deep: bool) -> Outcome:
    """Whether remotes have every digest of dvc.lock and .dvc files: exit 1 for absent ones, 5 for corrupt ones.

    deep: read every object back and hash it; else they are only asked for. Raises UsageError where no remote is
    configured, ServiceError where it can't be asked.
    """
    objects, size, findings, bad = 0, 0, list[Finding](), list[Bad]()
    with _opened(world, directory, paths) as (repositories, wanted):
        for repository in repositories:
            known = _kept(repository, wanted, findings)
            there = repository.artifacts.presence(wanted)
            need_remote(repository.folder, there)
            findings += left_out(known)
            if not deep:
                bad += absent(known, there)
                objects += sum(one.objects for one in there.values())
                continue
            for portion in repository.artifacts.proof(wanted):
                objects, size = objects + portion.objects, size + portion.size
                bad += portion.bad
                words = f"read back {objects} objects, {size_words(size)}; {portion.left} left"
                world.progress.look_around(partial(str, words))
    findings += told(bad)
    return Outcome(objects=objects, size=size, findings=tuple(findings))


def push(world: World, directory: Path, paths: Sequence[str], *, dry_run: bool) -> Outcome:
    """Send what remotes lack, and the run cache's entries. All of it is hashed before the first byte is sent.

    An object of the cache with other bytes than its digest says: exit 5, and nothing is sent. What nobody has: exit 1,
    and the rest is sent. A second run sends only what is lacking then. Raises UsageError where no remote is
    configured, ServiceError.
    """
    done = Outcome()
    with _opened(world, directory, paths) as (repositories, wanted):
        for repository in repositories:
            one = _pushed(world, repository, wanted, dry_run=dry_run)
            done = Outcome(
                objects=done.objects + one.objects, size=done.size + one.size, entries=done.entries + one.entries,
                findings=(*done.findings, *one.findings),
            )  # fmt: skip
            if one.exit is ExitCode.INTEGRITY:
                break
    return done


def pull(world: World, directory: Path, paths: Sequence[str], *, dry_run: bool) -> Outcome:
    """Bring what is absent into the work tree, every byte hashed on its way. A file that differs is never overwritten.

    What can't be had is a finding beside the others; the rest is brought. Nothing is written of an artifact with a
    spoiled object, in the cache (left where it lies) or in the remote.
    """
    rows: list[Row] = []
    findings: list[Finding] = []
    with _opened(world, directory, paths) as (repositories, wanted):
        for repository in repositories:
            known = _kept(repository, wanted, findings)
            findings += left_out(one for one in known if one.digest is None)
            lacking = [one for one in known if one.digest and one.here is not Here.SAME]
            answers, left = True, list[Artifact]()
            for place, one in enumerate(lacking):
                if not answers and one.cached < one.objects:
                    left.append(one)
                    continue
                words = f"{place} of {len(lacking)} brought; {one.path}, {size_words(one.size or 0)}"
                world.progress.look_around(partial(str, words))
                try:
                    _bring(world, repository, one, dry_run=dry_run)
                except MlopsCiError as error:
                    findings += error.findings
                    answers = answers and (not isinstance(error, ServiceError) or _answers(repository, one))
                else:
                    rows.append(Row(artifact=one))
            findings += unasked(left)
    size = sum(row.artifact.size or 0 for row in rows)
    return Outcome(rows=tuple(rows), objects=len(rows), size=size, findings=tuple(findings))


def _answers(repository: DvcRepository, one: Artifact) -> bool:
    """Whether a remote that failed once can be asked at all: else each artifact would wait for it as long as this."""
    try:
        repository.artifacts.presence((one.path,))
    except ServiceError:
        return False
    return True


def _pushed(world: World, repository: DvcRepository, wanted: Paths, *, dry_run: bool) -> Outcome:
    findings: list[Finding] = []
    known = _kept(repository, wanted, findings)
    store = repository.artifacts
    if known and not dry_run and not repository.has_remote():
        need_remote(repository.folder, store.presence(wanted))
    plan = store.to_push(wanted)
    findings += [*left_out(known), *told(plan.bad, nowhere=True)]
    if dry_run:
        return Outcome(objects=plan.left, size=plan.size, findings=tuple(findings))
    checked, spoiled = 0, list[Bad]()
    for portion in store.checked():
        checked, spoiled = checked + portion.size, [*spoiled, *portion.bad]
        words = f"hashed {size_words(checked)} of {size_words(plan.size)}"
        world.progress.look_around(partial(str, words))
    if spoiled:
        return Outcome(findings=(*findings, *told(spoiled)))
    objects, size = 0, 0
    for portion in store.sent(plan.left):
        objects, size = objects + portion.objects, size + portion.size
        words = f"sent {objects} of {plan.left} objects, {size_words(size)} of {size_words(plan.size)}"
        world.progress.look_around(partial(str, words))
    entries = store.send_entries(wanted)
    return Outcome(objects=objects, size=size, entries=entries, findings=tuple(findings))


def _bring(world: World, repository: DvcRepository, one: Artifact, *, dry_run: bool) -> None:
    if one.why_not and one.cached < one.objects:
        raise UsageError.at(
            "MC-ART-005", str(one.path), f"no remote of this repository has it: {one.why_not}",
            found="not in the cache", expected="bytes that a remote has",
            do=f"`dvc pull {quoted(one.path)}` may know more",
        )  # fmt: skip
    repository.artifacts.need_whole_cache(one.path)
    other = repository.artifacts.differing(one.path, whole=False) if one.here is Here.OTHER else ""
    if other:
        raise UsageError.at(
            "MC-ART-006", str(one.path), "what lies here differs from the lock, and is not overwritten",
            found=other, expected=str(one.digest),
            do=f"keep it: `dvc commit {quoted(one.path)}`; or remove it, then run this again",
        )  # fmt: skip
    if not dry_run:
        repository.pull([one.path])


@contextmanager
def _opened(world: World, directory: Path, paths: Sequence[str]) -> Iterator[tuple[list[DvcRepository], Paths]]:
    """The DVC repositories that hold any of the paths, and the paths from the git root.

    Raises UsageError where nothing is kept there, or anywhere.
    """
    wanted = tuple(_from_root(world.root, directory, path) for path in paths)
    folders = sorted(one for one in dvc_folders(world.root, world.processes) if one is not None)
    with ExitStack() as held:
        found = []
        for folder in folders:
            log = world.own / "logs" / log_name(folder)
            repository = DvcRepository(world.root, world.root / folder, log=log, start=world.spare.take)
            found.append(held.enter_context(repository))
        for repository in found:
            repository.start()
        known = {repository.folder: repository.artifacts.artifacts(wanted) for repository in found}
        _need_something(known.values(), paths, found)
        yield [repository for repository in found if known[repository.folder] or repository.broken()], wanted


def _need_something(known: Iterable[Sequence[Artifact]], paths: Sequence[str], found: Sequence[DvcRepository]) -> None:
    if any(known) or any(repository.broken() for repository in found):
        return
    raise UsageError.at(
        "MC-ART-001", "dvc", "DVC keeps nothing there" if paths else "DVC keeps nothing in this repository",
        found=", ".join(map(shown, paths)) or ("no output that is cached" if found else "no folder with .dvc"),
        expected="outputs in a dvc.yaml, or .dvc files",
        do="`mlops-ci artifact status` lists them" if paths else "`dvc init`, then `dvc add` or a dvc.yaml",
    )  # fmt: skip


def _from_root(root: Path, directory: Path, path: str) -> PurePosixPath:
    inside = Path(os.path.normpath(directory.resolve() / path))
    if not inside.is_relative_to(root):
        raise UsageError.at(
            "MC-ART-003", shown(path), "this path is not in the repository", found=shown(str(inside)),
            expected=f"a path below {shown(str(root))}", do="name one of the repository, from the folder of `-C`",
        )  # fmt: skip
    return PurePosixPath(inside.relative_to(root).as_posix())


def _kept(repository: DvcRepository, wanted: Paths, findings: list[Finding]) -> tuple[Artifact, ...]:
    """The artifacts; what DVC can't read becomes a finding."""
    findings += [unreadable(path, said) for path, said in repository.broken().items()]
    return repository.artifacts.artifacts(wanted)


def _presence(repository: DvcRepository, wanted: Paths, findings: list[Finding]) -> dict[PurePosixPath, Presence]:
    try:
        return repository.artifacts.presence(wanted)
    except MlopsCiError as error:
        findings += error.findings
        return {}
