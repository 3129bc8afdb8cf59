"""Pieces of mlops-ci.yaml: names, quoted values, comments."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from mlops_ci.core.names import is_name
from mlops_ci.core.paths import shown

_UNQUOTED_PATH = re.compile(r"[A-Za-z][\w-]*(?:[./][\w-]+)+", re.ASCII)
_UNQUOTED_NAME = re.compile(r"[a-z][a-z0-9_-]*")
# YAML 1.1 and 1.2 disagree on some of these as keys.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NEVER = ("\\", "${", "\0")
_MOST_ADDRESSES = 3


def sayable(path: PurePosixPath) -> bool:
    """Whether mlops-ci.yaml can name a path at all."""
    text = str(path)
    return path != PurePosixPath() and text.isprintable() and not any(mark in text for mark in _NEVER)


def path_text(path: PurePosixPath) -> str:
    """A path as a value."""
    text = str(path)
    if _UNQUOTED_PATH.fullmatch(text):
        return text
    escaped = text.replace('"', '\\"')  # sayable() leaves no other sign that needs it
    return f'"{escaped}"'


def key_text(name: str) -> str:
    """A name as a key."""
    return name if _UNQUOTED_NAME.fullmatch(name) and name not in _RESERVED else f'"{name}"'


def listed(addresses: Iterable[str]) -> str:
    """Stages, in a comment."""
    known = list(dict.fromkeys(map(shown, addresses)))
    more = f" and {len(known) - _MOST_ADDRESSES} more" if len(known) > _MOST_ADDRESSES else ""
    return ", ".join(known[:_MOST_ADDRESSES]) + more


def names_of(paths: Iterable[PurePosixPath]) -> Mapping[PurePosixPath, str]:
    """A name for each path: its last part, with all folders before it where several have the same, else a number."""
    listed_paths = tuple(paths)
    short = {path: _name(_stem(path)) for path in listed_paths}
    times = Counter(short.values())
    named: dict[PurePosixPath, str] = {}
    for path in listed_paths:
        name = short[path] if times[short[path]] == 1 else _name("-".join((*path.parts[:-1], _stem(path))))
        taken = named.values()
        named[path] = name if name and name not in taken else _numbered(name or "unnamed", taken)
    return named


def _stem(path: PurePosixPath) -> str:
    return path.name.partition(".")[0] or path.name


def _name(text: str) -> str:
    """`text` with what no name may hold left out; empty where nothing is left."""
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower())[:64].strip("-_")
    return name if is_name(name) else ""


def _numbered(name: str, taken: Iterable[str]) -> str:
    used = set(taken)
    return next(numbered for number in range(1, len(used) + 2) if (numbered := f"{name[:58]}-{number}") not in used)
