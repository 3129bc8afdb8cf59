"""CSV, TSV and JSON-lines files read strictly, so that what is wrong with one is told with its line.

pandas fills short rows with nulls, renames columns that are there twice and loses line numbers: this looks first.
"""

import csv
import gzip
import json
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

_UNLIMITED = 2**31 - 1
Row = dict[str, Any]  # one object of a JSON-lines file


class UnreadableError(Exception):
    """A data file that can't be read as a table: what is wrong, where, and what was found and expected there."""

    def __init__(self, what: str, *, line: int | None = None, found: str = "", expected: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """The shape of a delimited file: its columns, and the line on which each data row begins."""

    header: tuple[str, ...]
    lines: Sequence[int]


def scan_delimited(path: Path, delimiter: str) -> Delimited:
    """Look at every row of a CSV or TSV file, gzipped if its name ends in .gz.

    Raises UnreadableError for an empty file, bytes that are no UTF-8, NUL, rows that are longer or shorter than the
    header, columns that are there twice, and a broken gzip stream.
    """
    csv.field_size_limit(_UNLIMITED)
    with _readable_lines(path) as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        rows = _numbered(reader)
        header = next((row for _, row in rows), None)
        if header is None:
            raise UnreadableError("the file is empty", found="not even a header", expected="a header and rows")
        _refuse_twins(header)
        return Delimited(header=tuple(header), lines=_begins(rows, len(header)))


def read_json_lines(path: Path) -> tuple[list[Row], Sequence[int]]:
    """The objects of a JSON-lines file, and the line of each. Raises UnreadableError, as scan_delimited does."""
    rows: list[Row] = []
    begins = array("Q")
    with _readable_lines(path) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                rows.append(_object(line, number))
                begins.append(number)
    if not rows and path.stat().st_size == 0:
        raise UnreadableError("the file is empty", found="0 bytes", expected="one JSON object a line")
    return rows, begins


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the lines on which they begin; lines without anything are passed over, as pandas does."""
    begin = 1
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip(" ")):
                yield begin, row
            begin = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(
            "a row can't be read", line=begin, found=str(error), expected="a row of values"
        ) from error


def _begins(rows: Iterator[tuple[int, list[str]]], width: int) -> Sequence[int]:
    begins = array("Q")
    ragged: list[tuple[int, int]] = []
    for line, row in rows:
        begins.append(line)
        if len(row) != width:
            ragged.append((line, len(row)))
    if ragged:
        line, found = ragged[0]
        many = f"{len(ragged):,} rows have" if len(ragged) > 1 else "a row has"
        raise UnreadableError(
            f"{many} more or fewer values than the header has columns", line=line,
            found=f"{found} values on line {line:,}", expected=f"{width} values",
        )  # fmt: skip
    return begins


def _refuse_twins(header: Sequence[str]) -> None:
    twins = [name for name, times in Counter(header).items() if times > 1 and name]
    if twins:
        raise UnreadableError(
            "columns are there twice",
            line=1,
            found=", ".join(repr(name) for name in twins),
            expected="each column once",
        )


def _object(line: str, number: int) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        found = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise UnreadableError(
            "a line is not JSON", line=number, found=found, expected="one JSON object a line"
        ) from error
    if not isinstance(row, dict):
        raise UnreadableError("a line is no JSON object", line=number, expected="one JSON object a line")
    return row


@contextmanager
def _readable_lines(path: Path) -> Iterator[Iterator[str]]:
    try:
        with _opened(path) as stream, TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
            yield _without_nul(text)
    except UnicodeDecodeError as error:
        line = _first_line_that_is_no_utf8(path)
        raise UnreadableError("the file is not UTF-8", line=line, found=_byte(error), expected="UTF-8") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(
            "the gzip stream is cut short or broken", found=str(error), expected="a whole gzip file"
        ) from error
    except OSError as error:
        raise UnreadableError("the file can't be read", found=error.strerror or type(error).__name__) from error


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path)  # type: ignore[return-value]  # GzipFile reads bytes, and lacks only names of IO
    return path.open("rb")


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise UnreadableError("the file holds a NUL", line=number, found="byte 0x00", expected="text")
        yield line


def _first_line_that_is_no_utf8(path: Path) -> int | None:
    with _opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None


def _byte(error: UnicodeDecodeError) -> str:
    return f"byte 0x{error.object[error.start]:02x}"
