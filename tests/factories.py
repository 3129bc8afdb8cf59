"""Repositories and values made for tests. Each takes what differs and leaves out the rest."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# That of the tests' own environment: a machine need not have one on its PATH.
UV_PROGRAM = str(Path(sys.executable).with_name("uv"))
_GIT_IDENTITY = {
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder`, apart from the user's own configuration, and return what it printed."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **_GIT_IDENTITY}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def lay(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files`, by their paths, below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def repository(folder: Path, files: Mapping[str, str | bytes], *, message: str = "first") -> Path:
    """A git repository on branch `main` whose only commit holds `files`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    lay(folder, files)
    commit_all(folder, message)
    return folder


def commit_all(folder: Path, message: str) -> str:
    """Commit everything that git does not ignore; returns the commit's id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")
