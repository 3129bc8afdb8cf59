"""`package verify`: the chain of one package, from its commit to its bytes. Whatever delivers begins with it."""

from dataclasses import dataclass

from mlops_ci.packaging.archive import Unpacked
from mlops_ci.packaging.branches import Branches
from mlops_ci.packaging.chain import Chain, Link, Sources, walk
from mlops_ci.packaging.records import Named, Record
from mlops_ci.packaging.store import STORED
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.package_records import open_records
from mlops_ci.stories.package_store import dvc_home, image_finder, package_settings, signing_keys, stores
from mlops_ci.stories.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A package whose chain holds, with the bytes that were proven."""

    named: Named
    record: Record
    unpacked: Unpacked
    links: tuple[Link, ...]


def verified(named: Named, world: World) -> Verified:
    """Walk the chain of a package. The signature counts where mlops-ci.yaml of the work tree names a key.

    Raises IntegrityError for the first link that is broken, ServiceError for one that can't be asked.
    """
    chain = chain_of(named, world)
    if chain.error is not None:
        raise chain.error
    if chain.record is None or chain.unpacked is None:
        raise AssertionError("a chain without an error has both")
    return Verified(named=named, record=chain.record, unpacked=chain.unpacked, links=chain.links)


def chain_of(named: Named, world: World) -> Chain:
    """The same, as far as it holds. Raises UsageError for a key that is none."""
    settings, records = package_settings(world), open_records(world)
    keys = signing_keys(settings, world)
    with DvcFolders(world) as folders:
        if settings.registry is None:
            folders.of(dvc_home(world) / STORED).start()  # its imports overlap with what git is asked
        sources = Sources(
            records=records, branches=Branches(objects=records.objects, remote=records.remote),
            store=stores(settings, world, folders), has_image=image_finder(settings, world), keys=keys,
        )  # fmt: skip
        return walk(named, sources)
