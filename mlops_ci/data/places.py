"""Paths of a repository that may be read: regular files and folders."""

import stat
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError


def kind_of(path: Path) -> str:
    """What is at a path, links followed: 'file', 'folder', 'nothing', 'broken link', or a name for anything else."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "broken link" if path.is_symlink() else "nothing"
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else _special(mode)


def refuse_special(root: Path, path: PurePosixPath, *, subject: str) -> None:
    """Raise UsageError for what can't be read as a file or a folder: a broken link, a FIFO, a socket, a device."""
    kind = kind_of(root / path)
    if kind not in ("file", "folder", "nothing"):
        place = Place(path=PurePosixPath(shown(path)))
        raise UsageError.at(
            "MC-DATA-011", subject, f"there is a {kind} where data should be", place=place, found=f"a {kind}",
            expected="a file, or a folder of partitions",
            do=f"remove it and bring the data back: `dvc checkout {shown(path)}`",
        )  # fmt: skip


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "FIFO"
    return "socket" if stat.S_ISSOCK(mode) else "device"
