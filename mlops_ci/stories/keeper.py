"""Which DVC repository of a clone keeps what is at a path."""

from pathlib import PurePosixPath

from mlops_ci.errors import UsageError
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name


def keeper_of(world: World, path: PurePosixPath) -> DvcRepository:
    """The DVC repository of this clone that the path belongs to: its remotes and its cache are asked.

    To be closed. Raises UsageError where there is none.
    """
    folder = next((one for one in path.parents if (world.root / one / ".dvc").is_dir()), None)
    if folder is None:
        raise UsageError.at(
            "MC-REG-037", str(path), "this clone has no DVC repository for it", found="no folder .dvc",
            expected="the .dvc/config that names the remote", do="check out a branch that has it: `git checkout main`",
        )  # fmt: skip
    log = world.own / "logs" / log_name(folder)
    return DvcRepository(world.root, world.root / folder, log=log, start=world.spare.take)
