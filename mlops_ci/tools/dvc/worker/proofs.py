"""Proof that a remote has bytes whole: they are read back and hashed, not asked for."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.objects import (
    DOS2UNIX,
    is_oid,
    is_whole,
    remote_of,
    spoiled,
)
from mlops_ci.tools.dvc.worker.patience import Moved, while_it_moves
from mlops_ci.tools.dvc.worker.private import HashInfo, ObjectFormatError, Repo, Tree
from mlops_ci.tools.dvc.worker.refusals import (
    CorruptedError,
    NotHadError,
    RemoteFailedError,
    remote_refusals,
    told,
)
from mlops_ci.tools.dvc.worker.remotes import send_lacking
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS

_PAUSES = (0.1, 0.4, 0.0)  # seconds
AT_ONCE = 8  # so many objects lie on this machine's disk while they are read back


def secured(repo: Repo, oid: str, *, remote: str | None, legacy: bool) -> int:
    """Have a remote hold a file or folder whole, sent from the cache where it lacks something; returns its bytes.

    Raises NotHadError where neither has it, CorruptedError, which names the object, RemoteFailedError.
    """
    if not is_oid(oid):
        raise CorruptedError(f"{oid!r} is no digest")
    odb = remote_of(repo, remote, DOS2UNIX if legacy else "md5")
    if odb is None:
        raise RemoteFailedError("no default remote is configured")
    cache = repo.cache.legacy if legacy else repo.cache.local
    if not oid.endswith(".dir"):
        return _held(repo, odb, cache, {oid})
    here = Path(cache.oid_to_path(oid)).is_file() and not spoiled(cache, [oid])
    total = _held(repo, odb, cache, _parts(cache if here else odb, oid))
    _held(repo, odb, cache, {oid})  # after what it lists: a remote never has a listing of what it has not
    return total


def brought_back(repo: Repo, oid: str, into: Path, *, remote: str | None) -> bool:
    """Copy one of a remote's files to `into` as it lies there, past every cache, unhashed. False: it has none.

    Raises RemoteFailedError, also when nothing moves any more.
    """
    if not is_oid(oid):
        raise CorruptedError(f"{oid!r} is no digest")
    odb = remote_of(repo, remote, "md5")
    if odb is None:
        raise RemoteFailedError("no default remote is configured")
    with remote_refusals(BULK_SECONDS), while_it_moves() as moved:
        try:
            odb.fs.get_file(odb.oid_to_path(oid), str(into), callback=moved.branched("", ""))
        except FileNotFoundError:
            return False
    return True


def _held(repo: Repo, odb: Any, cache: Any, oids: set[str]) -> int:
    """Have a remote hold objects, and read them back; returns their bytes."""
    for pause in _PAUSES:
        send_lacking(odb, cache, oids)
        some = portions(sorted(oids))
        sizes = {oid: size for part in some for oid, size in read_back(odb, part, repo.tmp_dir).items()}
        if all(sizes.get(oid) is not None for oid in oids) or odb.fs.protocol != "local":
            break
        # Into a folder DVC sends by trying to clone the file first: for that instant another sender sees an empty
        # one under its final name, takes it for sent, and then finds nothing.
        time.sleep(pause)
    absent = next((oid for oid in sorted(oids) if oid not in sizes), None)
    if absent is not None:
        raise NotHadError(f"the object md5:{absent} is neither in the cache nor in the remote")
    wrong = next((oid for oid, size in sizes.items() if size is None), None)
    if wrong is not None:
        raise CorruptedError(f"the remote's object md5:{wrong} has other bytes than its digest says")
    return sum(size for size in sizes.values() if size is not None)


def portions(oids: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many as are read back at once."""
    for begin in range(0, len(oids), AT_ONCE):
        yield oids[begin : begin + AT_ONCE]


def read_back(odb: Any, oids: Iterable[str], folder: str) -> dict[str, int | None]:
    """Sizes in bytes of a remote's objects, each read and hashed; None for one that is other than its digest says.

    What the remote has not is left out. folder: for what is being read. Raises RemoteFailedError, which names the
    object, also when nothing moves any more.
    """
    if odb.fs.protocol == "local":
        paths = {oid: Path(odb.oid_to_path(oid)) for oid in oids}
        return {
            oid: path.stat().st_size if is_whole(oid, str(path), odb) else None
            for oid, path in paths.items()
            if path.is_file()
        }
    with (
        tempfile.TemporaryDirectory(prefix="mlops-ci-proof-", dir=folder) as into,
        remote_refusals(BULK_SECONDS),
        while_it_moves() as moved,
    ):
        return _fetched(odb, list(oids), Path(into), moved)


def _fetched(odb: Any, oids: list[str], into: Path, moved: Moved) -> dict[str, int | None]:
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        asked = {oid: pool.submit(_one, odb, oid, into / oid, moved.branched("", "")) for oid in oids}
        answers = {oid: _answer(oid, future) for oid, future in asked.items()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return {oid: size for oid, (there, size) in answers.items() if there}


def _answer(oid: str, future: "Future[tuple[bool, int | None]]") -> tuple[bool, int | None]:
    try:
        return future.result()
    except Exception as error:  # each remote has exceptions of its own
        raise RemoteFailedError(f"the object md5:{oid} could not be read: {told(error)}") from error


def _one(odb: Any, oid: str, file: Path, moved: Moved) -> tuple[bool, int | None]:
    try:
        odb.fs.get_file(odb.oid_to_path(oid), str(file), callback=moved)
    except FileNotFoundError:
        return False, None
    size = file.stat().st_size if is_whole(oid, str(file), odb) else None
    file.unlink()
    return True, size


def _parts(store: Any, oid: str) -> set[str]:
    try:
        with remote_refusals(BULK_SECONDS):
            tree = Tree.load(store, HashInfo(store.hash_name, oid))
    except ObjectFormatError as error:
        raise CorruptedError(f"the object md5:{oid} is no listing of a folder") from error
    except FileNotFoundError as error:
        raise NotHadError(f"the object md5:{oid} is neither in the cache nor in the remote") from error
    parts = {str(info.value) for _, _, info in tree if info}
    odd = next((part for part in parts if not is_oid(part)), None)
    if odd is not None:
        raise CorruptedError(f"the folder md5:{oid} lists {odd!r}, which is no digest")
    return parts
