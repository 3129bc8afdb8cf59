"""Files carried into containers and back, for engines that see none of this machine's folders."""

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import uuid4

from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError

# Neither code nor data of a stage, and most of a checkout's bytes.
LEFT_OUT = frozenset({".git", ".mlops-ci", ".dvc/cache", ".dvc/tmp"})
# Of all files that are sent: what a command writes is newer, however quick it is.
_SENT_AT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Numbers of a user and a group."""

    user: int
    group: int

    def __str__(self) -> str:
        return f"{self.user}:{self.group}"


def owner_of(folder: Path) -> Owner:
    """Whose a folder is."""
    found = folder.stat()
    return Owner(user=found.st_uid, group=found.st_gid)


def tar_of(files: Mapping[str, bytes], owner: Owner) -> bytes:
    """An archive of files by absolute path, with the folders that they are in, all of them the owner's."""
    packed = io.BytesIO()
    folders = {parent for name in files for parent in PurePosixPath(name.lstrip("/")).parents} - {PurePosixPath()}
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for folder in sorted(folders):
            tar.addfile(_owned(tarfile.TarInfo(str(folder)), owner, tarfile.DIRTYPE, 0o755))
        for name, content in files.items():
            info = _owned(tarfile.TarInfo(name.lstrip("/")), owner, tarfile.REGTYPE, 0o644)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def pack(checkout: Path, owner: Owner, into: IO[bytes]) -> frozenset[PurePosixPath]:
    """Write a checkout as an archive, under its own absolute path; returns the files that are in it.

    A link that leads to what is not sent, like DVC's cache, becomes that file.
    """
    sent = set()
    with tarfile.open(fileobj=into, mode="w") as tar:
        for folder in (*reversed(checkout.parents[:-1]), checkout):
            mine = owner if folder == checkout else Owner(user=0, group=0)
            tar.addfile(_owned(tarfile.TarInfo(_name(folder)), mine, tarfile.DIRTYPE, 0o755))
        for path in _below(checkout):
            info = tar.gettarinfo(path, arcname=_name(path))
            if path.is_symlink() and not _is_sent(checkout, path):
                info = tar.gettarinfo(path.resolve(), arcname=_name(path))
            if not (info.isreg() or info.isdir() or info.issym()):
                continue
            _owned(info, owner, info.type, info.mode)
            if info.isreg():
                with path.open("rb") as file:
                    tar.addfile(info, file)
            else:
                tar.addfile(info)
            if not info.isdir():
                sent.add(PurePosixPath(path.relative_to(checkout)))
    return frozenset(sent)


def unpack_changes(stream: Iterable[bytes], checkout: Path, sent: frozenset[PurePosixPath]) -> None:
    """Write what differs from what was sent, and remove what is gone. stream: an archive of the checkout's folder.

    Raises IntegrityError for an entry that would leave the checkout.
    """
    left = set(sent)
    with tarfile.open(fileobj=Pieces(stream), mode="r|") as tar:
        for member in tar:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            left.discard(path)
            if path.parts and not _left_out(path) and not (path in sent and int(member.mtime) == _SENT_AT):
                _write(member, tar, checkout, path)
    for path in left:
        (checkout / path).unlink(missing_ok=True)


class Pieces(io.RawIOBase):
    """Pieces of bytes that come one after the other, read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = next(self._pieces, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _write(member: tarfile.TarInfo, tar: tarfile.TarFile, checkout: Path, path: PurePosixPath) -> None:
    target = checkout / path
    if ".." in path.parts or not target.parent.resolve().is_relative_to(checkout.resolve()):
        raise IntegrityError.at(
            "MC-DOCKER-020", shown(path), "a container left a file that would leave the checkout",
            found=shown(member.name), expected="files below the checkout", do="look into what the stage's command does",
        )  # fmt: skip
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    near = target.with_name(f".{uuid4().hex}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        near.symlink_to(member.linkname)
    else:
        source = tar.extractfile(member)
        if source is None:
            return
        with near.open("xb") as file:
            shutil.copyfileobj(source, file)
        near.chmod(member.mode & 0o777)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    near.replace(target)


def _below(checkout: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(checkout):
        here = Path(folder)
        kept = [name for name in folders if not _left_out(PurePosixPath((here / name).relative_to(checkout)))]
        folders[:] = [name for name in kept if not (here / name).is_symlink()]
        yield from (here / name for name in sorted((*kept, *files)))


def _is_sent(checkout: Path, link: Path) -> bool:
    target = link.resolve()
    if not target.is_relative_to(checkout.resolve()):
        return not target.is_file()  # a link to nothing, or to a folder elsewhere, stays what it is
    return not _left_out(PurePosixPath(target.relative_to(checkout.resolve())))


def _left_out(path: PurePosixPath) -> bool:
    return any(str(one) in LEFT_OUT for one in (path, *path.parents))


def _name(path: Path) -> str:
    return str(path).lstrip("/")


def _owned(info: tarfile.TarInfo, owner: Owner, kind: bytes, mode: int) -> tarfile.TarInfo:
    info.uid, info.gid, info.uname, info.gname = owner.user, owner.group, "", ""
    info.type, info.mode, info.mtime = kind, mode, _SENT_AT
    return info


def spooled() -> IO[bytes]:
    """A file for an archive: in memory while it is small."""
    return tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)
