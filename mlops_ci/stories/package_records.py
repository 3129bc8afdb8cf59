"""Where the packages of a repository are named, and the commit that one would be of."""

from mlops_ci.errors import UsageError
from mlops_ci.packaging.records import Records
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.git_remote import need_remote


def open_records(world: World) -> Records:
    """The packages of a repository. Raises UsageError where it has no remote: there is no other truth."""
    store = run_store(world.root)
    return Records(objects=store.objects, remote=need_remote(store.objects.git))


def need_head(world: World) -> str:
    """The commit that is checked out. Raises UsageError before the first one."""
    commit = world.repository.head()
    if commit is None:
        raise UsageError.at(
            "MC-PKG-015", "package", "nothing is committed yet", found="a repository without a commit",
            expected="the commit to package", do="commit the pipeline first",
        )  # fmt: skip
    return commit
