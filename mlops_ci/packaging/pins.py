"""The packages that a lock pins, with their hashes: for the bill of materials, and for what two packages differ in."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.errors import UsageError
from mlops_ci.runtime.distributions import normalized
from mlops_ci.runtime.requirements import read_requirements

Contents = Mapping[PurePosixPath, bytes]

_PINNED = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*===?\s*(?P<version>[^\s;,#\\]+)")
_HASH = re.compile(r"--hash[=\s]\s*([a-z0-9]+:[0-9a-f]+)")
_CONTINUED = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pin:
    """One version of a distribution. hashes: like `sha256:...`, sorted; of each file that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...] = ()


def pins_of(lock: PurePosixPath, files: Contents) -> tuple[Pin, ...]:
    """What a lock pins, sorted; nothing for a kind that pins nothing, or that can't be read. files: by path."""
    try:
        found = set(_pins(lock, files))
    except (ValueError, UsageError, RecursionError, AttributeError, TypeError):
        return ()
    return tuple(sorted(found))


def _pins(lock: PurePosixPath, files: Contents) -> Iterable[Pin]:
    content = files.get(lock, b"")
    if lock.name in ("uv.lock", "poetry.lock", "pdm.lock") or lock.suffix == ".toml":
        return _of_tables(tomllib.loads(content.decode("utf-8")))
    if lock.name == "Pipfile.lock":
        return _of_pipfile(json.loads(content))
    if lock.suffix in (".txt", ".in"):
        return [one for text in read_requirements(lock, files.get).texts.values() for one in _of_lines(text)]
    return ()


def _of_lines(text: str) -> Iterator[Pin]:
    for line in _CONTINUED.sub(" ", text).splitlines():
        match = _PINNED.match(line)
        if match is not None:
            yield _pin(match["name"], match["version"], _HASH.findall(line))


def _of_tables(document: Mapping[str, object]) -> Iterator[Pin]:
    """uv, Poetry, PDM, and pylock.toml, which calls the list `packages`."""
    packages = document.get("package") or document.get("packages")
    for one in packages if isinstance(packages, list) else ():
        if isinstance(one.get("name"), str) and isinstance(one.get("version"), str):
            files = [one.get("sdist"), *(one.get("wheels") or ()), *(one.get("files") or ())]
            yield _pin(one["name"], one["version"], _hashes(files))


def _hashes(files: Iterable[object]) -> Iterator[str]:
    for file in files:
        if isinstance(file, dict):
            yield from (file["hash"],) if isinstance(file.get("hash"), str) else ()
            named = file.get("hashes")
            yield from (f"{name}:{value}" for name, value in named.items()) if isinstance(named, dict) else ()


def _of_pipfile(document: Mapping[str, Mapping[str, Mapping[str, object]]]) -> Iterator[Pin]:
    for name, one in document.get("default", {}).items():
        version, hashes = one.get("version"), one.get("hashes")
        if isinstance(version, str):
            yield _pin(name, version.lstrip("="), map(str, hashes) if isinstance(hashes, list) else ())


def _pin(name: str, version: str, hashes: Iterable[str]) -> Pin:
    return Pin(name=normalized(name), version=version, hashes=tuple(sorted(set(hashes))))
