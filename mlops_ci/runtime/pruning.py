"""Runtimes and wheels of ours that nobody has used for long are removed, a few at a time."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from mlops_ci.errors import LockedError
from mlops_ci.tools.files import exclusive

UNUSED_SECONDS = 30 * 24 * 3600.0
# A runtime may hold gigabytes; whoever waits for one that is being made should not wait for many that are removed.
_MOST_RUNTIMES, _MOST_WHEELS = 3, 50
# A note of use that is not older is as good as one of now.
_FRESH_SECONDS = 24 * 3600.0
_NAME = re.compile(r"[0-9a-f]{16}")
_REMOVED = ".removed-"


def note_use(folder: Path, *, patience: float) -> None:
    """Note on the disk that a runtime or a wheel's folder is in use, so that it is not pruned. None there: no matter.

    Whoever is about to prune it holds its lock: what was long unused is only noted under that. Raises LockedError.
    """
    with suppress(OSError):
        if _idle(folder) < _FRESH_SECONDS:
            os.utime(folder)
            return
        with exclusive(folder.with_suffix(".lock"), patience=patience):
            os.utime(folder)


def prune(runtimes: Path, *, keep: Path) -> tuple[str, ...]:
    """Remove what was unused for 30 days below `.mlops-ci/runtime`, the longest unused first. Returns the names.

    Killed in the middle it leaves nothing that could be taken for a runtime, and the next call removes the rest. What
    can't be removed, or is held by another process, stays.
    """
    wheels = runtimes / "wheels"
    for folder in (runtimes, wheels):
        for left in folder.glob(f"{_REMOVED}*"):
            shutil.rmtree(left, ignore_errors=True)
    return tuple(_pruned(runtimes, keep, _MOST_RUNTIMES)) + tuple(_pruned(wheels, keep, _MOST_WHEELS))


def _pruned(folder: Path, keep: Path, most: int) -> Iterator[str]:
    idle = ((_idle(path), path) for path in folder.glob("*") if _is_ours(path) and path != keep)
    old = sorted((one for one in idle if one[0] >= UNUSED_SECONDS), reverse=True)
    return (path.name for _, path in old[:most] if _removed(path))


def _removed(path: Path) -> bool:
    """Whether it was still unused, and held by nobody: then it is gone."""
    with suppress(OSError, LockedError), exclusive(path.with_suffix(".lock"), patience=0):
        if _idle(path) >= UNUSED_SECONDS:
            _remove(path)
            return True
    return False


def _remove(path: Path) -> None:
    """First out of the way, at once; then from the disk."""
    gone = path.with_name(f"{_REMOVED}{uuid4().hex}")
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    named = _NAME.fullmatch(path.name) is not None or path.name.startswith(".building-")
    return named and path.is_dir() and not path.is_symlink()


def _idle(path: Path) -> float:
    """Seconds since it was used, or made. Raises OSError."""
    return time.time() - path.stat().st_mtime
