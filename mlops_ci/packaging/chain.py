"""The chain from a commit to the bytes that are delivered, link by link; the first broken one ends it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePosixPath

from securesystemslib.signer import Key

from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, MlopsCiError
from mlops_ci.packaging.archive import Unpacked, unpack
from mlops_ci.packaging.branches import Branches
from mlops_ci.packaging.manifest import ImageName
from mlops_ci.packaging.provenance import read_statement
from mlops_ci.packaging.records import Archive, Named, Record, Records, forged
from mlops_ci.packaging.signing import need_signature, payload_of, signers
from mlops_ci.packaging.store import Store, where
from mlops_ci.packaging.subjects import subjects_of
from mlops_ci.tools.git_objects import Blob


class LinkName(StrEnum):
    """The links, in order."""

    COMMIT = "source commit"
    RECORD = "record"
    FILES = "files"
    MANIFEST = "manifest"
    ARCHIVE = "archive"
    WHEELS = "wheels"
    IMAGES = "images"
    PROVENANCE = "provenance"
    SIGNATURE = "signature"


class State(StrEnum):
    """What is known of a link. UNKNOWN: it could not be asked. NONE: there is nothing of the kind."""

    HOLDS = "holds"
    NONE = "none"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link, and what was seen."""

    name: LinkName
    state: State
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """As far as it was walked. error: why no further. record, unpacked: what was proven on the way."""

    named: Named
    links: tuple[Link, ...]
    record: Record | None = None
    unpacked: Unpacked | None = None
    error: MlopsCiError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who is asked. store: of an archive. has_image: whether its registry has it. keys: None where none is asked for.

    Each raises ServiceError where it can't be asked.
    """

    records: Records
    branches: Branches
    store: Callable[[Archive], Store]
    has_image: Callable[[ImageName], bool]
    keys: Sequence[Key] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the links before have shown."""

    named: Named
    blobs: Mapping[PurePosixPath, Blob]
    record: Record | None = None
    content: bytes = b""
    unpacked: Unpacked | None = None

    @property
    def known(self) -> Record:
        """The record, once it was read."""
        if self.record is None:
            raise AssertionError("the manifest is a link before this one")
        return self.record


_Look = Callable[[_Seen, Sources], tuple[_Seen, str]]


def walk(named: Named, sources: Sources) -> Chain:
    """Walk it. What is broken, or can't be asked, is in the chain; nothing is raised for it."""
    seen, links = _Seen(named=named, blobs={}), list[Link]()
    for name, look in _LINKS.items():
        try:
            seen, words = look(seen, sources)
        except MlopsCiError as error:
            state = State.BROKEN if isinstance(error, IntegrityError) else State.UNKNOWN
            links.append(Link(name=name, state=state, words=error.findings[0].what))
            return Chain(named=named, links=tuple(links), record=seen.record, error=error)
        state = State.NONE if words.startswith(_NONE) else State.HOLDS
        links.append(Link(name=name, state=state, words=words.removeprefix(_NONE)))
    return Chain(named=named, links=tuple(links), record=seen.record, unpacked=seen.unpacked)


_NONE = "-"  # before words that say why there is nothing to look at


def _commit(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    sources.records.bring(seen.named)
    return seen, f"{seen.named.source[:12]} is on the remote: {shown(sources.branches.holding(seen.named.source))}"


def _record(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    sources.records.need_parent(seen.named)
    return seen, f"{seen.named.commit[:12]} comes after it"


def _files(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    """Every file of the record is that of the source commit, bit for bit: git names both by their content."""
    blobs = sources.records.files(seen.named)
    committed = sources.records.objects.listed(seen.named.source)
    other = next((path for path, blob in sorted(blobs.items()) if committed.get(path) != blob), None)
    if other is not None:
        there = committed.get(other)
        raise forged(
            seen.named, f"{shown(other)} as {blobs[other].mode} {blobs[other].sha[:12]}",
            f"{there.mode} {there.sha[:12]}, as the commit has it" if there else "no such file, as in the commit",
        )  # fmt: skip
    return replace(seen, blobs=blobs), f"{len(blobs)} files are the commit's"


def _manifest(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    record = sources.records.read(seen.named)
    contents = sources.records.objects.read({blob.sha for blob in seen.blobs.values()})
    for path, file in sorted(record.manifest.files.items()):
        blob = seen.blobs.get(PurePosixPath(path))
        found = f"{blob.mode} {sha256(contents[blob.sha]).hexdigest()}" if blob is not None else "no such file"
        if found != f"{file.mode} {file.sha256}":
            raise forged(seen.named, f"{shown(path)}: {found}", f"{file.mode} {file.sha256}, as its manifest says")
    return replace(seen, record=record), f"{len(record.manifest.files)} files have its digests, and it has the name's"


def _archive(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    archive = seen.known.archive
    content = sources.store(archive).read(archive, seen.named)
    return replace(seen, content=content), f"{archive.size:,} bytes {where(archive)} are the record's"


def _wheels(seen: _Seen, _: Sources) -> tuple[_Seen, str]:
    found = unpack(seen.content, digest=seen.named.digest, where=seen.named.short)
    words = f"{len(found.wheels)} wheels and {len(found.files)} files in it have the manifest's digests"
    return replace(seen, unpacked=found, content=b""), words


def _images(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    images = [one.image for one in seen.known.manifest.components.values() if one.image is not None]
    for image in images:
        if not sources.has_image(image):
            raise IntegrityError.at(
                "MC-PKG-042", image.name, "the registry does not have this component's image any more",
                found="nothing with its digest", expected=image.digest,
                do=f"build the package again: `git checkout {seen.named.source[:12]}`, then `mlops-ci package build`",
            )  # fmt: skip
    return seen, f"{len(images)} images are in their registry" if images else f"{_NONE}the package has no images"


def _provenance(seen: _Seen, _: Sources) -> tuple[_Seen, str]:
    said = read_statement(payload_of(seen.known.provenance), where=seen.named.short)
    if said.commits != {seen.named.source}:
        raise forged(seen.named, f"provenance of {', '.join(sorted(said.commits)) or 'no commit'}", seen.named.source)
    for subject in subjects_of(seen.known.manifest, seen.known.archive):
        if said.subjects.get(subject.name) != subject.sha256:
            found = said.subjects.get(subject.name, "nothing")
            raise forged(seen.named, f"provenance of {shown(subject.name)} as {found}", subject.sha256)
    return seen, f"built by {shown(said.builder)}, {shown(said.finished)}"


def _signature(seen: _Seen, sources: Sources) -> tuple[_Seen, str]:
    provenance = seen.known.provenance
    if sources.keys is None:
        by = ", ".join(one[:12] for one in signers(provenance))
        why = "no `package.public-key` is configured"
        return seen, f"{_NONE}signed with {shown(by)}, unproven: {why}" if by else f"{_NONE}not signed, and {why}"
    return seen, f"valid, by the key {need_signature(provenance, sources.keys, where=seen.named.short)[:12]}"


_LINKS: Mapping[LinkName, _Look] = {
    LinkName.COMMIT: _commit, LinkName.RECORD: _record, LinkName.FILES: _files, LinkName.MANIFEST: _manifest,
    LinkName.ARCHIVE: _archive, LinkName.WHEELS: _wheels, LinkName.IMAGES: _images, LinkName.PROVENANCE: _provenance,
    LinkName.SIGNATURE: _signature,
}  # fmt: skip


def broken(chain: Chain) -> Iterator[Link]:
    """Links that do not hold."""
    return (link for link in chain.links if link.state in (State.BROKEN, State.UNKNOWN))
