"""Files of DVC's that its schemas would surely take: the usual keys with values of the usual kinds.

DVC compiles a part of its schema anew for each stage. What is not plain is for DVC itself to check, with its own words.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any


def is_plain_lock(data: Any) -> bool:
    """Whether DVC's schema would surely take a dvc.lock."""
    if not isinstance(data, dict) or data.keys() - {"schema", "stages"} or data.get("schema") != "2.0":
        return not data
    stages = data.get("stages", {})
    return isinstance(stages, dict) and all(map(_is_plain_entry, stages.values()))


def _is_plain_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.keys() - {"cmd", "deps", "params", "outs"}:
        return False
    params = entry.get("params", {})
    return (
        _is_command(entry.get("cmd"))
        and all(_is_list_of(entry.get(key, []), _is_plain_item) for key in ("deps", "outs"))
        and isinstance(params, dict)
        and all(isinstance(values, dict) for values in params.values())
    )


_NO_BYTES = "d41d8cd98f00b204e9800998ecf8427e"
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_ITEM: Mapping[str, type] = {"path": str, "hash": str, "md5": str, "size": int, "nfiles": int, "isexec": bool}


def _is_plain_item(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and "path" in item
        and all(type(value) is _ITEM.get(key) and not _is_negative(value) for key, value in item.items())
        and _MD5.fullmatch(item.get("md5", _NO_BYTES)) is not None
    )


def _is_negative(value: Any) -> bool:
    return isinstance(value, int) and value < 0


def _is_command(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _is_list_of(value: Any, is_item: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(is_item, value))


def is_plain_definition(data: Any) -> bool:
    """Whether DVC's schema would surely take a dvc.yaml."""
    if not isinstance(data, dict) or data.keys() - {"stages", "vars", "params", "metrics"}:
        return False
    listed = all(_is_list_of(data.get(key, []), _is_text) for key in ("params", "metrics"))
    stages = data.get("stages", {})
    return (
        listed
        and _is_list_of(data.get("vars", []), _is_text_or_mapping)
        and isinstance(stages, dict)
        and all(_is_plain_stage(stage) for stage in stages.values())
    )


def _is_plain_stage(stage: Any) -> bool:
    if not isinstance(stage, dict):
        return False
    if "foreach" in stage or "do" in stage:
        return (
            stage.keys() == {"foreach", "do"}
            and isinstance(stage["foreach"], dict | list | str)
            and not {"foreach", "do"} & set(stage["do"] or ())
            and _is_plain_stage(stage["do"])
        )
    return (
        not stage.keys() - _STAGE.keys() and "cmd" in stage and all(_STAGE[key](value) for key, value in stage.items())
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_mapping(value: Any) -> bool:
    return isinstance(value, str | dict)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_plain_out(value: Any) -> bool:
    """A path, or a path with flags of the usual kind."""
    if isinstance(value, str):
        return True
    return isinstance(value, dict) and all(
        isinstance(flags, dict)
        and not flags.keys() - {"cache", "persist", "push"}
        and all(map(_is_truth, flags.values()))
        for flags in value.values()
    )


def _is_plain_matrix(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(axis, str | list) for axis in value.values())


_STAGE: Mapping[str, Callable[[Any], bool]] = {
    "cmd": _is_command,
    "wdir": _is_text,
    "desc": _is_text,
    "frozen": _is_truth,
    "always_changed": _is_truth,
    "matrix": _is_plain_matrix,
    "meta": lambda _: True,
    "deps": lambda value: _is_list_of(value, _is_text),
    "params": lambda value: _is_list_of(value, _is_text_or_mapping),
    "vars": lambda value: _is_list_of(value, _is_text_or_mapping),
    "outs": lambda value: _is_list_of(value, _is_plain_out),
    "metrics": lambda value: _is_list_of(value, _is_plain_out),
    "plots": lambda value: _is_list_of(value, _is_plain_out),
}
