"""`package build|show|verify`: one immutable package of the commit that is checked out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5, sha256
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import shown
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError, UsageError
from mlops_ci.packaging.archive import Unpacked, pack, unpack
from mlops_ci.packaging.records import Archive, Named, Record, Records
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.packaging import Gathered, gather
from mlops_ci.stories.request import Request
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_remote import need_remote
from mlops_ci.tools.git_snapshot import Snapshot

_STORED = PurePosixPath("package.tar.gz")  # no output of anybody's: the default remote of the root has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package with its name. fresh: whether this call has made it; None: it would have been made."""

    named: Named
    record: Record
    fresh: bool | None


def build_package(world: World, *, dry_run: bool = False) -> Built:
    """Have the package of HEAD: gathered, its bytes in the store and proven there, then named.

    Raises UsageError where something keeps it from being one, ServiceError, IntegrityError.
    """
    records = open_records(world)
    commit = need_head(world)
    with _prepared(world) as (workshop, folders):
        gathered = gather(workshop, records.objects, commit, {})
        digest = gathered.manifest.digest
        known = next((one for one in records.of_source(commit) if one.digest == digest), None)
        if known is not None:
            return Built(named=known, record=records.read(known), fresh=False)
        named = Named(digest=digest, source=commit, commit="")
        archive = pack(gathered.unpacked)
        record = Record(named=named, manifest=gathered.manifest, archive=_archive(archive), provenance=b"", sbom=b"")
        if dry_run:
            return Built(named=named, record=record, fresh=None)
        return _made(record, archive, gathered, records, folders)


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


def bring_package(record: Record, world: World) -> Unpacked:
    """A package's bytes, from its store. Raises ServiceError where they are not to be had, IntegrityError."""
    where = record.named.digest.value[:12]
    with tempfile.TemporaryDirectory(prefix="mlops-ci-") as scratch, DvcFolders(world) as folders:
        file = Path(scratch) / "package"
        if not folders.of(_STORED).fetch(_STORED, Digest("md5", record.archive.md5), into=file):
            raise ServiceError.at(
                "MC-PKG-020", where, "the package's bytes are not to be had", found=f"no md5:{record.archive.md5}",
                expected="the object in the DVC remote, or in the cache",
                do=f"build it again: `git checkout {record.named.source[:12]}`, then `mlops-ci package build`",
            )  # fmt: skip
        content = file.read_bytes()
    if sha256(content).hexdigest() != record.archive.sha256:
        raise IntegrityError.at(
            "MC-PKG-021", where, "the package's bytes are not those that its record names",
            found=f"sha256:{sha256(content).hexdigest()}", expected=f"sha256:{record.archive.sha256}",
            do="do not use it; build it again from its commit, and look into who wrote to the store",
        )  # fmt: skip
    return unpack(content, digest=record.named.digest, where=where)


def _made(record: Record, archive: bytes, gathered: Gathered, records: Records, folders: DvcFolders) -> Built:
    """Bytes, then the record, then its name."""
    with tempfile.TemporaryDirectory(prefix="mlops-ci-") as scratch:
        file = Path(scratch) / _STORED.name
        file.write_bytes(archive)
        store = folders.of(_STORED)
        store.secure(_STORED, store.take_in(file))
    at = records.objects.written(record.named.source)
    named = records.name(records.write(record, gathered.blobs, at))
    return Built(named=named, record=records.read(named), fresh=True)


def _archive(content: bytes) -> Archive:
    return Archive(
        store="dvc", sha256=sha256(content).hexdigest(), md5=md5(content, usedforsecurity=False).hexdigest(),
        size=len(content),
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


def as_of_now() -> datetime:
    """Now, in whole seconds, UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def named_shortly(named: Named) -> str:
    """A package for people."""
    return f"{named.digest.value[:12]} of {shown(named.source[:12])}"
