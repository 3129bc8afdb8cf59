"""Variables with which git tells its hooks, and the commands of `rebase --exec`, which repository they are of."""

import os

_NAMES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")


def forget_other_repository() -> None:
    """From now on, here and in all processes that are started, the repository is that of the folder that is named."""
    for name in _NAMES:
        os.environ.pop(name, None)
