"""Work trees beside the first one: begun under another name, and given their own only when they are whole.

Whoever is killed on the way leaves `.NAME.half` behind, which nobody takes for a work tree, and which is removed whole.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.tools.git_commands import GitCommands

# What was recorded is laid down as it is, whatever this machine makes of line ends.
_AS_IT_IS = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkTree:
    """One that is to lie at `path`: absolute, links in its parents followed."""

    git: GitCommands
    path: Path

    @property
    def half(self) -> Path:
        """Where it is until it is whole."""
        return self.path.with_name(f".{self.path.name}.half")

    @property
    def begun(self) -> GitCommands:
        """Git in it, as long as it is not whole."""
        return GitCommands(root=self.half, environment=self.git.environment, seconds=self.git.seconds)

    def begin(self, commit: str) -> None:
        """Lay down a commit, on no branch. No hook is run. Raises ServiceError."""
        self.git.ask(*_AS_IT_IS, "worktree", "add", "--quiet", "--detach", "--", str(self.half), commit)

    def finish(self) -> None:
        """Give it its own name. Killed between the two steps: see `is_unnamed`."""
        self.half.rename(self.path)
        self.name()

    def name(self) -> None:
        """Tell git where it lies."""
        self.git.ask("worktree", "repair", str(self.path))

    def is_unnamed(self) -> bool:
        """Whether it lies there whole, and git only has not been told."""
        link = self.path / ".git"
        if self.half.exists() or not link.is_file():
            return False
        known = Path(link.read_text().removeprefix("gitdir:").strip()) / "gitdir"
        return known.is_file() and known.read_text().strip() == str(self.half / ".git")

    def remove(self) -> bool:
        """Remove what is half done, also from git's list; False where there is nothing."""
        there = self.half.exists()
        if there:
            shutil.rmtree(self.half)
        if f"worktree {self.half}\n" in self.git.ask("worktree", "list", "--porcelain").text + "\n":
            # Twice: one that was killed while files were laid down is locked.
            self.git.ask("worktree", "remove", "--force", "--force", "--", str(self.half))
            return True
        return there
