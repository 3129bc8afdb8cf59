"""Packages by name: a reference `refs/mlops-ci/packages/<digest>/<source commit>` each, created once, for ever.

It names a commit after the source commit, whose tree has the manifest, the provenance, the bill of materials, where the
archive lies, and below `files/` all that a run of the package begins with.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from mlops_ci.config.fields import REGISTRY_PATTERN
from mlops_ci.core.digests import Digest
from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.archive import MANIFEST
from mlops_ci.packaging.manifest import Manifest, read_manifest
from mlops_ci.tools.git_objects import Blob, GitObjects, Person
from mlops_ci.tools.git_remote import GitRemote, Taken

PACKAGES = "refs/mlops-ci/packages/"
FILES = "files"
ARCHIVE, PROVENANCE, SBOM = "archive.json", "provenance.json", "sbom.json"
DVC = "dvc"
_REF = re.compile(rf"{PACKAGES}(?P<digest>[0-9a-f]{{64}})/(?P<source>[0-9a-f]{{40}}(?:[0-9a-f]{{24}})?)")
_SHORT = 12
_SELF = Person(name="mlops-ci", email="mlops-ci@localhost.invalid")

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Archive(BaseModel):
    """Where the package's bytes are. store: `dvc`, or a registry's repository. size: bytes."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    store: Annotated[str, StringConstraints(pattern=rf"^{DVC}$|{REGISTRY_PATTERN}")]
    sha256: Sha256
    md5: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A package of one source commit. commit: that of its record."""

    digest: Digest
    source: str
    commit: str

    @property
    def short(self) -> str:
        """Its name for people."""
        return self.digest.value[:_SHORT]

    @property
    def ref(self) -> str:
        """Its reference."""
        return f"{PACKAGES}{self.digest.value}/{self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that git has of a package. provenance, sbom: as they are stored, empty where there is none."""

    named: Named
    manifest: Manifest
    archive: Archive
    provenance: bytes
    sbom: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The packages of one repository."""

    objects: GitObjects
    remote: GitRemote

    def of_source(self, commit: str) -> tuple[Named, ...]:
        """Packages that were built from a commit; one, unless two were begun at once whose wheels came out different,
        or something else made them, like a newer mlops-ci.
        """
        return self._named(f"{PACKAGES}*/{commit}")

    def of_digest(self, digest: Digest) -> tuple[Named, ...]:
        """One package, by the commits that it was built from."""
        return self._named(f"{PACKAGES}{digest.value}/*")

    def every(self) -> tuple[Named, ...]:
        """All of them."""
        return self._named(f"{PACKAGES}*")

    def write(self, record: Record, files: Mapping[PurePosixPath, Blob], at: datetime) -> Named:
        """Make the record here; it has no name yet. files: all that a run begins with. at: when the source was."""
        contents = {
            MANIFEST: record.manifest.text(), ARCHIVE: record.archive.model_dump_json(indent=1).encode(),
            PROVENANCE: record.provenance, SBOM: record.sbom,
        }  # fmt: skip
        kept = {PurePosixPath(name): content for name, content in contents.items() if content}
        laid = {PurePosixPath(FILES) / path: blob for path, blob in files.items()}
        tree = self.objects.tree_of({**laid, **self.objects.stored(kept)})
        digest, source = record.named.digest, record.named.source
        message = f"Package {digest.value[:12]} of {source[:12]}\n\nPackage-Digest: {digest}\n"
        commit = self.objects.commit(tree, parents=[source], message=message, at=at, by=self.objects.person())
        return Named(digest=digest, source=source, commit=commit)

    def name(self, record: Named) -> Named:
        """Give it its name on the remote; the first one who did has. Returns what is there then."""
        answer = self.remote.create({record.ref: record.commit})
        commit = answer.refs.get(record.ref, record.commit) if isinstance(answer, Taken) else record.commit
        self.objects.keep(record.ref, commit)
        return Named(digest=record.digest, source=record.source, commit=commit)

    def bring(self, named: Named) -> None:
        """Have its objects here. Raises ServiceError."""
        if self.objects.absent([named.commit]):
            self.remote.fetch({named.ref: named.ref})

    def read(self, named: Named) -> Record:
        """What git has of it. Raises IntegrityError where it is not what its name says."""
        self.need_parent(named)
        names = {name: f"{named.commit}:{name}" for name in (MANIFEST, ARCHIVE, PROVENANCE, SBOM)}
        contents = self.objects.read(names.values())
        manifest = read_manifest(contents.get(names[MANIFEST], b""), where=named.ref)
        if manifest.digest != named.digest:
            raise forged(named, f"a manifest of {manifest.digest}", str(named.digest))
        try:
            archive = Archive.model_validate_json(contents.get(names[ARCHIVE], b""))
        except ValidationError as error:
            raise forged(named, str(error).splitlines()[0], ARCHIVE) from error
        return Record(
            named=named, manifest=manifest, archive=archive,
            provenance=contents.get(names[PROVENANCE], b""), sbom=contents.get(names[SBOM], b""),
        )  # fmt: skip

    def need_parent(self, named: Named) -> None:
        """Raises IntegrityError where the record does not come after its source commit, and that alone."""
        self.bring(named)
        parents = self.objects.parents(named.commit)
        if parents != (named.source,):
            raise forged(named, f"a record after {', '.join(one[:12] for one in parents) or 'nothing'}", named.source)

    def files(self, named: Named) -> Mapping[PurePosixPath, Blob]:
        """All that a run of it begins with. Raises IntegrityError where the record has none."""
        self.bring(named)
        tree = self.objects.resolve(f"{named.commit}:{FILES}")
        if tree is None:
            raise forged(named, "no files", f"a folder {FILES}")
        return self.objects.listed(tree)

    def contents(self, named: Named, wanted: Callable[[PurePosixPath], bool]) -> Mapping[PurePosixPath, bytes]:
        """The bytes of those of its files that are wanted."""
        blobs = {path: one.sha for path, one in self.files(named).items() if wanted(path)}
        read = self.objects.read(set(blobs.values()))
        return {path: read[sha] for path, sha in blobs.items() if sha in read}

    def start_commit(self, named: Named, at: datetime) -> str:
        """The commit that a run of the package stands on: its files, after its record. The same whoever makes it."""
        self.bring(named)
        tree = self.objects.resolve(f"{named.commit}:{FILES}")
        if tree is None:
            raise forged(named, "no files", f"a folder {FILES}")
        message = f"Files of package {named.digest.value[:12]}\n"
        return self.objects.commit(tree, parents=[named.commit], message=message, at=at, by=_SELF)

    def _named(self, pattern: str) -> tuple[Named, ...]:
        return named_in(self.remote.refs(pattern))


def named_in(refs: Mapping[str, str]) -> tuple[Named, ...]:
    """The packages among references of a remote, by digest and source. Git compares ends of names; this does not."""
    found = ((_REF.fullmatch(ref), sha) for ref, sha in sorted(refs.items()))
    return tuple(
        Named(digest=Digest("sha256", match["digest"]), source=match["source"], commit=sha)
        for match, sha in found
        if match is not None
    )


def as_json(named: Named) -> dict[str, str]:
    """A package's name for programs."""
    return {"package": str(named.digest), "source": named.source, "record": named.commit}


def forged(named: Named, found: str, expected: str) -> IntegrityError:
    """The error for a record that does not say what its name says."""
    return IntegrityError.at(
        "MC-PKG-004", named.digest.value[:12], "the package's record in git is not what its name says", found=found,
        expected=expected, do=f"do not use that package; look into who pushed it: `git show` of {named.ref}",
    )  # fmt: skip
