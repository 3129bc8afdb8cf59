"""Why a stage is out of date: in the work tree as DVC judges it, or by its lock entry alone.

The network is never asked: an import is as current as its .dvc file says, or, not frozen, for its stage to ask.
"""

import json
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.description import is_locked
from mlops_ci.tools.dvc.worker.listings import composed_digest, locked_below
from mlops_ci.tools.dvc.worker.private import ParamsDependency, PipelineStage
from mlops_ci.tools.dvc.worker.refusals import told

_LONGEST_VALUE = 40


def staleness(collection: Collection) -> dict[str, list[str]]:
    """By address, in the order of stages: why DVC would run it again; nothing where it would not."""
    return {address: _reasons(collection, stage) for address, stage in collection.stages.items()}


def staleness_of_lock(collection: Collection) -> dict[str, list[str]]:
    """By address: what speaks against the lock entry. Outputs and data that are not here speak for nothing."""
    return {address: lock_reasons(collection, stage) for address, stage in collection.stages.items()}


def _reasons(collection: Collection, stage: Any) -> list[str]:
    reasons = _entry_reasons(collection, stage)
    if not (stage.frozen or stage.is_import):
        for dep in stage.deps if is_locked(collection, stage) else ():
            reasons += _dep_reasons(collection, dep)
        if stage.is_callback or stage.always_changed:
            reasons.append("always changed")
    if stage.is_import and not stage.frozen and is_locked(collection, stage):
        reasons.append("an import that is not frozen: its source is asked")
    for out in stage.outs if is_locked(collection, stage) else ():
        reasons += _out_reasons(collection, out) or _cache_reasons(collection, out)
    return reasons


def lock_reasons(collection: Collection, stage: Any) -> list[str]:
    """What speaks against one stage's entry in dvc.lock."""
    if stage.frozen:
        return []
    reasons = _entry_reasons(collection, stage)
    if not is_locked(collection, stage):
        return reasons
    for dep in () if stage.is_import else stage.deps:
        reasons += _lock_dep_reasons(collection, dep)
    for out in stage.outs:
        if out.exists or not out.hash_info:
            reasons += _out_reasons(collection, out)
    return reasons


def _entry_reasons(collection: Collection, stage: Any) -> list[str]:
    if not isinstance(stage, PipelineStage):
        return []
    if not is_locked(collection, stage):
        return ["no entry in dvc.lock"]
    return ["command changed"] if stage.changed_stage() else []


def _dep_reasons(collection: Collection, dep: Any) -> list[str]:
    if isinstance(dep, ParamsDependency):
        return _params_reasons(collection, dep)
    name = _name(collection, dep)
    if is_local(dep) and _is_odd(Path(dep.fs_path)):
        return [f"dependency {name} is no file and no folder"]
    try:
        states = set(dep.status().values()) if dep.hash_info or not dep.exists else {"new"}
    except Exception as error:  # a dependency elsewhere that can't be asked is for its stage alone to fail on
        return [f"dependency {name} can't be read: {told(error)}"]
    return [_said("dependency", name, state) for state in sorted(states)]


def _is_odd(path: Path) -> bool:
    """A FIFO, a socket or a device: who opens one to take its digest may wait for ever."""
    return path.exists() and not (path.is_file() or path.is_dir())


def _out_reasons(collection: Collection, out: Any) -> list[str]:
    name = _name(collection, out)
    if not out.exists:
        return [f"output {name} is not there"]
    if not out.hash_info:
        return [f"output {name} is not in dvc.lock"]
    if _is_odd(Path(out.fs_path)):
        return [f"output {name} is no file and no folder"]
    try:
        if out.workspace_status():
            return [f"output {name} changed"]
    except Exception as error:  # odd files: a FIFO, no permission
        return [f"output {name} can't be read: {told(error)}"]
    return []


def _cache_reasons(collection: Collection, out: Any) -> list[str]:
    if not out.use_cache or not out.changed_cache():
        return []
    return [f"output {_name(collection, out)} is not in DVC's cache"]


def _lock_dep_reasons(collection: Collection, dep: Any) -> list[str]:
    if isinstance(dep, ParamsDependency):
        return _params_reasons(collection, dep)
    if not is_local(dep):
        return []
    name = _name(collection, dep)
    if not dep.hash_info:
        return [f"dependency {name} is not in dvc.lock"]
    absent = [out for out in locked_below(collection, dep) if not out.exists]
    if not absent:
        return _dep_reasons(collection, dep)
    try:
        digest = composed_digest(collection, dep, absent)
    except Exception as error:  # odd files: a FIFO, no permission
        return [f"dependency {name} can't be read: {told(error)}"]
    return [f"dependency {name} changed"] if digest not in (None, dep.hash_info.value) else []


def _params_reasons(collection: Collection, dep: Any) -> list[str]:
    name = _name(collection, dep)
    if not dep.exists:
        return [f"{name} is not there"]
    before = dep.hash_info.value or {}
    try:
        now = json.loads(json.dumps(dep.read_params(), default=str))
        before = json.loads(json.dumps(before, default=str))
    except Exception as error:  # a file that does not parse
        return [told(error)]
    keys = dep.params or sorted({*now, *before})
    return [
        _param_said(f"{name}:{key}", key, before, now) for key in keys if before.get(key, _Gone) != now.get(key, _Gone)
    ]


class _Gone:
    """Stands for a parameter that is not there, since null is a value."""


def _param_said(name: str, key: str, before: dict[str, Any], now: dict[str, Any]) -> str:
    if key not in now:
        return f"{name} is not there"
    if key not in before:
        return f"{name} is not in dvc.lock"
    return f"{name} changed from {_short(before[key])} to {_short(now[key])}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _said(kind: str, name: str, state: str) -> str:
    match state:
        case "deleted":
            return f"{kind} {name} is not there"
        case "new":
            return f"{kind} {name} is not in dvc.lock"
        case _:
            return f"{kind} {name} changed"


def _name(collection: Collection, item: Any) -> str:
    local = is_local(item) and Path(item.fs_path).is_absolute()
    return collection.relative(item.fs_path) if local else str(item)
