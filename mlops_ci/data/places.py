"""Paths of a repository that may be read: regular files and folders, and links that stay inside."""

import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, UsageError


def kind_of(path: Path) -> str:
    """What is at a path, links followed: 'file', 'folder', 'nothing', 'broken link', or a name for anything else."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return "broken link" if path.is_symlink() else "nothing"
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else _special(mode)


def refuse_outside(root: Path, path: PurePosixPath, *, subject: str, also: Sequence[Path] = ()) -> None:
    """Raise IntegrityError when `path`, its links followed, leaves `root` and every folder of `also`."""
    try:
        real = (root / path).resolve()
    except RuntimeError:  # links in a circle: refuse_special calls that a broken link
        return
    if not any(real.is_relative_to(folder.resolve()) for folder in (root, *also)):
        raise IntegrityError.at(
            "MC-DATA-012", subject, "a link leads out of the repository",
            place=Place(path=PurePosixPath(shown(path))), found="a link to a place outside",
            expected="files of the repository, or of DVC's cache",
            do=f"put the data itself at {shown(path)}, under DVC: `dvc unprotect`, copy, `dvc add`",
        )  # fmt: skip


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
