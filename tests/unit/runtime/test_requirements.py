"""Requirements files and what they include."""

import codecs
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.runtime.requirements import Requirements, read_requirements


def read(files: Mapping[str, bytes | str], path: str = "requirements.txt") -> Requirements:
    contents = {PurePosixPath(name): text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return read_requirements(PurePosixPath(path), contents.get)


@pytest.mark.parametrize(
    "line", ["-r more.txt", "-rmore.txt", "--requirement=more.txt", "-c more.txt", "  -r ./more.txt  # why"]
)
def test_what_is_included_is_read_too(line: str) -> None:
    assert PurePosixPath("sub/more.txt") in read({"sub/r.txt": line, "sub/more.txt": ""}, "sub/r.txt").contents


@pytest.mark.parametrize("line", ["-r https://example.com/r.txt", "-r ${HERE}/r.txt", "# -r more.txt", "--require-x"])
def test_what_is_elsewhere_is_left_to_uv(line: str) -> None:
    assert len(read({"requirements.txt": line}).contents) == 1


def test_files_that_include_each_other_are_read_once() -> None:
    assert len(read({"requirements.txt": "-r b.txt", "b.txt": "-r requirements.txt"}).contents) == 2


def test_one_hash_anywhere_means_hashes() -> None:
    assert read({"requirements.txt": "-r b.txt", "b.txt": "x==1 --hash=sha256:00"}).hashed
    assert not read({"requirements.txt": "x==1"}).hashed


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        ({"requirements.txt": "x\n-r gone.txt\n"}, "MC-RUNTIME-007", "requirements.txt:2"),
        ({"requirements.txt": "-r ../../etc/passwd"}, "MC-RUNTIME-004", "requirements.txt:1"),
        ({"requirements.txt": "-r /etc/passwd"}, "MC-RUNTIME-004", "requirements.txt:1"),
        ({"requirements.txt": "x\n<<<<<<< HEAD\n"}, "MC-RUNTIME-003", "requirements.txt:2"),
        ({"requirements.txt": b"x\n# caf\xe9\n"}, "MC-RUNTIME-005", "requirements.txt:2"),
        ({"requirements.txt": codecs.BOM_UTF16_LE + b"x"}, "MC-RUNTIME-005", "requirements.txt:1"),
    ],
)
def test_what_can_not_be_read_is_refused_at_its_line(files: dict[str, bytes | str], code: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(files)
    (finding,) = caught.value.findings
    assert (finding.code, str(finding.place)) == (code, place)


@pytest.mark.parametrize(("encoding", "cure"), [("utf-16", "iconv -f UTF-16"), ("utf-8-sig", "sed -i")])
def test_a_byte_order_mark_is_read_and_named_with_its_cure(encoding: str, cure: str) -> None:
    got = read({"requirements.txt": "numpy\n".encode(encoding)})
    assert got.texts[PurePosixPath("requirements.txt")] == "numpy\n"
    assert cure in got.findings[0].do
