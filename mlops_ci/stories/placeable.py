"""A package that can be placed: its chain walked, its bytes at hand."""

from mlops_ci.deployment.releases import Package
from mlops_ci.packaging.records import Named
from mlops_ci.stories.environments import Opened
from mlops_ci.stories.package_verify import verified
from mlops_ci.stories.world import World


def placeable(opened: Opened, named: Named, world: World) -> Package:
    """A package for an environment. Raises IntegrityError for a broken link of its chain, ServiceError."""
    remote = opened.records.remote
    return Package(
        named=named, unpacked=verified(named, world).unpacked, clone=world.root,
        origin=remote.git.ask("remote", "get-url", "--", remote.name).text,
    )  # fmt: skip
