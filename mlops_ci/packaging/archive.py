"""A package's bytes: one tar archive with the manifest, the files and the wheels. Nothing is taken from it unhashed."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.manifest import Manifest, read_manifest

MANIFEST = "manifest.json"
_FILES, _WHEELS = "files/", "wheels/"
_LINK = "120000"
_LARGEST = 2 * 1024**3
_PIECE, _MOST_AT_ONCE = 64 * 1024, 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What an archive holds, each part as the manifest says. wheels: by component."""

    manifest: Manifest
    files: Mapping[PurePosixPath, bytes]
    wheels: Mapping[str, bytes]


def pack(unpacked: Unpacked) -> bytes:
    """The archive. The same package is the same bytes, as long as zlib packs the same."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(_members(unpacked).items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def unpack(content: bytes, *, digest: Digest, where: str) -> Unpacked:
    """What is in an archive of the package of this digest.

    Raises IntegrityError, which names the member, for anything that the manifest does not name or that has other bytes.
    """
    try:
        members = _read(content, where)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _wrong(where, "it can't be unpacked", str(error) or type(error).__name__, "a tar.gz archive") from error
    manifest = read_manifest(members.pop(MANIFEST, b""), where=where)
    if manifest.digest != digest:
        raise _wrong(where, "it is another package", str(manifest.digest), str(digest))
    wanted = _names(manifest)
    for name in sorted({*wanted, *members}):
        found = sha256(members[name]).hexdigest() if name in members else "nothing"
        if found != wanted.get(name):
            raise _wrong(where, f"{name!a} is not what the manifest says", found, wanted.get(name, "nothing"))
    return Unpacked(
        manifest=manifest,
        files={PurePosixPath(path): members[f"{_FILES}{path}"] for path in manifest.files},
        wheels={name: members[_wheel(name, one.wheel.name)] for name, one in manifest.components.items()},
    )


def _members(unpacked: Unpacked) -> dict[str, bytes]:
    components = unpacked.manifest.components
    return {
        MANIFEST: unpacked.manifest.text(),
        **{f"{_FILES}{path}": content for path, content in unpacked.files.items()},
        **{_wheel(name, components[name].wheel.name): content for name, content in unpacked.wheels.items()},
    }


def _names(manifest: Manifest) -> dict[str, str]:
    return {
        **{f"{_FILES}{path}": file.sha256 for path, file in manifest.files.items()},
        **{_wheel(name, one.wheel.name): one.wheel.sha256 for name, one in manifest.components.items()},
    }


def _wheel(component: str, name: str) -> str:
    return f"{_WHEELS}{component}/{name}"


def _read(content: bytes, where: str) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    with (
        gzip.GzipFile(fileobj=io.BytesIO(content)) as zipped,
        tarfile.open(fileobj=_InPieces(zipped), mode="r:") as archive,
    ):
        total = 0
        for info in archive:
            total += info.size
            file = archive.extractfile(info) if info.isreg() else None
            if file is None or info.name in members or total > _LARGEST:
                what, found = f"{info.name!a} can't be in a package", "a link, a folder, a second one, or over 2 GiB"
                raise _wrong(where, what, found, "plain files, each once")
            members[info.name] = b"".join(iter(partial(file.read, _PIECE), b""))
    return members


class _InPieces(io.BufferedIOBase):
    """What is unzipped, never much of it at once: tar's own headers are read whole, and may say that they are huge."""

    def __init__(self, zipped: gzip.GzipFile) -> None:
        self._zipped = zipped

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes. Raises tarfile.ReadError for too many."""
        if size is None or not 0 <= size <= _MOST_AT_ONCE:
            raise tarfile.ReadError("a header that is no header")
        return self._zipped.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As a file does."""
        return self._zipped.seek(offset, whence)

    def tell(self) -> int:
        """As a file does."""
        return self._zipped.tell()


def _wrong(where: str, what: str, found: str, expected: str) -> IntegrityError:
    return IntegrityError.at(
        "MC-PKG-003", where, f"the package's archive is damaged: {what}", found=found, expected=expected,
        do="nothing was taken from it; build the package again from its commit: `mlops-ci package build`",
    )  # fmt: skip


def is_link(mode: str) -> bool:
    """Whether git keeps a link under this mode; the bytes are where it leads."""
    return mode == _LINK
