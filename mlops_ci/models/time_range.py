"""From when to when a table reaches, where that costs little: a Parquet file's footer, or a small text."""

import csv
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_SMALL = 4 * 1024 * 1024
_HASHED = 256 * 1024 * 1024
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,18}(Z|[-+][0-9]{2}:?[0-9]{2})?)?")


def time_range(path: Path, column: str, *, digest: str) -> tuple[str, str] | None:
    """The first and the last time of a column, as text that sorts; None where they are not to be had cheaply.

    digest: `md5:...`, as DVC names the bytes; a file that is another one by now has nothing to say.
    """
    with suppress(OSError, csv.Error, UnicodeDecodeError, ValueError, ModuleNotFoundError):
        size = path.stat().st_size if path.is_file() else _HASHED
        if size >= _HASHED or digest != f"md5:{_md5(path)}":
            return None
        if path.suffix.lower() in (".parquet", ".pq"):
            from mlops_ci.models.table_schema import range_in_parquet  # noqa: PLC0415 - Arrow, only where it is needed

            return range_in_parquet(path, column)
        if path.suffix.lower() == ".csv" and size <= _SMALL:
            return _of_texts(_column(path, column))
    return None


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _column(path: Path, column: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            yield row.get(column, "")


def _of_texts(values: Iterator[str]) -> tuple[str, str] | None:
    """Of ISO times in one shape: only then the order of texts is the order of times."""
    there = [value.strip() for value in values if value and value.strip()]
    shapes = {re.sub("[0-9]", "0", value) for value in there}
    if len(shapes) != 1 or not all(map(_TIME.fullmatch, there)):
        return None
    return min(there), max(there)
