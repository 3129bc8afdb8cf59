"""One work tree beside the first, at a fixed place, laid down for a short work and then removed.

What was made in its `.mlops-ci` (environments, wheels), but for the folder SHORT there, is put aside and laid back the
next time: paths in it are those of that place. Whoever is killed on the way leaves the file `begun`, and the next one
clears what is there.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.errors import LockedError
from mlops_ci.tools.files import exclusive, own_folder
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_worktrees import NewWorkTree

SHORT = "short"  # for what is read and written in one work alone
_LAID = "laid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """root: of the repository. home: the folder of it, which git ignores."""

    root: Path
    home: Path

    @contextmanager
    def laid(self, commit: str, *, patience: float, words: str) -> Iterator[Path]:
        """The commit's work tree, on no branch, and nobody else in it.

        patience: seconds to wait for another holder. Raises LockedError after that, ServiceError where git fails.
        """
        with exclusive(self._lock, patience=patience, words=words):
            self._clear()
            self._begun.touch()
            try:
                self._tree.begin(commit)
                self._take_back()
                self._begun.write_text(_LAID)
                yield self._tree.half
            finally:
                self._clear()

    def sweep(self) -> None:
        """Clear what a killed command left; nothing where somebody is at work here."""
        if self._begun.exists():
            with suppress(LockedError), exclusive(self._lock, patience=0, words="clearing"):
                self._clear()

    @property
    def logs(self) -> str:
        """Where logs of what was made in it are found afterwards, from the root."""
        return f"{self._aside.relative_to(self.root)}/logs"

    @property
    def _tree(self) -> NewWorkTree:
        return NewWorkTree(git=GitCommands(root=self.root), path=self.home / "work")

    @property
    def _lock(self) -> Path:
        return self.home / "lock"

    @property
    def _begun(self) -> Path:
        return self.home / "begun"

    @property
    def _aside(self) -> Path:
        return self.home / "aside"

    def _take_back(self) -> None:
        """A commit may track such a folder, or a file or link of that name: none is believed."""
        own = self._tree.half / ".mlops-ci"
        if own.is_symlink() or own.is_file():
            own.unlink()
        elif own.exists():
            shutil.rmtree(own)
        if self._aside.is_dir():
            self._aside.rename(own)
        shutil.rmtree(own / SHORT, ignore_errors=True)
        own_folder(self._tree.half)

    def _clear(self) -> None:
        """Before it was laid, the folder is still that of the commit, and nothing of it is kept."""
        own = self._tree.half / ".mlops-ci"
        if own.is_dir() and self._begun.is_file() and self._begun.read_text() == _LAID:
            shutil.rmtree(own / SHORT, ignore_errors=True)
            own.rename(self._aside)
        self._tree.remove()
        self._begun.unlink(missing_ok=True)
