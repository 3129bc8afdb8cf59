"""Folders for the files of one moment, below `.git`: what a killed command left there, a later one removes."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlops_ci.tools.git_commands import GitCommands

_OLD = 3600.0  # seconds: no command of git here takes so long, and a process of another container has no id here


@contextmanager
def scratch_folder(git: GitCommands) -> Iterator[Path]:
    """A folder of this clone's that nobody else uses, removed afterwards. Raises ServiceError."""
    home = git.root / git.ask("rev-parse", "--git-path", "mlops-ci").text
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    with tempfile.TemporaryDirectory(dir=home, prefix="scratch-") as folder:
        yield Path(folder)


def _sweep(home: Path) -> None:
    for one in home.glob("scratch-*"):
        with suppress(OSError):  # another command sweeps too
            if time.time() - one.stat().st_mtime > _OLD:
                shutil.rmtree(one, ignore_errors=True)
