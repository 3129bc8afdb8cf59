"""Where a story finds recorded runs."""

from pathlib import Path

from mlops_ci.metadata.runs import RunStore
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import remote_of


def run_store(root: Path, *, remote: bool = True, seconds: float | None = None) -> RunStore:
    """The runs of a repository. remote: whether it is asked; seconds: for how long at most, each time."""
    git = GitCommands(root=root) if seconds is None else GitCommands(root=root, seconds=seconds)
    index = ContentIndex(path=own_folder(root) / "index.sqlite")
    return RunStore(objects=GitObjects(git=git), remote=remote_of(git) if remote else None, index=index)
