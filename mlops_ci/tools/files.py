"""Files written whole, and files named by their content."""

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from mlops_ci.core.digests import Digest
from mlops_ci.errors import IntegrityError, LockedError


def write_whole(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write `content` so that a reader, or a crash, sees the old file or the new one and nothing between.

    mode: the file's permissions; None: those of any new file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises FileExistsError where something is; nothing is ever replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file that others write to as well, in one piece. Raises OSError."""
    with path.open("ab") as file:
        file.write(content)


def read_regular(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file that somebody else made. Raises OSError, for links, pipes and devices too."""
    with open(path, "rb", opener=_without_following) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read(most)


def read_tail(path: Path, most: int) -> bytes:
    """The last `most` bytes of a file, begun at a line's begin. Raises OSError, for links, pipes and devices too."""
    with open(path, "rb", opener=_without_following) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        left_out = max(0, os.fstat(file.fileno()).st_size - most)
        file.seek(max(0, left_out - 1))
        if left_out:
            file.readline()
        return file.read(most)


def _without_following(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def digest_of_file(path: Path) -> Digest:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return Digest("sha256", hashlib.file_digest(file, "sha256").hexdigest())


def files_below(folder: Path) -> Iterator[Path]:
    """All regular files below `folder`, sorted by their path; links are not followed into folders."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def digest_of_tree(folder: Path, files: Iterator[Path] | None = None) -> Digest:
    """SHA-256 over the relative paths and contents of `files`, by default of all files below `folder`."""
    total = hashlib.sha256()
    for path in files if files is not None else files_below(folder):
        name = path.relative_to(folder).as_posix()
        total.update(f"{name}\0{digest_of_file(path).value}\0".encode("utf-8", "surrogateescape"))
    return Digest("sha256", total.hexdigest())


def own_folder(root: Path) -> Path:
    """`.mlops-ci/` below the repository's root, made if it is not there; it ignores itself in git.

    Raises IntegrityError where it is a link, OSError where the machine refuses.
    """
    folder = root / ".mlops-ci"
    if folder.is_symlink():
        raise IntegrityError.at(
            "MC-FILES-002", folder.name, "it is a link, and what it points to may be anybody's",
            found=f"{folder.name} -> {folder.readlink()}", expected="a folder of its own in the work tree",
            do=f"remove the link: `rm {folder.name}`",
        )  # fmt: skip
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_whole(ignore, b"*\n")
    return folder


@contextmanager
def exclusive(lock: Path, *, patience: float, words: str = "") -> Iterator[None]:
    """Hold `lock` alone while the block runs. The kernel lets go of it when this process dies, however it dies.

    patience: seconds to wait for another holder. Raises LockedError after that, with the words of who holds it.
    The file stays: removing it would let two processes hold two files of one name.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + patience
    with lock.open("ab+") as file:
        while not _taken(file.fileno()):
            if time.monotonic() >= end:
                raise _held(lock, patience)
            time.sleep(0.1)
        file.truncate(0)
        file.write(words.encode())
        file.flush()
        yield


def _held(lock: Path, patience: float) -> LockedError:
    holder = lock.read_bytes()[:200].decode("utf-8", "replace")
    return LockedError.at(
        "MC-FILES-001", lock.name, "another process holds this lock",
        found=f"still held after {patience:.0f} s" + (f", by {holder}" if holder else ""),
        expected="one process at a time", do="wait until it has ended, then run this again",
    )  # fmt: skip


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
