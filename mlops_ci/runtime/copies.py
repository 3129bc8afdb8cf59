"""Copies of the user's files outside the work tree: whatever builds or tests there leaves nothing behind."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import ServiceError

# From here on a file is linked to, not copied: no build backend writes into a file of that size.
_LARGE = 1 << 20


def regular(root: Path, files: Iterable[PurePosixPath]) -> Iterator[PurePosixPath]:
    """Those of `files` that are regular files in the work tree, or links to such, sorted."""
    return (path for path in sorted(files) if _stays(root, path) and (root / path).is_file())


def _stays(root: Path, path: PurePosixPath) -> bool:
    """Whether a path is there and, if it is a link, leads to something in the repository."""
    here = root / path
    return not here.is_symlink() or (here.exists() and here.resolve().is_relative_to(root.resolve()))


def copy_files(root: Path, files: Iterable[PurePosixPath], into: Path, *, link_large: bool = False) -> None:
    """Copy `files` to the same paths below `into`. Times and modes are kept; what leads out of the repository is not.

    A link to a file becomes that file; a link to a folder stays a link.
    """
    for path in sorted(files):
        if _stays(root, path):
            try:
                _copy(root / path, into / path, link_large=link_large)
            except OSError as error:
                raise _uncopied(path, error) from error


def _copy(source: Path, target: Path, *, link_large: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink() and source.is_dir():
        target.symlink_to(source.readlink())
    elif not source.is_file():
        return
    elif link_large and source.stat().st_size > _LARGE:
        target.symlink_to(source.resolve())
    else:
        shutil.copy2(source, target)


def _uncopied(path: PurePosixPath, error: OSError) -> ServiceError:
    return ServiceError.at(
        "MC-RUNTIME-017", shown(path), "this file can't be copied to where it is built or tested",
        place=Place(path=path), found=error.strerror or str(error), expected="a readable file, and room below TMPDIR",
        do="mend its permissions, or make room",
    )  # fmt: skip


def copy_repository(root: Path, files: Iterable[PurePosixPath], into: Path) -> None:
    """A copy of the whole work tree to install from, which git takes for a work tree at the same commit.

    Build backends ask git for a version, so a `.git` file leads back to the repository; large files are linked.
    """
    into.mkdir(parents=True)
    copy_files(root, files, into, link_large=True)
    git = root / ".git"
    if git.is_dir():
        (into / ".git").write_text(f"gitdir: {git.resolve()}\n", encoding="utf-8")
    elif git.is_file():
        with suppress(OSError):
            shutil.copy2(git, into / ".git")
