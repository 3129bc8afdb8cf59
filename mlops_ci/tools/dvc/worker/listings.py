"""Digests of folders of which a part is not here, composed from what is here and from what the lock says."""

import os
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.private import HashInfo, ObjectFormatError, Tree, build

Key = tuple[str, ...]


def locked_below(collection: Collection, dep: Any) -> list[Any]:
    """Outputs of any stage that are the dependency, lie in it, or hold it."""
    return [
        out
        for stage in collection.graph.successors(dep.stage)
        for out in stage.outs
        if is_local(out) and _overlap(out.fs_path, dep.fs_path)
    ]


def listing(out: Any) -> Tree | None:
    """What a folder holds by its `.dir` object, if that is in the local cache."""
    try:
        return Tree.load(out.cache, out.hash_info)
    except (FileNotFoundError, ObjectFormatError, NotADirectoryError):
        return None


def composed_digest(collection: Collection, dep: Any, outs: list[Any]) -> str | None:
    """The dependency's digest were the absent `outs` here as the lock has them; None if that can't be known."""
    if any(out.hash_name != dep.hash_name for out in outs if out.hash_info):
        return None
    parts: dict[Key, str] = {}
    for out in outs:
        locked = _locked_parts(out)
        if locked is None:
            return None
        parts |= {_key(collection, out) + key: value for key, value in locked.items()}
    own = _key(collection, dep)
    if own in parts:
        return parts[own]
    parts = {**_present_parts(collection, dep), **parts}
    inside = {key[len(own) :]: value for key, value in parts.items() if key[: len(own)] == own}
    return _folder_digest(inside, dep.hash_name)


def _locked_parts(out: Any) -> dict[Key, str] | None:
    """Digests of an output by the path below it; the output itself has the empty path."""
    if not out.hash_info:
        return None
    value = str(out.hash_info.value)
    if not out.hash_info.isdir:
        return {(): value}
    tree = listing(out)
    if tree is None:
        return None
    return {(): value, **{key: str(info.value) for key, _, info in tree if info}}


def _present_parts(collection: Collection, dep: Any) -> dict[Key, str]:
    if not dep.isdir():
        return {}
    repo = collection.repo
    _, _, found = build(repo.cache.local, dep.fs_path, dep.fs, dep.hash_name, ignore=repo.dvcignore, dry_run=True)
    own = _key(collection, dep)
    return {own + key: str(info.value) for key, _, info in found if info} if isinstance(found, Tree) else {}


def _folder_digest(parts: dict[Key, str], name: str) -> str:
    tree = Tree()  # type: ignore[no-untyped-call]
    for key, value in parts.items():
        if key and not value.endswith(".dir"):
            tree.add(key, None, HashInfo(name, value))
    tree.digest()
    return str(tree.oid)


def _key(collection: Collection, item: Any) -> Key:
    return tuple(collection.relative(item.fs_path).split("/"))


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other + os.sep) or other.startswith(one + os.sep)
