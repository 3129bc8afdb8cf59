"""The columns of a CSV or JSON-lines file, from its first rows, without any library that may change its mind."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Json
from mlops_ci.metadata.run_record import Column

HEAD = 1024 * 1024
PARQUET = (".parquet", ".pq")
_CSV, _JSON_LINES = (".csv",), (".jsonl", ".ndjson")
_ROWS = 1_000
_MOST_FOOTER = 64 * 1024 * 1024
_MAGIC = 8  # a Parquet file ends in the length of its footer and four letters
_DEPTH = 4
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?inf(inity)?", re.IGNORECASE)
_TRUTH = frozenset({"true", "false"})
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "<na>"})


class UnknownColumnsError(Exception):
    """The columns of a table can't be told, and the message says why, without a value of the table."""


def is_text(declared: PurePosixPath) -> bool:
    """Whether a file of this name is read here."""
    return declared.suffix.lower() in (*_CSV, *_JSON_LINES)


def seen_of(path: Path, declared: PurePosixPath) -> bytes:
    """The bytes that a table's columns are read from: the head of a text, the footer of a Parquet file."""
    with path.open("rb") as file:
        if declared.suffix.lower() not in PARQUET:
            return file.read(HEAD + 1)
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _MAGIC))
        length = int.from_bytes(file.read(_MAGIC)[:4], "little")
        file.seek(max(0, size - _MAGIC - min(length, _MOST_FOOTER)))
        return file.read()


def columns_of_text(path: Path, declared: PurePosixPath) -> tuple[Column, ...]:
    """The columns in the file's order, by the first rows. A column without a value there has the type `null`.

    Raises UnknownColumnsError, OSError.
    """
    with path.open("rb") as file:
        head = file.read(HEAD + 1)
    whole = len(head) <= HEAD
    try:
        text = (head if whole else head[: head.rfind(b"\n") + 1]).decode("utf-8-sig")
        read = _of_csv if declared.suffix.lower() in _CSV else _of_json_lines
        return tuple(read(text, whole))
    except (UnicodeDecodeError, csv.Error, ValueError, RecursionError) as error:
        notation = declared.suffix.lower().removeprefix(".")
        raise UnknownColumnsError(f"its first rows are no {notation} in UTF-8 ({type(error).__name__})") from error


def _of_csv(text: str, whole: bool) -> Iterator[Column]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names = next(reader, [])
    kinds: list[set[str]] = [set() for _ in names]
    for row in _rows(reader, whole):
        if len(row) not in (0, len(names)):
            raise ValueError("rows of different lengths")
        for kind, value in zip(kinds, row, strict=False):
            kind.add(_kind_of_text(value))
    yield from (Column(name=name, type=_together(kind)) for name, kind in zip(names, kinds, strict=True))


def _rows(reader: Iterator[list[str]], whole: bool) -> Iterator[list[str]]:
    """The first rows; where the head ends within a quoted value, the row before it is the last."""
    try:
        for _, row in zip(range(_ROWS), reader, strict=False):
            yield row
    except csv.Error:
        if whole:
            raise


def _kind_of_text(value: str) -> str:
    plain = value.strip()
    if plain.lower() in _MISSING:
        return "null"
    if _NUMBER.fullmatch(plain):
        return "double"
    return "bool" if plain.lower() in _TRUTH else "string"


def _of_json_lines(text: str, whole: bool) -> Iterator[Column]:
    kinds: dict[str, set[str]] = {}
    lines = (line for line in text.split("\n") if line.strip())
    for _, line in zip(range(_ROWS), lines, strict=False):
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("a row is no object")
        for name, value in row.items():
            kinds.setdefault(name, set()).add(_kind_of_json(value, _DEPTH))
    yield from (Column(name=name, type=_together(kind)) for name, kind in kinds.items())


def _kind_of_json(value: Json, depth: int) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "double"
        case str():
            return "string"
        case Mapping():
            fields = ((name, _kind_of_json(one, depth - 1)) for name, one in value.items()) if depth else ()
            return named("struct", (f"{name}: {kind}" for name, kind in fields))
        case _:
            items = {_kind_of_json(one, depth - 1) for one in value} if depth else set()
            return named("list", [_together(items)] if items else ())


def named(kind: str, parts: Iterable[str]) -> str:
    """A type with what is in it: `list<double>`."""
    inside = ", ".join(parts)
    return f"{kind}<{inside}>" if inside else kind


def _together(kinds: set[str]) -> str:
    """One type for values of several: what is missing counts for nothing, and what differs is text."""
    told = kinds - {"null"}
    return "null" if not told else next(iter(told)) if len(told) == 1 else "string"
