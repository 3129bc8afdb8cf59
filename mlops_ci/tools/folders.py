"""Folders whose names outlast a loss of power."""

import os
from pathlib import Path


def make_lasting(folder: Path) -> None:
    """Make a folder, and those above it that are not there, with the permissions of any new one. Raises OSError."""
    if folder.is_dir():
        return
    make_lasting(folder.parent)
    folder.mkdir(exist_ok=True)
    settle(folder.parent)


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk: files that were made, renamed or linked there. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
