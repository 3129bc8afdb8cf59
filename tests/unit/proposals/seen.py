"""A repository as `init` saw it, for tests: one pipeline at the root, and what a test says otherwise."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mlops_ci.proposals.values import Remote, Seen

VERSION = "1.2.3"


def seen(**differs: Any) -> Seen:
    """One dvc.yaml at the root, default branch main, no remote, nothing there yet."""
    usual = Seen(branch="main", definitions=(PurePosixPath("dvc.yaml"),), why_mode="no dvc.lock is tracked in git")
    return replace(usual, **differs)


def remote(scheme: str, **differs: Any) -> Remote:
    """The default remote of the root, by its scheme."""
    usual = Remote(root=PurePosixPath(), name="storage", scheme=scheme, shown=f"{scheme}://bucket/data")
    return replace(usual, **differs)
