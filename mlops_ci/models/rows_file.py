"""Rows of a table as a file: how many there are, and the first one as a file of its own. Heavy: import it late.

Text is copied as it stands, so that the command which reads the file meets the very types that it meets in the whole.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import parquet

from mlops_ci.models.table_head import PARQUET

_CSV = ".csv"
_PIECE = 1024 * 1024


class NoRowError(Exception):
    """The table has no row, or can't be read. The message says which, without a value of the table."""


def count_rows(path: Path, declared: PurePosixPath) -> int:
    """How many rows the table has. declared: its path, whose suffix says how it is written. Raises NoRowError."""
    try:
        if declared.suffix.lower() in PARQUET:
            return int(parquet.read_metadata(path).num_rows)
        records = sum(1 for record in _records(path, declared) if record.strip())
    except (pa.ArrowException, OSError) as error:
        raise NoRowError(f"{declared} can't be read ({type(error).__name__})") from error
    return max(0, records - _headers(declared))


def write_first_row(path: Path, declared: PurePosixPath, into: Path) -> None:
    """Write the table's first row, under the same columns, to `into`. Raises NoRowError where there is none."""
    try:
        if declared.suffix.lower() in PARQUET:
            _first_of_parquet(path, declared, into)
            return
        _first_of_text(path, declared, into)
    except (pa.ArrowException, OSError) as error:
        raise NoRowError(f"{declared} can't be read ({type(error).__name__})") from error


def _first_of_parquet(path: Path, declared: PurePosixPath, into: Path) -> None:
    with parquet.ParquetFile(path) as file:
        first = next((batch for batch in file.iter_batches(batch_size=1) if batch.num_rows), None)
        if first is None:
            raise NoRowError(f"{declared} has no row")
        parquet.write_table(pa.Table.from_batches([first], schema=file.schema_arrow), into)


def _first_of_text(path: Path, declared: PurePosixPath, into: Path) -> None:
    wanted = 1 + _headers(declared)
    records: list[bytes] = []
    for record in _records(path, declared):
        if record.strip():
            records.append(record)
        if len(records) == wanted:
            break
    if len(records) < wanted:
        raise NoRowError(f"{declared} has no row")
    into.write_bytes(b"".join(records))


def _headers(declared: PurePosixPath) -> int:
    return 1 if declared.suffix.lower() == _CSV else 0


def _records(path: Path, declared: PurePosixPath) -> Iterator[bytes]:
    """Records with their ends. In CSV a line's end within quotes ends none: the quotes before it are odd in number."""
    quotes = declared.suffix.lower() == _CSV
    held, inside = bytearray(), False
    with path.open("rb", buffering=_PIECE) as file:
        for line in file:
            held += line
            inside ^= quotes and line.count(b'"') % 2 == 1
            if not inside:
                yield bytes(held)
                held.clear()
    if held:
        yield bytes(held)
