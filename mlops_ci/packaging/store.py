"""Where a package's bytes are kept: the port, and one file of the DVC remote behind it."""

from hashlib import md5, sha256
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, ServiceError, UsageError
from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.records import DVC, Archive, Named
from mlops_ci.tools.scratch import scratch_folder

STORED = PurePosixPath("package.tar.gz")  # no output of anybody's: the default remote has it


class Store(Protocol):
    """The port. Raises ServiceError where it can't be asked, or does not have it."""

    def keep(self, manifest: Manifest, content: bytes) -> Archive:
        """Have it hold the archive of a package, proven by reading it back. Returns what is there then.

        That may be the archive of somebody who was quicker: another one, of the same package.
        """

    def read(self, archive: Archive, named: Named) -> bytes:
        """The bytes as they lie in the store itself, and not in a cache. Raises IntegrityError for others."""

    def bring(self, archive: Archive, named: Named) -> bytes:
        """The same, but they may be from a cache."""


class Files(Protocol):
    """What `DvcStore` needs of a DVC repository: see DvcRepository."""

    def has_remote(self) -> bool:
        """See DvcRepository.has_remote."""

    def take_in(self, file: Path) -> Digest:
        """See DvcRepository.take_in."""

    def secure(self, path: PurePosixPath, digest: Digest) -> int:
        """See DvcRepository.secure."""

    def fetch(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """See DvcRepository.fetch."""

    def read_back(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """See DvcRepository.read_back."""


class DvcStore:
    """An object of the default DVC remote, named by its MD5 as DVC names all of them."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def keep(self, manifest: Manifest, content: bytes) -> Archive:
        """See Store.keep. Raises UsageError where there is no remote."""
        if not self._files.has_remote():
            raise UsageError.at(
                "MC-PKG-023", "package", "there is nowhere to keep the package's bytes", found="no default DVC remote",
                expected="a DVC remote, or a registry", do="`dvc remote add -d NAME URL`, or set `package.registry`",
            )  # fmt: skip
        with scratch_folder() as scratch:
            file = scratch / STORED.name
            file.write_bytes(content)
            self._files.secure(STORED, self._files.take_in(file))
        return archive_of(content, store=DVC)

    def read(self, archive: Archive, named: Named) -> bytes:
        """See Store.read."""
        with scratch_folder() as scratch:
            into = scratch / STORED.name
            return _whole(self._files.read_back(STORED, Digest("md5", archive.md5), into=into), into, archive, named)

    def bring(self, archive: Archive, named: Named) -> bytes:
        """See Store.bring."""
        with scratch_folder() as scratch:
            into = scratch / STORED.name
            return _whole(self._files.fetch(STORED, Digest("md5", archive.md5), into=into), into, archive, named)


def archive_of(content: bytes, *, store: str) -> Archive:
    """What is written down of an archive."""
    return Archive(
        store=store, sha256=sha256(content).hexdigest(), md5=md5(content, usedforsecurity=False).hexdigest(),
        size=len(content),
    )  # fmt: skip


def where(archive: Archive) -> str:
    """Where it is, for people."""
    return "on the DVC remote" if archive.store == DVC else f"in {shown(archive.store)}"


def need_bytes(content: bytes, archive: Archive, named: Named) -> bytes:
    """The same bytes. Raises IntegrityError where they are not those of the record."""
    found = sha256(content).hexdigest()
    if found != archive.sha256 or len(content) != archive.size:
        raise IntegrityError.at(
            "MC-PKG-021", named.short, "the package's bytes are not those that its record names",
            found=f"{len(content):,} bytes, sha256:{found}",
            expected=f"{archive.size:,} bytes, sha256:{archive.sha256}",
            do="do not use it; build it again from its commit, and look into who wrote to the store",
        )  # fmt: skip
    return content


def gone(archive: Archive, named: Named) -> ServiceError:
    """The error for an archive that its store does not have."""
    return ServiceError.at(
        "MC-PKG-020", named.short, "the package's bytes are not to be had",
        found=f"nothing like that {where(archive)}", expected=f"an archive sha256:{archive.sha256}",
        do=f"send it again: `git checkout {named.source[:12]}`, then `mlops-ci package build`",
    )  # fmt: skip


def _whole(there: bool, file: Path, archive: Archive, named: Named) -> bytes:
    if not there:
        raise gone(archive, named)
    return need_bytes(file.read_bytes(), archive, named)
