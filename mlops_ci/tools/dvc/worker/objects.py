"""Bytes by digest: from the local cache, else from a remote, and never without re-hashing them."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.links import refuse_links_out
from mlops_ci.tools.dvc.worker.patience import few_attempts, one_attempt_each
from mlops_ci.tools.dvc.worker.private import (
    HashInfo,
    NoRemoteError,
    ObjectFormatError,
    Repo,
    Tree,
    file_md5,
    hash_file,
)
from mlops_ci.tools.dvc.worker.refusals import (
    CorruptedError,
    NoRoomError,
    NotHadError,
    RemoteFailedError,
    remote_refusals,
)
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS, receive

DOS2UNIX = "md5-dos2unix"
_OID = re.compile(r"[0-9a-f]{32}(\.dir)?")
_PROBE_SECONDS = 30.0
_MOST_CONFIRMED = 20


def is_oid(text: str) -> bool:
    """Whether a digest from a lock file is one; what is not could name a path anywhere."""
    return _OID.fullmatch(text) is not None


def caches(repo: Repo) -> list[Any]:
    """Local object databases: that of DVC 3, and that of DVC 2."""
    return [repo.cache.local, repo.cache.legacy]


def remote_of(repo: Repo, name: str | None, hash_name: str) -> Any | None:
    """The remote's object database for a layout, None where no remote is configured. Raises where it can't be asked."""
    one_attempt_each()
    with remote_refusals(_PROBE_SECONDS):
        try:
            odb = repo.cloud.get_remote_odb(name, "check", hash_name=hash_name)
        except NoRemoteError:
            return None
        few_attempts(odb)
        if odb.fs.protocol == "local":
            if not Path(repo.cloud.get_remote(name).path).is_dir():
                raise RemoteFailedError(f"the folder {repo.cloud.get_remote(name).path} of the remote is not here")
        else:
            _is_there(odb, "0" * 32)
        return odb


def present(odb: Any, oids: Iterable[str]) -> set[str]:
    """Which of the digests an object database has. Asks for existence only: DVC's own check deletes what is bad."""
    wanted = sorted(oids)
    with remote_refusals(BULK_SECONDS):
        ask = odb.list_oids_exists if odb.fs.protocol == "local" else odb.oids_exist
        there = set(ask(wanted)) if wanted else set()
        if odb.fs.protocol in ("http", "https"):
            doubtful = [oid for oid in wanted if oid not in there][:_MOST_CONFIRMED]
            there.update(oid for oid in doubtful if _is_there(odb, oid))
        return there


def _is_there(odb: Any, oid: str) -> bool:
    """Read one object. Over HTTP DVC takes a refusal, or a server that is down, for absence: here it raises."""
    try:
        odb.fs.cat_file(odb.oid_to_path(oid))
    except FileNotFoundError:
        return False
    return True


def into_cache(repo: Repo, cache: Any, oids: Iterable[str], *, remote: str | None) -> bool:
    """Have objects in the local cache, re-hashed. False: not to be had. Raises CorruptedError."""
    missing = {oid for oid in oids if not intact(repo, cache, oid)}
    if not missing:
        return True
    odb = remote_of(repo, remote, DOS2UNIX if cache.hash_name == DOS2UNIX else "md5")
    if odb is None:
        return False
    there = sorted(present(odb, missing))
    receive(odb, cache, there)
    bad = [oid for oid in there if not intact(repo, cache, oid)]
    if bad:
        raise CorruptedError(f"the remote's object md5:{bad[0]} has other bytes than its digest says")
    return len(there) == len(missing)


def intact(repo: Repo, cache: Any, oid: str) -> bool:
    """Whether the cache has the object whole. A corrupt one is removed from the cache, as DVC does."""
    path = Path(cache.oid_to_path(oid))
    try:
        name = "md5" if oid.endswith(".dir") else cache.hash_name
        _, actual = hash_file(str(path), cache.fs, name, repo.state)
    except FileNotFoundError:
        return False
    if str(actual.value).partition(".")[0] == oid.partition(".")[0]:
        return True
    path.unlink()
    return False


def spoiled(cache: Any, oids: Iterable[str]) -> list[str]:
    """Those objects in a cache that have other bytes than their digests say: all are read, whatever DVC remembers."""
    paths = {oid: cache.oid_to_path(oid) for oid in sorted(set(oids)) if is_oid(oid)}
    return [oid for oid, path in paths.items() if Path(path).is_file() and not is_whole(oid, path, cache)]


def is_whole(oid: str, file: str, odb: Any) -> bool:
    """Whether a file has the digest. A listing is hashed as it is, whatever the layout."""
    name = "md5" if oid.endswith(".dir") else odb.hash_name
    return str(file_md5(file, name=name)) == oid.removesuffix(".dir")


def not_whole(cache: Any, oid: str) -> str:
    """What is said of a spoiled object in the cache: it is left where it lies."""
    return f"the cache's object md5:{oid} has other bytes than its digest says: {cache.oid_to_path(oid)}"


def folder_of(cache: Any, oid: str) -> dict[tuple[str, ...], str]:
    """Digests by path of a `.dir` object in the cache. Raises CorruptedError where a path leaves the folder."""
    tree = Tree.load(cache, HashInfo(cache.hash_name, oid))
    parts = {tuple(key): str(info.value) for key, _, info in tree if info}
    for key, value in parts.items():
        odd = any(part in ("", ".", "..") or "\0" in part or os.sep in part for part in key)
        if odd or not is_oid(value):
            raise CorruptedError(f"the folder md5:{oid} lists {'/'.join(key)!r}, which is no path below it")
    return parts


def whole_into_cache(repo: Repo, cache: Any, oid: str, *, remote: str | None) -> bool:
    """The same for one digest with all that a folder holds."""
    if not is_oid(oid):
        raise CorruptedError(f"{oid!r} is no digest")
    if not into_cache(repo, cache, [oid], remote=remote):
        return False
    return not oid.endswith(".dir") or into_cache(repo, cache, set(folder_of(cache, oid).values()), remote=remote)


def fetch(repo: Repo, oid: str, into: Path, *, remote: str | None, legacy_first: bool) -> bool:
    """Write one file or folder to `into`, which must not be there. False: not to be had."""
    ordered = caches(repo)[::-1] if legacy_first else caches(repo)
    for cache in ordered:
        if whole_into_cache(repo, cache, oid, remote=remote):
            _write_out(cache, oid, into)
            return True
    return False


def take_in(repo: Repo, file: Path) -> str:
    """Have a file of nobody's output in the cache; returns its digest."""
    oid, cache = str(file_md5(str(file), name="md5")), repo.cache.local
    if not intact(repo, cache, oid):
        cache.add(str(file), cache.fs, oid, hardlink=False)
    return oid


def _write_out(cache: Any, oid: str, into: Path) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=f".{into.name}.") as folder:
        begun = Path(folder) / "content"
        if oid.endswith(".dir"):
            begun.mkdir()
            for key, value in folder_of(cache, oid).items():
                _copy(cache, value, begun.joinpath(*key))
        else:
            _copy(cache, oid, begun)
        begun.replace(into)


def _copy(cache: Any, oid: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cache.oid_to_path(oid), to)
    if file_md5(str(to), name=cache.hash_name) != oid:
        raise CorruptedError(f"the cache's object md5:{oid} has other bytes than its digest says")


def bring(repo: Repo, out: Any) -> None:
    """One output into the work tree, by its lock entry. DVC refuses to overwrite a file that differs."""
    if not out.hash_info:
        raise NotHadError(f"{out} has no digest")
    _have_whole(repo, out)
    refuse_links_out(repo, out, _parts(_cache_of(repo, out), str(out.hash_info.value)))
    out.checkout()


def bring_over(repo: Repo, out: Any) -> None:
    """One output into the work tree, by its digest, over whatever lies there; also one that DVC does not cache."""
    _have_whole(repo, out)
    refuse_links_out(repo, out, ())
    out.remove()
    if out.use_cache:
        out.checkout()
    else:
        _write_out(_cache_of(repo, out), str(out.hash_info.value), Path(out.fs_path))


def _have_whole(repo: Repo, out: Any) -> None:
    """All bytes of an output in the cache. What is not to be had is named, with its path."""
    cache, oid = _cache_of(repo, out), str(out.hash_info.value)
    _see_room(cache, out)
    with _named(cache, out):
        if whole_into_cache(repo, cache, oid, remote=out.remote):
            return
    absent = next((one for one in _parts(cache, oid).values() if not Path(cache.oid_to_path(one)).exists()), oid)
    raise NotHadError(f"{_part_of(cache, out, absent)} (md5:{absent}) is neither in the cache nor in the remote")


def bring_listing(repo: Repo, out: Any) -> None:
    """What a folder holds, into the cache; nothing of it itself. Absence is left to whoever needs the bytes."""
    cache = _cache_of(repo, out)
    with _named(cache, out):
        into_cache(repo, cache, [str(out.hash_info.value)], remote=out.remote)


@contextmanager
def _named(cache: Any, out: Any) -> Iterator[None]:
    """What is wrong with an object is told with the path that it belongs to."""
    try:
        yield
    except (CorruptedError, RemoteFailedError) as error:
        raise type(error)(f"{_part_of(cache, out, str(error))}: {error}") from error


def _see_room(cache: Any, out: Any) -> None:
    """Before the first byte is fetched: what is already in the cache is not counted again."""
    size, oid = out.meta.size if out.meta else None, str(out.hash_info.value)
    if not size or Path(cache.oid_to_path(oid)).exists():
        return
    folder = next(path for path in (Path(cache.path), *Path(cache.path).parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < size:
        raise NoRoomError(f"{out} has {size:,} bytes, and {free:,} are free")


def _part_of(cache: Any, out: Any, text: str) -> str:
    """The output's path, or that of the file in it whose digest the text names."""
    parts = _parts(cache, str(out.hash_info.value))
    return next((f"{out}/{'/'.join(key)}" for key, value in parts.items() if value in text), str(out))


def _parts(cache: Any, oid: str) -> dict[tuple[str, ...], str]:
    try:
        return folder_of(cache, oid) if oid.endswith(".dir") else {}
    except (CorruptedError, FileNotFoundError, ObjectFormatError):
        return {}


def whole_is_there(repo: Repo, out: Any) -> bool:
    """Whether the cache or the remote has all bytes of an output. Brings nothing but the listing of a folder."""
    cache, oid = _cache_of(repo, out), str(out.hash_info.value)
    if oid.endswith(".dir"):
        return into_cache(repo, cache, [oid], remote=out.remote) and _all_there(
            repo, cache, out, folder_of(cache, oid).values()
        )
    return _all_there(repo, cache, out, [oid])


def _all_there(repo: Repo, cache: Any, out: Any, oids: Iterable[str]) -> bool:
    missing = {oid for oid in oids if not Path(cache.oid_to_path(oid)).is_file()}
    if not missing:
        return True
    odb = remote_of(repo, out.remote, DOS2UNIX if cache.hash_name == DOS2UNIX else "md5")
    return odb is not None and present(odb, missing) == missing


def _cache_of(repo: Repo, out: Any) -> Any:
    return repo.cache.legacy if out.hash_name == DOS2UNIX else repo.cache.local
