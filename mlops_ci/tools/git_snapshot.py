"""A work tree as it was when it was first looked at: git is asked once for each list, whoever wants it."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlops_ci.tools.git import GitRepository, Paths, Status


class Snapshot:
    """What a story sees of the work tree before anything is run. All paths are relative to `root`."""

    def __init__(self, repository: GitRepository) -> None:
        self._repository = repository

    @property
    def root(self) -> Path:
        """The repository's root."""
        return self._repository.root

    def tracked(self) -> Paths:
        """See GitRepository.tracked."""
        return self._tracked

    def untracked(self) -> Paths:
        """See GitRepository.untracked."""
        return self._status.untracked

    def is_dirty(self) -> bool:
        """See GitRepository.is_dirty."""
        return bool(self._status.changed)

    def modified(self) -> Paths:
        """Tracked paths that are staged or changed."""
        return self._status.changed - self._status.untracked

    def changed_since(self, commit: str) -> Paths:
        """See GitRepository.changed_since."""
        return self._repository.staged_since(commit) | self._status.changed

    def ignored(self, paths: Iterable[PurePosixPath], *, tracked_too: bool = False) -> Paths:
        """See GitRepository.ignored. Asked anew each time."""
        return self._repository.ignored(paths, tracked_too=tracked_too)

    def excluded_by(self, name: str) -> Paths:
        """See GitRepository.excluded_by. Asked anew each time."""
        return self._repository.excluded_by(name)

    @cached_property
    def _tracked(self) -> Paths:
        return self._repository.tracked()

    @cached_property
    def _status(self) -> Status:
        return self._repository.status()
