"""The marker of a runtime that we made: written last, so that a half-made runtime has none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.tools.files import write_whole

_NAME = "complete.json"
_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a finished runtime is.

    place: the folder it was made in; moved elsewhere its scripts are broken. version: its Python's, in full.
    packages: names of their metadata folders. projects: the repository's own projects that it leads to, by folder,
    with the digest of what they are built by. components: installed wheels, by distribution, with their tree's digest.
    """

    place: Path
    version: str
    packages: tuple[str, ...] = ()
    projects: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)


def read_marker(folder: Path) -> Marker | None:
    """The marker in a runtime's folder. None: it was not finished, has been moved, or has lost its Python."""
    try:
        told = json.loads((folder / _NAME).read_bytes())
        if told["schema"] != _SCHEMA:
            return None
        marker = Marker(
            place=Path(told["place"]),
            version=str(told["version"]),
            packages=tuple(str(name) for name in told["packages"]),
            projects=_texts(told["projects"]),
            components=_texts(told["components"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    whole = marker.place == folder and (folder / "environment/bin/python").exists()
    return marker if whole else None


def write_marker(folder: Path, marker: Marker) -> None:
    """Say that the runtime in `folder` is finished."""
    told = {
        "schema": _SCHEMA,
        "place": str(marker.place),
        "version": marker.version,
        "packages": marker.packages,
        "projects": dict(marker.projects),
        "components": dict(marker.components),
    }
    write_whole(folder / _NAME, json.dumps(told, indent=1).encode("utf-8", "surrogateescape"))


def _texts(told: Mapping[object, object]) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in told.items()}
