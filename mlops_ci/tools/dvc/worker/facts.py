"""What a plan is made of: digests of what is here, and what the locks say. What a stage would do is not decided here.

Reads only. A remote is asked for nothing but listings of folders, and only where `ask` says so.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.description import digest_of, is_locked
from mlops_ci.tools.dvc.worker.listings import locked_below
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX
from mlops_ci.tools.dvc.worker.planning import composition, is_exact, is_held, name_of
from mlops_ci.tools.dvc.worker.private import (
    ParamsDependency,
    PipelineStage,
    build,
    hash_file,
    param_at,
    read_param_file,
)
from mlops_ci.tools.dvc.worker.quick import file_of
from mlops_ci.tools.dvc.worker.refusals import OURS, told
from mlops_ci.tools.dvc.worker.remotes import has_remote
from mlops_ci.tools.dvc.worker.upstream import bring_listings
from mlops_ci.tools.workers import Message

_LONGEST_VALUE = 60
_LARGEST_TEXT = 16 * 1024 * 1024


class Digests:
    """Digests of paths as they are in the work tree, each taken once."""

    def __init__(self, collection: Collection, *, ask: bool, outside: bool) -> None:
        self._collection = collection
        self._ask = ask
        self._outside = outside
        self._known: dict[tuple[str, str], list[str] | None] = {}
        self._parameters: dict[str, Any] = {}
        self._here: dict[tuple[str, bool], bool] = {}

    def of(self, item: Any) -> list[str] | None:
        """A dependency's or output's digest; None where nothing is there. Raises what DVC raises, OSError too."""
        key = (item.fs_path, item.hash_name)
        if key not in self._known:
            self._known[key] = self._taken(item)
        return self._known[key]

    def is_here(self, item: Any) -> bool:
        """Whether something is there that DVC would look at."""
        key = (item.fs_path, item.IS_DEPENDENCY)  # an output that .dvcignore names is none
        if key not in self._here:
            self._here[key] = (self._outside or self._collection.inside(item.fs_path)) and bool(item.exists)
        return self._here[key]

    def _taken(self, item: Any) -> list[str] | None:
        path = Path(item.fs_path)
        if not self.is_here(item):
            return None
        if path.is_file():
            _, info = hash_file(item.fs_path, item.fs, item.hash_name, self._collection.repo.state)
            return digest_of(info)
        if not path.is_dir():
            raise OSError(f"{path.name} is no file and no folder")
        repo = self._collection.repo
        cache = repo.cache.legacy if item.hash_name == DOS2UNIX else repo.cache.local
        _, _, found = build(cache, item.fs_path, item.fs, item.hash_name, ignore=item.dvcignore, dry_run=True)
        return digest_of(found.hash_info)

    def composed(self, dep: Any, absent: list[Any]) -> list[str] | None:
        """A dependency's digest, were the absent outputs that it consists of here; None where that can't be known."""
        if self._ask and not is_exact(dep, absent):
            try:
                bring_listings(self._collection, absent)
            except OURS:  # a remote that fails is not asked again; the plan tells what it could not know
                self._ask = False
        return composition(self._collection, dep, absent)

    def parameters(self, dep: Any) -> Any:
        """What a parameter file holds. Raises what DVC raises where it can't be read."""
        if dep.fs_path not in self._parameters:
            self._parameters[dep.fs_path] = read_param_file(dep.repo.fs, dep.fs_path)
        return self._parameters[dep.fs_path]


def plan_facts(
    collection: Collection, addresses: list[str] | None, *, ask: bool, outside: bool, cache: bool
) -> Message:
    """Facts by address, for all stages or for some; see mlops_ci.tools.dvc.facts.

    ask: whether listings of folders, without which a digest can't be told, are brought into the local cache.
    outside: whether what lies outside of the git repository is looked at. cache: whether the cache is looked into for
    outputs that are here as well.
    """
    digests = Digests(collection, ask=ask, outside=outside)
    commands = _Commands(collection)
    wanted = collection.stages if addresses is None else {one: collection.stages[one] for one in addresses}
    facts = {address: _facts(collection, stage, digests, commands, cache=cache) for address, stage in wanted.items()}
    return {"facts": facts, "remote": has_remote(collection.repo)}


class _Commands:
    """The commands that dvc.lock files hold, read only where one has changed."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._locks: dict[str, Any] = {}

    def before(self, stage: Any) -> list[str] | None:
        """The command as it was locked, None where it is the same."""
        if not isinstance(stage, PipelineStage) or not stage.cmd_changed:
            return None
        if stage.path not in self._locks:
            self._locks[stage.path] = file_of(self._collection.repo, stage.path).lockfile_contents.get("stages", {})
        command = self._locks[stage.path].get(stage.name, {}).get("cmd", "")
        return [str(one) for one in command] if isinstance(command, list) else str(command).splitlines()


def _facts(collection: Collection, stage: Any, digests: Digests, commands: _Commands, *, cache: bool) -> Message:
    local = [dep for dep in stage.deps if not isinstance(dep, ParamsDependency) and is_local(dep)]
    return {
        "command": commands.before(stage),
        "params": [change for dep in stage.deps for change in _changes(collection, stage, dep, digests)],
        "deps": [_dep(collection, dep, digests) for dep in local if getattr(dep, "def_repo", None) is None],
        "outs": _outs(collection, stage, digests, cache=cache),
    }


def _dep(collection: Collection, dep: Any, digests: Digests) -> Message:
    fact: Message = {"path": name_of(collection, dep), "locked": digest_of(dep.hash_info), "digest": None}
    absent = [out for out in locked_below(collection, dep) if not digests.is_here(out)]
    try:
        fact["digest"] = digests.composed(dep, absent) if absent else digests.of(dep)
    except Exception as error:  # odd files: a FIFO, no permission
        return {**fact, "trouble": told(error)}
    if fact["locked"] and fact["digest"] not in (None, fact["locked"]) and not absent:
        fact["line_ends"] = _with_other_line_ends(Path(dep.fs_path)) == fact["locked"]
    nowhere = fact["digest"] is None and not collection.inside(dep.fs_path)
    return {**fact, "nowhere": "it lies outside of the repository, and not here"} if nowhere else fact


def _with_other_line_ends(path: Path) -> list[str] | None:
    """The digest that a text has on Windows, or, if it has Windows' line ends, elsewhere."""
    if not path.is_file() or path.stat().st_size > _LARGEST_TEXT:
        return None
    content = path.read_bytes()
    lines = content.replace(b"\r\n", b"\n")
    other = lines.replace(b"\n", b"\r\n") if lines == content else lines
    return ["md5", hashlib.md5(other, usedforsecurity=False).hexdigest()]


def _outs(collection: Collection, stage: Any, digests: Digests, *, cache: bool) -> list[Message]:
    """The cache is looked into for all outputs of a stage of which one is not as it is locked."""
    local = [out for out in stage.outs if is_local(out)]
    facts = [_out(collection, out, digests) for out in local]
    if cache or any(fact["digest"] != digest_of(out.hash_info) for out, fact in zip(local, facts, strict=True)):
        return [{**fact, "held": is_held(collection, out)} for out, fact in zip(local, facts, strict=True)]
    return facts


def _out(collection: Collection, out: Any, digests: Digests) -> Message:
    fact: Message = {"path": collection.relative(out.fs_path), "digest": None}
    try:
        fact["digest"] = digests.of(out)
    except Exception as error:  # odd files: a FIFO, no permission
        fact["trouble"] = told(error)
    return fact


def _changes(collection: Collection, stage: Any, dep: Any, digests: Digests) -> Iterator[Message]:
    """Parameters that are not as they were locked. Null is a value, so what is not there is marked by its absence."""
    if not isinstance(dep, ParamsDependency):
        return
    file = collection.relative(dep.fs_path)
    try:
        whole = digests.parameters(dep) if dep.exists else None
        now: Any = {key: value for key in dep.params for value in param_at(whole, key)} if dep.params else whole
    except Exception as error:  # a file that does not parse
        yield {"file": file, "trouble": told(error)}
        return
    if whole is None:
        yield {"file": file, "trouble": "it is not here"}
        return
    before: Any = (dep.hash_info.value or {}) if is_locked(collection, stage) else now
    for key in dep.params or sorted({*now, *before}):
        for name, sides in _differences(key, before.get(key, _Gone), now.get(key, _Gone)):
            shown = {side: _short(value) for side, value in sides.items()}
            yield {"file": file, "key": name, "missing": key in dep.params and key not in now, **shown}


class _Gone:
    """Stands for a value that is not there, since null is one."""


def _differences(key: str, before: Any, now: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """In mappings, the keys that differ; a side that has none is left out."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in [*before, *(name for name in now if name not in before)]:
            yield from _differences(f"{key}.{name}", before.get(name, _Gone), now.get(name, _Gone))
    elif before is _Gone or now is _Gone or _plain(before) != _plain(now):
        sides = (("before", before), ("now", now))
        yield key, {side: value for side, value in sides if value is not _Gone}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
