"""The target `github`: no host at all. The ledger in git says which package runs; a workflow's runner runs just that.

A release is laid out on the runner that needs it, and is gone with it.
"""

from dataclasses import dataclass

from mlops_ci.deployment.targets.folder import FolderTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubTarget(FolderTarget):
    """An environment whose log is in git. root: a folder of this machine for releases."""

    own_log: bool = False
