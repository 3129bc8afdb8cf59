"""`run checkout`: source, lock and data of a recorded run, in a work tree of its own, proven byte by byte.

It is made under another name (`tools/git_worktrees.py`) and gets its own when all of it is there: DIR is whole or not
there. What a killed checkout left is removed by the next one of the same DIR.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.paths import quoted, shown
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError, UsageError
from mlops_ci.metadata.run_record import RUN_FILE, Artifact, RunRecord
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.stories.links import broken_files
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.folders import dvc_folders
from mlops_ci.tools.dvc.lent_settings import lend
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name
from mlops_ci.tools.files import exclusive, own_folder, write_whole
from mlops_ci.tools.git_worktrees import NewWorkTree

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut:
    """path: absolute. restored: outputs and .dvc data that were brought and hashed anew, or would be.

    half: whether there was one that was left half way. finished: whether only its name was lacking.
    findings: what the run read that nobody keeps.
    """

    run: Run
    path: Path
    restored: tuple[Artifact, ...]
    half: bool = False
    finished: bool = False
    findings: tuple[Finding, ...] = ()


def checkout_run(world: World, name: str, into: Path, *, data: bool, dry_run: bool) -> CheckedOut:
    """Bring a run back. data: whether bytes are restored; else only what git keeps.

    Raises UsageError where DIR exists, IntegrityError where the run's commit, or a byte, is not what was recorded,
    ServiceError where data is not to be had. Then nothing is left behind.
    """
    store = run_store(world.root)
    run = store.one(name)
    tree = NewWorkTree(git=store.objects.git, path=_free(into, run, store))
    wanted = tuple(_kept(run.record)) if data else ()
    if dry_run:
        return CheckedOut(run=run, path=tree.path, restored=wanted, half=tree.half.exists())
    lock = (
        world.own / "journal" / f"checkout-{sha256(str(tree.path).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
    )
    with exclusive(lock, patience=_PATIENCE, words=f"run checkout {run.id}"):
        if tree.path.exists():
            tree.name()
            return CheckedOut(run=run, path=tree.path, restored=(), finished=True)
        store.bring([run.named])
        _refuse_broken(run, store)
        half = tree.remove()
        try:
            _lay(tree, run, store)
            restored = _restored(world, tree.half, run.record) if data else ()
            findings = tuple(_not_kept(tree.half, run.record)) if data else ()
            tree.finish()
        except BaseException:
            tree.remove()
            raise
    return CheckedOut(run=run, path=tree.path, restored=restored, half=half, findings=findings)


def _free(into: Path, run: Run, store: RunStore) -> Path:
    """Where it is to lie. Raises UsageError where something is, but the very work tree that only lacks its name."""
    path = into.absolute().parent.resolve() / into.absolute().name
    if not path.exists() and not path.is_symlink():
        return path
    record, name = path / RUN_FILE, f"{run.commit}:{RUN_FILE}"
    unnamed = NewWorkTree(git=store.objects.git, path=path).is_unnamed() and record.is_file()
    if unnamed and record.read_bytes() == store.objects.read([name]).get(name):
        return path
    raise UsageError.at(
        "MC-RUN-040", shown(str(into)), "something lies there already, and is not overwritten",
        found="a folder" if path.is_dir() else "a file", expected="a path that is free",
        do=f"name another folder; an older checkout goes with `git worktree remove --force {quoted(str(into))}`",
    )  # fmt: skip


def _refuse_broken(run: Run, store: RunStore) -> None:
    found = tuple(broken_files(store.objects, run.commit, run.record, subject=run.id))
    if found:
        raise IntegrityError(found)


def _kept(record: RunRecord) -> Iterator[Artifact]:
    """What DVC, or the run's commit, has to give back."""
    yield from (one for one in record.artifacts if one.stage is not None)


def _lay(tree: NewWorkTree, run: Run, store: RunStore) -> None:
    """Source and lock. HEAD is the commit that was run; what the run changed is staged."""
    tree.begin(run.commit)
    source = run.record.source.commit
    if store.objects.resolve(f"{source}^{{commit}}") is not None:
        tree.begun.ask("reset", "--quiet", "--soft", source)
        # The record stays as a file that git ignores: `mlops-ci check` refuses a folder of its own that git tracks.
        tree.begun.ask("rm", "--quiet", "--cached", "--ignore-unmatch", "--", str(RUN_FILE))
    own_folder(tree.half)
    names = {path: f"{run.commit}:{path}" for path in (*run.record.files, str(RUN_FILE))}
    contents = store.objects.read(names.values())
    for path, name in names.items():
        if (tree.half / path).read_bytes() != contents[name]:  # .gitattributes asks for other line ends
            write_whole(tree.half / path, contents[name])


def _restored(world: World, half: Path, record: RunRecord) -> tuple[Artifact, ...]:
    """All bytes of the run, each hashed anew. What can't be had is told together."""
    wanted = {PurePosixPath(one.path): one for one in _kept(record)}
    done, errors = list[Artifact](), list[MlopsCiError]()
    for folder in sorted(one for one in dvc_folders(half, world.processes) if one is not None):
        mine = {path: one for path, one in wanted.items() if _owner(half, path) == folder}
        if (world.root / folder / ".dvc").is_dir():
            lend(world.root / folder / ".dvc", half / folder / ".dvc")
        log = world.own / "logs" / f"checkout-{log_name(folder)}"
        with DvcRepository(half, half / folder, log=log) as repository:
            for path, one in sorted(mine.items()):
                try:
                    _restore(repository, half, path, one, record)
                    done.append(one)
                except MlopsCiError as error:
                    errors.append(error)
    if errors:
        raise _together(errors)
    return tuple(done)


def _restore(repository: DvcRepository, half: Path, path: PurePosixPath, one: Artifact, record: RunRecord) -> None:
    """One output or .dvc file's data, which then has the digest that the run recorded."""
    known = next((each for each in repository.artifacts.artifacts([path]) if each.path == path), None)
    if known is None:
        _restore_uncached(repository, half, path, one, record)
        return
    if str(known.digest) != one.digest:
        raise IntegrityError.at(
            "MC-RUN-041", str(path), "the lock of the run's commit names other bytes than its record",
            found=str(known.digest), expected=one.digest,
            do="do not believe that run; look into who pushed it: `git show` of its commit",
        )  # fmt: skip
    repository.artifacts.need_whole_cache(path)
    repository.pull([path])
    found = repository.artifacts.differing(path, whole=True)
    if found or not (half / path).exists():
        raise IntegrityError.at(
            "MC-RUN-042", str(path), "what was restored has other bytes than the run recorded",
            found=found or "nothing", expected=one.digest, do="run this again; if it stays so, check the disk",
        )  # fmt: skip


def _restore_uncached(
    repository: DvcRepository, half: Path, path: PurePosixPath, one: Artifact, record: RunRecord
) -> None:
    """What DVC does not cache: in the commit, where git tracks it or it is a metric; else the run cache may have it."""
    if str(path) in record.files or _is(half / path, one.digest):
        return
    algorithm, _, value = one.digest.partition(":")
    if (half / path).exists() or not repository.fetch(path, Digest(algorithm, value), into=half / path):
        raise ServiceError.at(
            "MC-RUN-044", shown(path), "nobody has kept it: `cache: false`, and git does not track it",
            found=f"{one.digest} is neither in the run's commit nor in the run cache",
            expected="an output that git, DVC or the run cache keeps",
            do="`--no-data`, then `mlops-ci artifact pull` there, for all else; drop `cache: false` for later runs",
        )  # fmt: skip


def _is(file: Path, digest: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return f"md5:{file_digest(content, 'md5').hexdigest()}" == digest


def _not_kept(half: Path, record: RunRecord) -> Iterator[Finding]:
    """What stages read that was there, and that neither git nor DVC keeps."""
    for one in record.artifacts:
        if one.stage is None and not (half / one.path).exists():
            yield warning(
                "MC-RUN-043",
                shown(one.path),
                "the run read it, but neither git nor DVC keeps it",
                found=one.digest,
                do="put such data under DVC: `dvc add`",
            )


def _owner(half: Path, path: PurePosixPath) -> PurePosixPath | None:
    return next((one for one in path.parents if (half / one / ".dvc").is_dir()), None)


def _together(errors: Sequence[MlopsCiError]) -> MlopsCiError:
    """One error with all findings; spoiled bytes count more than absent ones."""
    worst = next((one for one in errors if isinstance(one, IntegrityError)), errors[0])
    return type(worst)([finding for one in errors for finding in one.findings])
