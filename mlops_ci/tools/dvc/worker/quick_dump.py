"""YAML as DVC writes it, for what is plain: its own writer takes two milliseconds for the entry of one stage.

The least doubt leaves a document to DVC's writer.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from mlops_ci.tools.dvc.worker.private import DvcException, plain_scalar

_PLAIN = re.compile(r"(?:\.{0,2}/|[A-Za-z0-9_])[-A-Za-z0-9 _./|<>=,@%+*$(){}\[\];&^~!?]*(?<! )", re.ASCII)
_NUMBER = re.compile(r"[0-9.]+", re.ASCII)
_WIDEST = 80  # a line that is wider is broken at a space
_MAPPINGS = (dict, OrderedDict)


class _DoubtError(Exception):
    """The document is DVC's to write."""


def quick_dump(document: Any) -> str | None:
    """The text that DVC's writer would give; None where it is to be asked."""
    if type(document) not in _MAPPINGS:
        return None
    try:
        lines = list(_block(document, "", set()))
    except (_DoubtError, DvcException):
        return None
    return None if any(len(line) > _WIDEST for line in lines) else "".join(f"{line}\n" for line in lines)


def _block(value: Any, indent: str, seen: set[int]) -> Iterator[str]:
    if not value or id(value) in seen:  # what is written twice gets an anchor
        raise _DoubtError
    seen.add(id(value))
    return _mapping(value, indent, seen) if type(value) in _MAPPINGS else _sequence(value, indent, seen)


def _mapping(value: Any, indent: str, seen: set[int]) -> Iterator[str]:
    for key, item in value.items():
        name = _text(key)
        if type(item) in _MAPPINGS or type(item) is list:
            yield f"{indent}{name}:"
            yield from _block(item, indent if type(item) is list else f"{indent}  ", seen)
        else:
            yield f"{indent}{name}: {_scalar(item)}"


def _sequence(value: list[Any], indent: str, seen: set[int]) -> Iterator[str]:
    for item in value:
        if type(item) in _MAPPINGS:
            first, *rest = _block(item, f"{indent}  ", seen)
            yield f"{indent}- {first[len(indent) + 2 :]}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(item)}"


def _scalar(value: Any) -> str:
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if type(value) is int else _text(value)


def _text(value: Any) -> str:
    if type(value) is not str or not _PLAIN.fullmatch(value):
        raise _DoubtError
    if plain_scalar(value) == value:
        return value
    if not _NUMBER.fullmatch(value):
        raise _DoubtError
    return f"'{value}'"
