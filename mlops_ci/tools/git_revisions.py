"""Commits read through the object database: also in a partial clone, which brings what it lacks."""

import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.tools.git_objects import GitObjects

_FILE_MODES = (b"100644 ", b"100755 ")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRevisions:
    """What is asked of one commit at a time. See metadata.base_state.Revisions."""

    objects: GitObjects

    def files_at(self, commit: str) -> frozenset[PurePosixPath]:
        """All regular files at a commit."""
        answer = self.objects.git.ask("ls-tree", "-r", "-z", "--full-tree", commit)
        entries = (entry.partition(b"\t") for entry in answer.output.split(b"\0"))
        return frozenset(PurePosixPath(os.fsdecode(name)) for mode, _, name in entries if mode.startswith(_FILE_MODES))

    def read_at(self, commit: str, path: PurePosixPath) -> bytes | None:
        """A file's bytes at a commit, None if it has no such file."""
        name = f"{commit}:{path}"
        return self.objects.read([name]).get(name)

    def excluded_by(self, _: str) -> frozenset[PurePosixPath]:
        """None: what the work tree excludes now says nothing of a commit."""
        return frozenset()
