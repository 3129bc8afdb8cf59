"""Folders for temporary files: gone afterwards; where their owner was killed, gone with the next one that is made."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "mlops-ci-scratch-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder below TMPDIR that nobody else uses."""
    sweep()
    folder, descriptor = _owned(_home())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _owned(home: Path) -> tuple[Path, int]:
    """A new folder, locked until this process ends, however it does."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
        with suppress(FileNotFoundError):  # who sweeps took it for one that was left
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            if _locked(descriptor) and folder.exists():
                return folder, descriptor
            os.close(descriptor)


def _home() -> Path:
    return Path(tempfile.gettempdir()).resolve()


def sweep() -> None:
    """Remove what no process owns any more. What is another user's is his concern."""
    for left in _home().glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if _locked(descriptor):
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
