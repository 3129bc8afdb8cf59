"""Columns out of a Parquet, CSV or JSON-lines file, as they are. Nothing in a file is ever executed or unpickled."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.json as arrow_json
import pyarrow.types as kinds
from pyarrow import parquet

from mlops_ci.core.names import nearest
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.models.notations import shown
from mlops_ci.models.problems import Problem, counted

SUFFIXES = ".parquet, .csv or .jsonl"
_CURE = "let the stage that writes it write the whole file, and run it again"

_CHANGED = re.compile(r"Column\(/(?P<column>.{1,200})\) changed from (?P<from>\w+) to (?P<to>\w+)")


class TableError(Exception):
    """The table can't be read, or is no evidence."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = problems


def read_columns(path: Path, *, declared: PurePosixPath, columns: tuple[str, ...]) -> pa.Table:
    """The named columns. The notation follows the suffix of `declared`, since `path` may be a nameless copy.

    Columns of a CSV file arrive as text. Raises TableError for what can't be read and for absent columns.
    """
    reader = _READERS.get(declared.suffix.lower())
    if reader is None:
        raise _unreadable(declared, f"the suffix {declared.suffix!r}", SUFFIXES, "write one of these notations")
    if not path.is_file():
        raise _unreadable(declared, "no regular file", "one file", "write the predictions into one file")
    if path.stat().st_size == 0:
        raise _unreadable(declared, "0 bytes", "a header and rows", _CURE)
    try:
        table = reader(path, declared, columns)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable(declared, _without_values(str(error)), "a whole file", _CURE) from error
    _refuse_absent(table.schema.names, declared, columns)
    return table.select(list(columns))


def _parquet(path: Path, declared: PurePosixPath, columns: tuple[str, ...]) -> pa.Table:
    # Not read_table(): it would take folder names like `month=3` for columns.
    with parquet.ParquetFile(path, page_checksum_verification=True) as file:
        _refuse_absent(file.schema_arrow.names, declared, columns)
        return file.read(columns=list(columns))


def _csv(path: Path, declared: PurePosixPath, columns: tuple[str, ...]) -> pa.Table:
    ragged: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    # One thread: only then rows have their numbers.
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(use_threads=False),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep),
        convert_options=arrow_csv.ConvertOptions(column_types={name: pa.string() for name in columns}),
    )
    if ragged:
        expected = f"{ragged[0].expected_columns} columns in each row"
        rows = [row.number - 1 for row in ragged]  # the header is row 1 to Arrow
        found = f"{counted(len(rows), rows)} with another number of columns"
        do = "mend what writes these rows; they are counted from the one after the header"
        raise _unreadable(declared, found, expected, do)
    return table


def _json_lines(path: Path, declared: PurePosixPath, columns: tuple[str, ...]) -> pa.Table:
    try:
        table = arrow_json.read_json(path)
        # Texts that look like times were read as such, and what their zones were is gone: as texts they keep it.
        times = [one.name for one in table.schema if one.name in columns and kinds.is_timestamp(one.type)]
        if not times:
            return table
        texts = pa.schema([(name, pa.string()) for name in dict.fromkeys(times)])
        return arrow_json.read_json(path, parse_options=arrow_json.ParseOptions(explicit_schema=texts))
    except pa.ArrowInvalid as error:
        changed = _CHANGED.search(str(error))
        if changed is None:
            raise
        found = f"{changed['from']}s and {changed['to']}s in column {shown(changed['column'])}"
        do = "write every value of a column in the same type"
        raise _unreadable(declared, found, "one type in each column", do) from error


_READERS: Mapping[str, Callable[[Path, PurePosixPath, tuple[str, ...]], pa.Table]] = {
    ".parquet": _parquet, ".pq": _parquet, ".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines,
}  # fmt: skip


def _refuse_absent(names: list[str], declared: PurePosixPath, columns: tuple[str, ...]) -> None:
    problems = [
        Problem(
            code="MC-MODEL-012", what=f"{declared} holds {'more than one' if name in names else 'no'} column {name}",
            found=f"the columns {', '.join(map(shown, names[:20])) or 'none'}", expected=f"one column {name}",
            do=_other_name(name, names, declared),
        )
        for name in columns if names.count(name) != 1
    ]  # fmt: skip
    if problems:
        raise TableError(*problems)


def _other_name(name: str, names: list[str], declared: PurePosixPath) -> str:
    near = nearest(name, names) if name not in names else None
    if near is not None:
        return f"did you mean {shown(near)}? Name it in mlops-ci.yaml, or write the column {name} to {declared}"
    return f"write one column {name} to {declared}, or name another column in mlops-ci.yaml"


def _unreadable(declared: PurePosixPath, found: str, expected: str, do: str) -> TableError:
    return TableError(
        Problem(
            code="MC-MODEL-011", what=f"{declared} can't be read as a table of predictions", found=found,
            expected=expected, do=do, exit=ExitCode.USAGE,
        )
    )  # fmt: skip


def _without_values(message: str) -> str:
    """Arrow's message, cut before what may be a value of the table (or a path of this machine)."""
    first = message.partition("\n")[0]
    return re.split(r"['\"]|: \S*/|, got \d+: ", first)[0].strip()[:160]
