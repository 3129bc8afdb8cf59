"""What DVC keeps of a repository: its outputs, the objects that each consists of, and which of these are where."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, folder_of, is_oid, remote_of
from mlops_ci.tools.dvc.worker.private import ObjectFormatError, Repo, file_md5
from mlops_ci.tools.dvc.worker.refusals import CorruptedError, DvcRefusedError, remote_refusals
from mlops_ci.tools.dvc.worker.transfers import BULK_SECONDS
from mlops_ci.tools.workers import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An output that DVC caches. path: from the git root. why_not: why no remote is to have it; empty where one is."""

    out: Any
    address: str
    path: str
    why_not: str = ""

    @property
    def oid(self) -> str:
        """Its digest as dvc.lock or the .dvc file has it; empty where it has none yet."""
        return str(self.out.hash_info.value) if self.out.hash_info else ""

    @property
    def layout(self) -> str:
        """Of the object databases that hold it."""
        return DOS2UNIX if self.out.hash_name == DOS2UNIX else "md5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An object of an output. name: the path of what it holds, from the git root."""

    oid: str
    name: str


def kept(collection: Collection, paths: list[str]) -> list[Kept]:
    """Cached outputs that are one of the paths, lie below one, or hold one; all where no path is given."""
    wanted = [PurePosixPath(path) for path in paths]
    return [one for one in _every(collection) if not wanted or any(_meet(PurePosixPath(one.path), it) for it in wanted)]


def not_cached(collection: Collection) -> frozenset[str]:
    """Paths, from the git root, of outputs that DVC does not cache: git keeps them, or the run cache, or nobody."""
    outs = (out for stage in collection.stages.values() for out in stage.outs if not out.use_cache and is_local(out))
    return frozenset(collection.relative(out.fs_path) for out in outs)


def pieces(repo: Repo, one: Kept, odb: Any | None) -> list[Piece]:
    """The output's objects, that of a folder's listing first. Of a folder whose listing is nowhere only that.

    odb: the remote's, for a listing that is not in the cache. Raises CorruptedError where there is none but a bad one.
    """
    return pieces_of(cache_of(repo, one.layout), odb, one.path, one.oid)


def pieces_of(cache: Any, odb: Any | None, path: str, oid: str) -> list[Piece]:
    """The same for any digest. path: of what it is, from the git root."""
    if not is_oid(oid):
        raise CorruptedError(f"{path}: {oid!r} is no digest")
    own = Piece(oid=oid, name=path)
    if not oid.endswith(".dir"):
        return [own]
    parts = _listed(cache, odb, own)
    return [own, *(Piece(oid=oid, name=f"{path}/{'/'.join(key)}") for key, oid in sorted(parts.items()))]


def cache_of(repo: Repo, layout: str) -> Any:
    """The local object database of a layout."""
    return repo.cache.legacy if layout == DOS2UNIX else repo.cache.local


def remote_for(repo: Repo, one: Kept, known: dict[tuple[str | None, str], Any]) -> Any | None:
    """The object database of the output's remote, asked once; None where none is configured.

    Raises RemoteFailedError, and DvcRefusedError for remotes in which objects are not named by their digests.
    """
    asked = (one.out.remote, one.layout)
    if asked not in known:
        name = one.out.remote or repo.config["core"].get("remote")
        settings = repo.config["remote"].get(name, {})
        if settings.get("version_aware") or settings.get("worktree"):
            raise DvcRefusedError(f"the remote {name} keeps versions of files, not objects: use `dvc push` for it")
        known[asked] = remote_of(repo, *asked)
    return known[asked]


def describe_kept(repo: Repo, one: Kept) -> Message:
    """What is known of an output without asking anybody. size: as locked, bytes. files: None where that is unknown."""
    cache = cache_of(repo, one.layout)
    try:
        objects = [piece.oid for piece in pieces(repo, one, None)] if one.oid else []
    except CorruptedError:
        objects = [one.oid]
    sizes = [size for oid in set(objects) if (size := _size(cache, oid)) is not None]
    meta = one.out.meta
    return {
        "address": one.address, "path": one.path, "digest": one.oid, "why_not": one.why_not,
        "size": meta.size if meta else None, "files": meta.nfiles if meta and one.oid.endswith(".dir") else None,
        "here": _here(one), "objects": len(set(objects)), "cached": len(sizes), "cached_bytes": sum(sizes),
    }  # fmt: skip


def differing(collection: Collection, one: Kept, odb: Any | None, *, whole: bool) -> str:
    """What of an output in the work tree is other than its digest says: hashed anew, whatever DVC remembers.

    whole: whether a file that is absent from a folder counts too. Empty where nothing differs, and where nothing of
    the output is here at all.
    """
    file = collection.git_root / one.path
    if not file.exists():
        return ""
    if file.is_file():
        found = str(file_md5(str(file), name=one.out.hash_name))
        return "" if found == one.oid else f"{one.path} is md5:{found}"
    here = {f"{one.path}/{'/'.join(key)}": oid for key, oid in _hashed(collection, one, file).items()}
    known = {piece.name: piece.oid for piece in pieces(collection.repo, one, odb)[1:]}
    for name, oid in sorted(here.items()):
        if known.get(name) != oid:
            return f"{name} is md5:{oid}"
    absent = sorted(set(known) - set(here)) if whole else []
    return f"{absent[0]} is not here" if absent else ""


def _every(collection: Collection) -> Iterator[Kept]:
    for address, stage in collection.stages.items():
        for out in stage.outs:
            if out.use_cache and is_local(out) and out.is_in_repo:
                why = "imported from another repository" if stage.is_repo_import else ""
                why = why or ("" if out.can_push else "`push: false`")
                yield Kept(out=out, address=address, path=collection.relative(out.fs_path), why_not=why)


def _meet(path: PurePosixPath, wanted: PurePosixPath) -> bool:
    return path.is_relative_to(wanted) or wanted.is_relative_to(path)


def _listed(cache: Any, odb: Any | None, own: Piece) -> dict[tuple[str, ...], str]:
    """Digests by path below a folder, from the first listing that has its own digest."""
    bad = ""
    for store, whose in ((cache, "cache"), (odb, "remote")):
        if store is None:
            continue
        with remote_refusals(BULK_SECONDS), suppress(FileNotFoundError):
            content = store.oid_to_path(own.oid)
            if file_md5(content, store.fs, name="md5") == own.oid.removesuffix(".dir"):
                return _parsed(store, own)
            bad = f"{own.name}: the {whose}'s object md5:{own.oid} has other bytes than its digest says"
    if bad:
        raise CorruptedError(bad)
    return {}


def _parsed(store: Any, own: Piece) -> dict[tuple[str, ...], str]:
    try:
        return folder_of(store, own.oid)
    except ObjectFormatError as error:
        raise CorruptedError(f"{own.name}: the object md5:{own.oid} is no listing of a folder") from error
    except CorruptedError as error:
        raise CorruptedError(f"{own.name}: {error}") from error


def _size(cache: Any, oid: str) -> int | None:
    path = Path(cache.oid_to_path(oid)) if is_oid(oid) else None
    return path.stat().st_size if path is not None and path.is_file() else None


def _here(one: Kept) -> str:
    if not Path(one.out.fs_path).exists():  # also what only a link in vain says
        return "absent"
    return "same" if one.oid and one.out.get_hash() == one.out.hash_info else "other"


def _hashed(collection: Collection, one: Kept, folder: Path) -> dict[tuple[str, ...], str]:
    """Digests by path below a folder, without what .dvcignore names."""
    walked = collection.repo.dvcignore.walk(collection.repo.fs, str(folder), followlinks=True)
    below = [Path(root) / leaf for root, _, leaves in walked for leaf in leaves]
    return {each.relative_to(folder).parts: str(file_md5(str(each), name=one.out.hash_name)) for each in below}
