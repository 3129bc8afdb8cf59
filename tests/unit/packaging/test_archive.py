import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.archive import pack, unpack
from tests.unit.packaging.parts import package

PACKAGE = package({"code/größe ü.py": b"1\r\n", "bin/run": b"\0"})


def rewritten(change: Callable[[tarfile.TarFile], None], *, without: str = "") -> bytes:
    """The archive with something added, or left out."""
    made = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(pack(PACKAGE))) as read,
        tarfile.open(fileobj=made, mode="w:gz") as written,
    ):
        for info in read:
            if info.name != without:
                written.addfile(info, read.extractfile(info))
        change(written)
    return made.getvalue()


def added(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"") -> bytes:
    """The archive with one more member."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return rewritten(lambda archive: archive.addfile(info, io.BytesIO(content)))


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as caught:
        yield
    assert words in str(caught.value) + str(caught.value.findings)


def test_what_was_packed_comes_out() -> None:
    assert unpack(pack(PACKAGE), digest=PACKAGE.manifest.digest, where="package") == PACKAGE


def test_the_same_package_is_the_same_bytes() -> None:
    shuffled = replace(PACKAGE, files=dict(sorted(PACKAGE.files.items(), reverse=True)))
    assert pack(shuffled) == pack(PACKAGE)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 1024, b"no archive", gzip.compress(b""), gzip.compress(b"x" * 2000)],
    ids=["empty", "zeros", "text", "packed nothing", "packed text"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with refused("MC-PKG-00"):
        unpack(content, digest=PACKAGE.manifest.digest, where="package")


def test_a_cut_archive_is_refused() -> None:
    for size in (20, 100, len(pack(PACKAGE)) // 2):
        with refused("MC-PKG-00"):
            unpack(pack(PACKAGE)[:size], digest=PACKAGE.manifest.digest, where="package")


@pytest.mark.parametrize(
    "name", ["../evil", "files/../../evil", "/etc/passwd", "files/dvc.yaml/../x", "files/more.py", "./files/dvc.yaml"]
)
def test_nothing_that_the_manifest_does_not_name_is_taken(name: str) -> None:
    with refused("is not what the manifest says"):
        unpack(added(name, content=b"x"), digest=PACKAGE.manifest.digest, where="package")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_links_and_devices_are_refused(kind: bytes) -> None:
    with refused("can't be in a package"):
        unpack(added("files/link", kind, "/etc/passwd"), digest=PACKAGE.manifest.digest, where="package")


def test_a_second_member_of_a_name_is_refused() -> None:
    with refused("can't be in a package"):
        unpack(added("files/dvc.yaml", content=b"other"), digest=PACKAGE.manifest.digest, where="package")


def test_an_absent_member_is_named() -> None:
    with refused("files/bin/run"):
        unpack(rewritten(lambda _: None, without="files/bin/run"), digest=PACKAGE.manifest.digest, where="package")


def test_another_package_is_refused() -> None:
    with refused("another package"):
        unpack(pack(PACKAGE), digest=package().manifest.digest, where="package")


def test_a_header_that_is_a_bomb_is_refused_before_it_is_read() -> None:
    """A header of tar's own, which no limit on members counts."""
    info = tarfile.TarInfo("PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 64 * 1024 * 1024
    with refused("a header that is no header"):
        unpack(
            gzip.compress(info.tobuf() + bytes(info.size), compresslevel=1),
            digest=PACKAGE.manifest.digest, where="package",
        )  # fmt: skip


def test_a_bomb_is_refused_before_it_is_read() -> None:
    """A member that says it has three gigabytes, of which none is there."""
    info = tarfile.TarInfo("files/bomb")
    info.size = 3 * 1024**3
    bomb = gzip.compress(info.tobuf())
    with refused("MC-PKG-00"):
        unpack(bomb, digest=PACKAGE.manifest.digest, where="package")
