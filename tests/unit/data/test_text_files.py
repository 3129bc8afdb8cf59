import gzip
from pathlib import Path

import pytest

from mlops_ci.data.text_files import UnreadableError, read_json_lines, scan_delimited


def _csv(tmp_path: Path, content: bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    shape = scan_delimited(_csv(tmp_path, b'\xef\xbb\xbfa,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n   \r\n3,"q ""r"""\r\n'), ",")
    assert shape.header == ("a", "b")
    assert list(shape.lines) == [2, 5, 7]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"", None, "empty"),
        (b"\n\n", None, "empty"),
        (b"a,b\n1,2\n3\n4\n", 3, "2 rows have more or fewer"),
        (b"a,b\n1,2,3\n", 2, "a row has more or fewer"),
        (b"a,b,a\n1,2,3\n", 1, "twice"),
        (b"a,b\n1,\0\n", 2, "NUL"),
        (b"a,b\n1,2\n3,\xe9\n", 3, "not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, content: bytes, line: int | None, what: str) -> None:
    with pytest.raises(UnreadableError, match=what) as raised:
        scan_delimited(_csv(tmp_path, content), ",")
    assert raised.value.line == line
    with pytest.raises(UnreadableError, match=what) as raised:
        scan_delimited(_csv(tmp_path, gzip.compress(content), "a.csv.gz"), ",")
    assert raised.value.line == line


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"a,b\n" * 99, mtime=0)[:-12], b"a,b\n1,2\n", gzip.compress(b"a", mtime=0)[:12] + b"\xff" * 9],
)
def test_a_gzip_stream_that_is_cut_or_none_at_all_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="gzip"):
        scan_delimited(_csv(tmp_path, content, "a.csv.gz"), ",")


def test_header_only_is_a_table_without_rows(tmp_path: Path) -> None:
    assert list(scan_delimited(_csv(tmp_path, b"a\tb\n"), "\t").lines) == []


def test_json_lines_know_their_lines(tmp_path: Path) -> None:
    rows, lines = read_json_lines(_csv(tmp_path, b'{"a": 1}\n\n{"a": null}\n', "a.jsonl"))
    assert rows == [{"a": 1}, {"a": None}]
    assert list(lines) == [1, 3]


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'{"a": 1}\n{"a": ', 2), (b"[1]\n", 1), (b'{"a": "\xe9"}\n', 1), (b"", None), (b"[" * 99_999, 1)],
)
def test_json_lines_that_are_none_are_told_with_their_line(tmp_path: Path, content: bytes, line: int | None) -> None:
    with pytest.raises(UnreadableError) as raised:
        read_json_lines(_csv(tmp_path, content, "a.jsonl"))
    assert raised.value.line == line
