"""Answers for plans: what the run cache knows, what folders would be, what must be fetched.

Reads only. The network is asked for nothing but entries of the run cache and for which objects a remote has, and for
these only where `ask` says so.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.description import digest_of
from mlops_ci.tools.dvc.worker.listings import composed_digest, listing, locked_below
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, is_oid, present, remote_of
from mlops_ci.tools.dvc.worker.private import HashInfo, Meta, ParamsDependency
from mlops_ci.tools.dvc.worker.refusals import DvcRefusedError
from mlops_ci.tools.dvc.worker.remotes import Asked, has_remote
from mlops_ci.tools.dvc.worker.run_cache import known_outs
from mlops_ci.tools.workers import Message


def name_of(collection: Collection, item: Any) -> str:
    """A path from the git root; as it is written where it lies outside."""
    return collection.relative(item.fs_path) if collection.inside(item.fs_path) else str(item.def_path)


def is_exact(dep: Any, outs: list[Any]) -> bool:
    """Whether the one output is the dependency."""
    return len(outs) == 1 and bool(outs[0].fs_path == dep.fs_path)


def composition(collection: Collection, dep: Any, outs: list[Any]) -> list[str] | None:
    if is_exact(dep, outs):
        return digest_of(outs[0].hash_info)
    digest = composed_digest(collection, dep, outs)
    return ["md5", digest] if digest else None


def is_held(collection: Collection, out: Any) -> bool:
    """Whether the local cache has all of it."""
    return bool(_lacking(collection, out, str(out.hash_info.value))["files"] == 0)


def composed(collection: Collection, address: str, path: str, outs: dict[str, str]) -> list[str] | None:
    """A dependency's digest, were the outputs here that `outs` names by path with their digests; None: unknown."""
    dep = _named(collection, address, path, "deps")
    below = [_with(out, outs[name]) for out in locked_below(collection, dep)
             if (name := collection.relative(out.fs_path)) in outs]  # fmt: skip
    absent = [out for out in locked_below(collection, dep)
              if not out.exists and collection.relative(out.fs_path) not in outs]  # fmt: skip
    return composition(collection, dep, [*below, *absent])


def _with(out: Any, digest: str) -> Any:
    changed = copy.copy(out)
    changed.hash_info = HashInfo(out.hash_name, digest)
    return changed


def recalled(collection: Collection, address: str, deps: dict[str, str], *, ask: bool) -> list[Message] | None:
    """What the run cache says that a stage makes of dependencies with these digests; None where it knows nothing.

    ask: whether the remote's entries for the key, if the local run cache has none, are brought into it.
    """
    stage = collection.stages[address]
    with _as_if(collection, stage, deps) as sound:
        outs = known_outs(collection.repo, stage, ask=ask) if sound else None
    if outs is None or not (ask or all(is_held(collection, out) for out in outs)):
        return None
    return [{
        "path": collection.relative(out.fs_path), "digest": digest_of(out.hash_info),
        "size": out.meta.size, "files": out.meta.nfiles or 1,
    } for out in outs]  # fmt: skip


@contextmanager
def _as_if(collection: Collection, stage: Any, deps: dict[str, str]) -> Iterator[bool]:
    """The stage with other digests for its dependencies, while this lasts. False: one of them can't be told."""
    kept = [(dep, dep.hash_name, dep.hash_info, dep.meta) for dep in stage.deps]
    try:
        yield all(_told(collection, dep, deps) for dep in stage.deps)
    finally:
        for dep, *values in kept:
            dep.hash_name, dep.hash_info, dep.meta = values


def _told(collection: Collection, dep: Any, deps: dict[str, str]) -> bool:
    if isinstance(dep, ParamsDependency):
        try:
            dep.hash_info = dep.get_hash()
        except Exception:  # a parameter that is not there: the stage could not run either
            return False
        return True
    digest = deps.get(name_of(collection, dep)) if is_local(dep) else None
    if digest is None:
        return False
    dep.meta = Meta(isexec=_is_executable(collection, dep, digest))
    dep.hash_info = HashInfo(dep.hash_name, digest)
    return True


def _is_executable(collection: Collection, dep: Any, digest: str) -> bool:
    """DVC's keys differ by this flag: as the file is, or as its stage's lock entry has it."""
    path = Path(dep.fs_path)
    if path.is_file():
        return bool(path.stat().st_mode & 0o111)
    below = locked_below(collection, dep)
    return any(out.fs_path == dep.fs_path and out.hash_info.value == digest and out.meta.isexec for out in below)


def lacking(collection: Collection, needs: list[Message], *, ask: bool) -> list[Message]:
    """What of the needed outputs (address, path, digest, size, files) is in no local cache: files, bytes, and where.

    at: `here` where nothing is lacking; `remote`; `source` for an import; `unasked` where no remote was asked;
    `nowhere`. exact: whether the bytes are known.
    """
    found = []
    asked: dict[Asked, set[str]] = defaultdict(set)
    for need in needs:
        out = _named(collection, need["address"], need["path"], "outs")
        is_locked = need["digest"] == out.hash_info.value
        files = out.meta.nfiles if is_locked and out.meta else need["files"]
        lack = _lacking(collection, out, need["digest"], size=need["size"], files=files)
        found.append((lack, _where(collection, out, lack)))
        asked[_asked(out)].update(lack["oids"])
    there = {remote: _present(collection, remote, oids) for remote, oids in asked.items() if ask and oids}
    return [{**{key: lack[key] for key in ("files", "bytes", "exact")},
             "at": _answered(lack, there.get(at)) if isinstance(at, tuple) else at} for lack, at in found]  # fmt: skip


def lost(collection: Collection, address: str) -> list[str]:
    """Outputs of a stage that are not here, and that neither the cache nor the remote has."""
    outs = [out for out in collection.stages[address].outs if is_local(out) and not out.exists and out.hash_info]
    needs: list[Message] = [
        {"address": address, "path": collection.relative(out.fs_path), "digest": str(out.hash_info.value),
         "size": out.meta.size, "files": out.meta.nfiles}
        for out in outs
    ]  # fmt: skip
    lacks = lacking(collection, needs, ask=True) if needs else []
    return [need["path"] for need, lack in zip(needs, lacks, strict=True) if lack["at"] == "nowhere"]


def _answered(lack: Message, there: set[str] | None) -> str:
    if there is None:
        return "unasked"
    return "remote" if there.issuperset(lack["oids"]) else "nowhere"


def _present(collection: Collection, remote: Asked, oids: set[str]) -> set[str]:
    odb = remote_of(collection.repo, *remote)
    return set() if odb is None else present(odb, oids)


def _asked(out: Any) -> Asked:
    return (out.remote, DOS2UNIX if out.hash_name == DOS2UNIX else "md5")


def _lacking(
    collection: Collection, out: Any, digest: str, *, size: int | None = None, files: int | None = None
) -> Message:
    """Objects of one output that the local cache has not. Without its listing a folder lacks as much as it is large."""
    nothing: Message = {"files": 0, "bytes": 0, "exact": True, "oids": []}
    if not is_oid(digest) or not out.is_in_repo:
        return {**nothing, "files": 1, "exact": False}
    cache = collection.repo.cache.legacy if out.hash_name == DOS2UNIX else collection.repo.cache.local
    if not digest.endswith(".dir"):
        there = Path(cache.oid_to_path(digest)).is_file()
        return nothing if there else {"files": 1, "bytes": size or 0, "exact": size is not None, "oids": [digest]}
    tree = listing(_with(out, digest))
    if tree is None:
        return {"files": files or 1, "bytes": size or 0, "exact": size is not None, "oids": [digest]}
    every = {str(info.value) for _, _, info in tree if info}
    paths = {oid: Path(cache.oid_to_path(oid)) for oid in every if is_oid(oid)}
    absent = [oid for oid, path in paths.items() if not path.is_file()]
    here = sum(path.stat().st_size for oid, path in paths.items() if oid not in set(absent))
    rest = max(0, (size or 0) - here) if absent else 0
    return {"files": len(absent), "bytes": rest, "exact": size is not None or not absent, "oids": absent}


def _where(collection: Collection, out: Any, lack: Message) -> str | Asked:
    """Where it is, or which remote knows."""
    if not lack["files"]:
        return "here"
    if out.stage.is_import:
        return "source"
    if not lack["oids"] or not (out.remote or has_remote(collection.repo)):
        return "nowhere"
    return _asked(out)


def _named(collection: Collection, address: str, path: str, side: str) -> Any:
    for item in getattr(collection.stages[address], side):
        if is_local(item) and not isinstance(item, ParamsDependency) and name_of(collection, item) == path:
            return item
    raise DvcRefusedError(f"{address} has no {path}")
