"""Where a work tree begins, and what leads out of it."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import quoted, shown
from mlops_ci.errors import IntegrityError, UsageError


def nearest_root(folder: Path) -> Path | None:
    """`folder`, or the nearest folder above it, that holds `.git`; None where none does."""
    start = folder.resolve()
    return next((one for one in (start, *start.parents) if (one / ".git").exists()), None)


def root_of(folder: Path) -> Path:
    """The same. Raises UsageError where there is none."""
    root = nearest_root(folder)
    if root is None:
        raise no_repository(folder)
    return root


def no_repository(folder: Path) -> UsageError:
    """The error for a folder that git does not know."""
    return UsageError.at(
        "MC-GIT-001", str(folder), "this is no git repository", found=f"no .git in {folder.resolve()} or above",
        expected="a folder in a git repository",
        do=f"run `git init {quoted(str(folder))}`, or name a repository with `-C DIR`",
    )  # fmt: skip


def distrusted(root: Path) -> UsageError:
    """The error for a repository of another user's, which git does not read."""
    return UsageError.at(
        "MC-GIT-003", str(root), "git does not trust this repository, since it belongs to another user",
        expected="a repository of the user who runs this",
        do=f"if you trust it: `git config --global --add safe.directory {quoted(str(root))}`",
    )  # fmt: skip


def refuse_outside(root: Path, path: PurePosixPath, *, subject: str, also: Sequence[Path] = ()) -> None:
    """Raise IntegrityError when `path`, its links followed, leaves `root` and every folder of `also`."""
    try:
        real = (root / path).resolve()
    except RuntimeError:  # links in a circle lead nowhere
        return
    if not any(real.is_relative_to(folder.resolve()) for folder in (root, *also)):
        raise IntegrityError.at(
            "MC-DATA-012", subject, "a link leads out of the repository",
            place=Place(path=PurePosixPath(shown(path))), found="a link to a place outside",
            expected="files of the repository, or of DVC's cache",
            do=f"put the data itself at {shown(path)}, under DVC: `dvc unprotect`, copy, `dvc add`",
        )  # fmt: skip
