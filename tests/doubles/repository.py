"""A git repository without git: the files of a folder, and what is said about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

Paths = frozenset[PurePosixPath]


@dataclass
class LaidRepository:
    """All files below `root` are tracked, but those in `loose`. `hidden`: by .gitignore, `excluded`: by .dvcignore.

    current, default: the branch that is checked out, and the default branch.
    """

    root: Path
    loose: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    current: str | None = "main"
    default: str | None = "main"

    def tracked(self) -> Paths:
        """All that is not loose."""
        return self._all() - _paths(self.loose)

    def untracked(self) -> Paths:
        """All that is loose."""
        return self._all() & _paths(self.loose)

    def ignored(self, paths: Iterable[PurePosixPath], *, tracked_too: bool = False) -> Paths:
        """The hidden ones; git would say none of tracked files unless asked for them too."""
        return frozenset(paths) & _paths(self.hidden) if tracked_too else frozenset()

    def excluded_by(self, name: str) -> Paths:
        """What was said to be excluded."""
        return _paths(self.excluded) if name == ".dvcignore" else frozenset()

    def branch(self) -> str | None:
        """As told."""
        return self.current

    def default_branch(self) -> str | None:
        """As told."""
        return self.default

    def _all(self) -> Paths:
        found = (path for path in self.root.rglob("*") if path.is_symlink() or not path.is_dir())
        return frozenset(PurePosixPath(path.relative_to(self.root).as_posix()) for path in found)


@dataclass
class ToldHistory:
    """Commits that are said to be there. `ancestors`: the merge-base of HEAD with a commit."""

    commits: Mapping[str, str] = field(default_factory=dict)
    ancestors: Mapping[str, str] = field(default_factory=dict)
    default: tuple[str, str] | None = None
    shallow: bool = False
    unborn: bool = False

    def head(self) -> str | None:
        """HEAD's commit."""
        return None if self.unborn else "head"

    def resolve(self, ref: str) -> str | None:
        """A commit by its name, or by itself."""
        return self.commits.get(ref) or (ref if ref in self.commits.values() else None)

    def merge_base(self, one: str, other: str) -> str | None:
        """The ancestor that was told."""
        return self.ancestors.get(other)

    def is_shallow(self) -> bool:
        """Whether history is cut off."""
        return self.shallow

    def default_branch_commit(self) -> tuple[str, str] | None:
        """The default branch."""
        return self.default


@dataclass
class ToldRevisions:
    """The files of one commit. `excluded`: by .dvcignore."""

    files: Mapping[str, bytes]
    excluded: frozenset[str] = frozenset()

    def excluded_by(self, name: str) -> Paths:
        """As told."""
        return _paths(self.excluded) if name == ".dvcignore" else frozenset()

    def files_at(self, commit: str) -> Paths:
        """All of them."""
        return _paths(self.files)

    def read_at(self, commit: str, path: PurePosixPath) -> bytes | None:
        """One of them."""
        return self.files.get(str(path))


def _paths(names: Iterable[str]) -> Paths:
    return frozenset(PurePosixPath(name) for name in names)
