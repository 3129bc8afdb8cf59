"""Which version of Python a runtime is to have."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import PurePosixPath

Read = Callable[[PurePosixPath], bytes | None]
"""The bytes of a file of the repository by its path, None where there is none."""

_PINNED = re.compile(r"(?:cpython-|python-?)?(3(?:\.\d{1,3}){1,2})")
_CONDITION = re.compile(r"(~=|===?|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?")
_CARET = re.compile(r"([\^~])\s*(\d+)(?:\.(\d+))?(?:\.\d+)*")


def wanted_version(lock: PurePosixPath, *, tracked: frozenset[PurePosixPath], read: Read) -> str | None:
    """A version or a specifier (`3.11`, `>=3.10,<3.12`) that holds for a lock file; None where nothing says one.

    `.python-version` from the lock's folder upwards, then what the lock or the pyproject.toml beside it requires.
    """
    for folder in (lock.parent, *lock.parent.parents):
        path = folder / ".python-version"
        pinned = _pinned(read(path) or b"") if path in tracked else None
        if pinned:
            return pinned
    return _of_pipfile(read(lock) or b"") if lock.name == "Pipfile.lock" else _of_project(lock, read)


def accepts(specifier: str, version: str) -> bool:
    """Whether a specifier of PEP 440 takes a released version. False for what can't be read."""
    conditions = [part.strip() for part in specifier.split(",") if part.strip()]
    return bool(conditions) and all(_holds(condition, version) for condition in conditions)


def project_of(content: bytes) -> Mapping[str, object]:
    """A pyproject.toml as tables; empty for what can't be read: whoever needs it says so himself."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return {}


def table(tables: Mapping[str, object], *names: str) -> Mapping[str, object]:
    """A table within tables, empty where there is none."""
    for name in names:
        inner = tables.get(name)
        tables = inner if isinstance(inner, dict) else {}
    return tables


def _pinned(content: bytes) -> str | None:
    """The first line that is no comment. Names of pyenv's environments and other Pythons are no version."""
    lines = (line.strip() for line in content.decode("utf-8", "replace").lstrip("\ufeff").splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    match = _PINNED.fullmatch(first)
    return match[1] if match else None


def _of_pipfile(content: bytes) -> str | None:
    try:
        lock = json.loads(content)
    except (ValueError, RecursionError):
        return None
    requires = table(lock, "_meta", "requires") if isinstance(lock, dict) else {}
    version = requires.get("python_full_version") or requires.get("python_version")
    return _pinned(version.encode()) if isinstance(version, str) else None


def _of_project(lock: PurePosixPath, read: Read) -> str | None:
    project = project_of(read(lock.parent / "pyproject.toml") or b"")
    required = table(project, "project").get("requires-python")
    if isinstance(required, str):
        return required
    poetry = table(project, "tool", "poetry", "dependencies").get("python")
    return _plain(poetry) if isinstance(poetry, str) else None


def _plain(specifier: str) -> str | None:
    """Poetry's `^3.10` and `~3.10` in the words of PEP 440; None for `*`."""

    def bounds(match: re.Match[str]) -> str:
        major, minor = int(match[2]), match[3]
        above = f"{major}.{int(minor) + 1}" if match[1] == "~" and minor else f"{major + 1}"
        return f">={match[2]}.{minor or 0},<{above}"

    return _CARET.sub(bounds, specifier) if specifier.strip() != "*" and "||" not in specifier else None


def _holds(condition: str, version: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None:
        return False
    operator, bound, wildcard = match.groups()
    ours, theirs = _numbers(version), _numbers(bound)
    prefix = ours[: len(theirs)] == theirs
    if operator in ("==", "===", "!="):
        same = prefix if wildcard else _order(ours, theirs) == 0
        return same != (operator == "!=")
    if operator == "~=":
        return _order(ours, theirs) >= 0 and ours[: len(theirs) - 1] == theirs[:-1]
    order = _order(ours, theirs)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _order(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    pairs = zip_longest(one, other, fillvalue=0)
    return next(((left > right) - (left < right) for left, right in pairs if left != right), 0)
