"""The forge of this repository, where there is a token to speak to it."""

import re

from mlops_ci.errors import UsageError
from mlops_ci.stories.world import World
from mlops_ci.tools.environment import TOKEN
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_remote import remote_of
from mlops_ci.tools.github import Forge, forge_of
from mlops_ci.tools.http import Limits

LIMITS = Limits(retries=2, pause=0.5, longest_pause=5, silence=5.0, whole=10.0)
"""Nothing that is told to a forge is worth a longer wait: what it is about is done, or is not yet begun."""
_AT_GITHUB = re.compile(r"(?:https://(?:[^/@]*@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def forge_here(world: World) -> Forge | None:
    """The forge that the runner names, else github.com where the remote is there; None without a token."""
    token = world.environ.get(TOKEN) or world.environ.get("GITHUB_TOKEN", "")
    if not token:
        return None
    repository = world.environ.get("GITHUB_REPOSITORY") or repository_of(world)
    try:
        return forge_of({**world.environ, "GITHUB_REPOSITORY": repository}, token=token)
    except UsageError:
        return None


def repository_of(world: World) -> str:
    """`owner/name` of the remote at github.com; empty where it is elsewhere."""
    remote = remote_of(GitCommands(root=world.root))
    found = _AT_GITHUB.fullmatch(remote.git.run("remote", "get-url", "--", remote.name).text) if remote else None
    return found[1] if found else ""
