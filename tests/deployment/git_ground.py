"""A bare repository and clones of it, for logs that are kept in git."""

import os
import time
from pathlib import Path

from mlops_ci.deployment.git_log import GitLog
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote
from tests.factories import git, repository

APART = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def origin(folder: Path) -> Path:
    """A bare repository with one commit."""
    repository(folder / "work", {"README": "first\n"})
    git(folder, "clone", "-q", "--bare", "work", "origin.git")
    return folder / "origin.git"


def cloned(bare: Path, name: str) -> Path:
    """A shallow clone, as actions/checkout makes it."""
    git(bare.parent, "clone", "-q", "--depth", "1", "--no-tags", f"file://{bare}", name)
    return bare.parent / name


def log_of(root: Path, *, name: str = "staging", index: bool = False) -> GitLog:
    """The log as a command sees it that begins now."""
    commands = GitCommands(root=root, environment=APART)
    kept = ContentIndex(path=root / ".mlops-ci" / "index.sqlite") if index else None
    remote = GitRemote(git=commands, name="origin", sleep=lambda seconds: time.sleep(seconds / 10))
    return GitLog(objects=GitObjects(git=commands), remote=remote, name=name, index=kept)


def refs(bare: Path, name: str = "staging") -> dict[str, str]:
    """References of an environment with their commits."""
    told = git(bare, "for-each-ref", "--format=%(refname:lstrip=4) %(objectname)", f"refs/mlops-ci/environments/{name}")
    return dict(line.split() for line in told.splitlines())
