"""What lies in the work tree: read once, within limits, links never followed out of it."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import quoted, shown
from mlops_ci.core.verdicts import ExitCode

Paths = frozenset[PurePosixPath]

# The largest dvc.lock among real repositories has some thousand stages and two megabytes.
MAXIMUM_BYTES = 16 * 1024 * 1024


class Repository(Protocol):
    """What is asked of git."""

    @property
    def root(self) -> Path:
        """Where all paths begin."""

    def tracked(self) -> Paths:
        """All paths in the index."""

    def untracked(self) -> Paths:
        """Files that git neither tracks nor ignores."""

    def ignored(self, paths: Paths, *, tracked_too: bool = False) -> Paths:
        """Those that a .gitignore rule matches."""

    def excluded_by(self, name: str) -> Paths:
        """Files that files called `name` exclude, in gitignore's grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """The files of a repository, by their paths from its root.

    files: tracked and untracked-not-ignored ones that DVC looks at (what .dvcignore names is left out).
    tracked_folders: tracked files, and all folders around them.
    hidden: tracked DVC files that a .gitignore rule matches, so that DVC does not see them.
    """

    root: Path
    tracked: Paths
    files: Paths
    tracked_folders: Paths = frozenset()
    hidden: Paths = frozenset()

    def named(self, name: str) -> tuple[PurePosixPath, ...]:
        """The files with that name, in order; not those hidden from DVC, nor in a `.dvc` folder."""
        return _in_order(path for path in _ending(self.files, name) if path.name == name and self._is_visible(path))

    def with_suffix(self, suffix: str) -> tuple[PurePosixPath, ...]:
        """The files whose names have that suffix, likewise."""
        found = (path for path in _ending(self.files, suffix) if path.suffix == suffix)
        return _in_order(filter(self._is_visible, found))

    def visible(self) -> tuple[PurePosixPath, ...]:
        """The files that DVC may read, in order."""
        return _in_order(filter(self._is_visible, self.files))

    def _is_visible(self, path: PurePosixPath) -> bool:
        return path not in self.hidden and ".dvc" not in path.parent.parts

    def exists(self, path: PurePosixPath) -> bool:
        """Whether something is there; a broken link is nothing."""
        return os.path.exists(self.root / path)  # noqa: PTH110 - Path.exists raises for names that are too long

    def is_folder(self, path: PurePosixPath) -> bool:
        """Whether a folder is there."""
        return os.path.isdir(self.root / path)  # noqa: PTH112 - as above

    def is_odd(self, path: PurePosixPath) -> bool:
        """Whether a FIFO, a socket or a device is there: who opens one may wait for ever."""
        try:
            mode = (self.root / path).stat().st_mode
        except (OSError, ValueError):
            return False
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))

    def link_out(self, path: PurePosixPath) -> PurePosixPath | None:
        """The part of `path` that is a link in git which leads out of the repository; None if there is none.

        Links that git does not have are DVC's own, into its cache.
        """
        top = os.path.realpath(self.root)
        for part in (*reversed(path.parents), path):
            if part in self.files and (self.root / part).is_symlink():
                target = os.path.realpath(self.root / part)
                if target != top and not target.startswith(top + os.sep):
                    return part
        return None

    def link(self, path: PurePosixPath) -> str:
        """A link and what it leads to, to be read by people."""
        return f"{shown(path)} -> {_target(self.root / path)}"

    def dvc_root(self, path: PurePosixPath) -> PurePosixPath | None:
        """The nearest folder upwards from a file that has a `.dvc` folder; None: there is none in the repository."""
        return next((folder for folder in path.parents if self.is_folder(folder / ".dvc")), None)

    def read(self, path: PurePosixPath, *, subject: str) -> bytes | Finding:
        """A file's bytes, or why they are not to be had."""
        out = self.link_out(path)
        if out is not None:
            return Finding(
                code="MC-PIPE-010", subject=subject, what="a link leads out of the repository",
                exit=ExitCode.INTEGRITY, place=placed(path), found=f"{self.link(out)}",
                expected="a file in the repository", do=f"replace the link by the file itself: {shown(out)}",
            )  # fmt: skip
        try:
            return _bounded(self.root / path)
        except OSError as error:
            return Finding(
                code="MC-PIPE-011", subject=subject, what="the file can't be read", exit=ExitCode.USAGE,
                place=placed(path), found=error.strerror or str(error), expected="a readable, regular file",
                do=f"mend it; `ls -l {quoted(path)}` shows what it is",
            )  # fmt: skip


def look_at(repository: Repository) -> WorkTree:
    """Ask git, once, for all that is needed."""
    tracked, untracked = repository.tracked(), repository.untracked()
    files = (tracked | untracked) - repository.excluded_by(".dvcignore")
    ours = frozenset(
        path
        for path in _ending(tracked, ".dvc", "dvc.yaml", "dvc.lock")
        if path.suffix == ".dvc" or path.name in ("dvc.yaml", "dvc.lock")
    )
    top = f"{repository.root}{os.sep}"
    gone = {path for path in files if not os.path.lexists(f"{top}{path}")}
    return WorkTree(
        root=repository.root, tracked=tracked, hidden=repository.ignored(ours, tracked_too=True),
        tracked_folders=tracked.union(_folders_of(tracked)),
        files=files - gone,
    )  # fmt: skip


def _folders_of(files: Paths) -> Iterator[PurePosixPath]:
    """Every folder that holds some of the files, at whatever depth."""
    for name in {str(path).rpartition("/")[0] for path in files}:
        folder = PurePosixPath(name)
        yield from (folder, *folder.parents)


def _ending(paths: Paths, *ends: str) -> Iterator[PurePosixPath]:
    """The few of many paths that are worth a closer look: their text is known, their parts have to be made."""
    return (path for path in paths if str(path).endswith(ends))


def _in_order(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """As paths compare, in a fraction of the time."""
    return tuple(sorted(paths, key=lambda path: path.parts))


def placed(path: PurePosixPath, line: int | None = None) -> Place:
    """A place whose path can be printed, whatever its bytes."""
    return Place(path=PurePosixPath(shown(path)), line=line)


def _target(link: Path) -> str:
    try:
        return shown(os.readlink(link))  # noqa: PTH115 - the text, not a path
    except OSError:
        return "?"


def _bounded(path: Path) -> bytes:
    """Opened without waiting, so that a FIFO does not hold us, and read up to the limit."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - a descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "no regular file")
        content = file.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise OSError(0, f"larger than {MAXIMUM_BYTES // 1024 // 1024} MiB")
    return content
