"""`package build`: one immutable package of the commit that is checked out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from securesystemslib.signer import CryptoSigner

from mlops_ci.config.schema import Package
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError, UsageError
from mlops_ci.packaging.archive import Unpacked, pack, unpack
from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.records import DVC, Archive, Named, Record, Records
from mlops_ci.packaging.store import Store, archive_of
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.package_images import package_images
from mlops_ci.stories.package_origin import bill_of_materials, need_signer, now, provenance_of
from mlops_ci.stories.package_records import need_head, open_records
from mlops_ci.stories.package_store import package_settings, signing_keys, store_for, stores
from mlops_ci.stories.packaging import Gathered, gather
from mlops_ci.stories.request import Request
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package with its name. fresh: whether this call has made it; None: it would have been made.

    odd: components whose wheels came out with other bytes than those of the package that was built before. unbuilt:
    those whose images are not built yet, so that the package's name is not known.
    """

    named: Named
    record: Record
    fresh: bool | None
    odd: tuple[str, ...] = ()
    unbuilt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """What a package is made with. began: when."""

    world: World
    records: Records
    store: Store
    settings: Package
    signer: CryptoSigner | None
    began: datetime


def build_package(world: World, *, dry_run: bool = False) -> Built:
    """Have the package of HEAD: gathered, its bytes in the store and proven there, then named.

    Raises UsageError where something keeps it from being one, ServiceError, IntegrityError.
    """
    began, records, commit = now(), open_records(world), need_head(world)
    settings = package_settings(world)
    signer = None if dry_run else need_signer(world, signing_keys(settings, world))
    with _prepared(world) as (workshop, folders):
        making = _Making(
            world=world, records=records, store=store_for(settings, world, folders), settings=settings, signer=signer,
            began=began,
        )  # fmt: skip
        images, unbuilt = package_images(workshop, dry_run=dry_run)
        gathered = gather(workshop, records.objects, commit, images)
        archive = pack(gathered.unpacked)
        known = _known(gathered.manifest, records.of_source(commit), records)
        if known is not None:
            return _again(known, gathered.manifest, archive, making, dry_run=dry_run)
        if dry_run:
            return replace(_planned(gathered, archive, commit, settings), unbuilt=unbuilt)
        return _made(gathered, archive, commit, making)


def bring_package(record: Record, world: World) -> Unpacked:
    """A package's bytes, from its store or a cache. Raises ServiceError where they are not to be had, IntegrityError.

    `verified` has them already, from the store itself.
    """
    with DvcFolders(world) as folders:
        store = stores(package_settings(world), world, folders)(record.archive)
        content = store.bring(record.archive, record.named)
    return unpack(content, digest=record.named.digest, where=record.named.short)


def _known(manifest: Manifest, named: tuple[Named, ...], records: Records) -> Record | None:
    """The package that a commit has already: this very one, else one that was made from the same."""
    same = next((one for one in named if one.digest == manifest.digest), None)
    if same is not None:
        return records.read(same)
    return next((one for one in map(records.read, named) if manifest.is_like(one.manifest)), None)


def _again(record: Record, manifest: Manifest, archive: bytes, making: _Making, *, dry_run: bool) -> Built:
    """The package that there is. Bytes that the store has lost since are sent again, if these are the same."""
    told = archive_of(archive, store=making.settings.registry or DVC)
    if not dry_run and told == record.archive:
        making.store.keep(record.manifest, archive)
    before = record.manifest.components
    odd = (name for name, one in manifest.components.items() if one.wheel.sha256 != before[name].wheel.sha256)
    return Built(named=record.named, record=record, fresh=False, odd=tuple(odd))


def _planned(gathered: Gathered, archive: bytes, commit: str, settings: Package) -> Built:
    named = Named(digest=gathered.manifest.digest, source=commit, commit="")
    told = archive_of(archive, store=settings.registry or DVC)
    record = Record(named=named, manifest=gathered.manifest, archive=told, provenance=b"", sbom=b"")
    return Built(named=named, record=record, fresh=None)


def _made(gathered: Gathered, archive: bytes, commit: str, making: _Making) -> Built:
    """Bytes, then the record, then its name. Whoever is ended in between is as if he had not begun."""
    records, say = making.records, making.world.progress.note
    say(f"sending {len(archive):,} bytes to {making.settings.registry or 'the DVC remote'}")
    kept = making.store.keep(gathered.manifest, archive)
    at = records.objects.written(commit)
    record = Record(
        named=Named(digest=gathered.manifest.digest, source=commit, commit=""), manifest=gathered.manifest,
        archive=kept, provenance=_provenance(gathered, kept, commit, making),
        sbom=bill_of_materials(gathered.unpacked, commit, at),
    )  # fmt: skip
    say("naming it")
    written = records.write(record, gathered.blobs, at)
    named = records.name(written)
    return Built(named=named, record=records.read(named), fresh=named.commit == written.commit)


def _provenance(gathered: Gathered, kept: Archive, commit: str, making: _Making) -> bytes:
    return provenance_of(
        gathered.unpacked, kept, commit, repository=making.records.remote.url, settings=making.settings,
        began=making.began, world=making.world, signer=making.signer,
    )  # fmt: skip


@contextmanager
def _prepared(world: World) -> Iterator[tuple[Workshop, DvcFolders]]:
    """The ground looked at, with the pipelines that are sound. Raises what preflight finds wrong."""
    request = Request()
    step, ground = look_before(request, world, Snapshot(world.repository))
    wrong = tuple(one for one in step.findings if one.exit is not ExitCode.PASS)
    if wrong:
        raise _error_of(wrong[0].exit)(wrong)
    with (
        world.repository,
        world.spare,
        Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop,
        DvcFolders(world) as folders,
    ):
        yield workshop, folders


def _error_of(code: ExitCode) -> type[MlopsCiError]:
    kinds: dict[ExitCode, type[MlopsCiError]] = {ExitCode.SERVICE: ServiceError, ExitCode.INTEGRITY: IntegrityError}
    return kinds.get(code, UsageError)
