"""Pipfile.lock as requirements: it is JSON and says all, so pipenv itself is not needed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError

_VERSION_CONTROL = ("git", "hg", "svn", "bzr")
_PUBLIC = "pypi"  # what pipenv calls the public index


def requirements_of_pipfile(lock: PurePosixPath, content: bytes) -> str:
    """The locked packages, those for development too, one a line. Raises UsageError for what is no Pipfile.lock.

    Paths are meant from the lock's own folder. Hashes are left out where a package without one would void them.
    """
    try:
        told = json.loads(content)
        sources = told.get("_meta", {}).get("sources", [])
        indexes = [str(source["url"]) for source in sources if source.get("name") != _PUBLIC]
        locked: dict[str, Mapping[str, object]] = {**told.get("develop", {}), **told["default"]}
        hashed = all("hashes" in entry for entry in locked.values())
        packages = [_line(name, entry, hashed=hashed) for name, entry in sorted(locked.items())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError.at(
            "MC-RUNTIME-008", shown(lock), "it can't be read", place=Place(path=lock), found=str(error)[:200],
            expected="JSON as pipenv writes it", do="write it anew: `pipenv lock`",
        ) from error  # fmt: skip
    return "\n".join([*_index_lines(indexes), *packages]) + "\n"


def _index_lines(indexes: list[str]) -> Iterator[str]:
    """Only indexes beside the public one: that one is left to the user's settings, who may have a mirror of it."""
    for url in indexes:
        if "${" not in url:
            yield f"--extra-index-url {url}"


def _line(name: str, entry: Mapping[str, object], *, hashed: bool) -> str:
    extras = entry.get("extras")
    full = f"{name}[{','.join(str(extra) for extra in extras)}]" if isinstance(extras, list) else name
    marker = f" ; {entry['markers']}" if "markers" in entry else ""
    path = entry.get("path") or entry.get("file")
    if path is not None:
        return f"-e {path}" if entry.get("editable") else str(path)
    for system in _VERSION_CONTROL:
        if system in entry:
            below = f"#subdirectory={entry['subdirectory']}" if "subdirectory" in entry else ""
            return f"{full} @ {system}+{entry[system]}@{entry['ref']}{below}{marker}"
    hashes = entry.get("hashes") if hashed else None
    tail = "".join(f" --hash={value}" for value in hashes) if isinstance(hashes, list) else ""
    return f"{full}{entry.get('version', '')}{marker}{tail}".replace("==*", "")
