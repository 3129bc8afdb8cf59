"""Whether a table of scores has all rows that were to be scored. What this imports is heavy: import it late."""

from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from mlops_ci.models.table_file import TableError, read_columns


def lacks_rows(scores: Path, rows: Path, *, named: PurePosixPath, inputs: PurePosixPath, key: str) -> str | None:
    """Why `scores` is not the table of exactly these rows, in words; None where it is.

    named, inputs: the paths whose suffixes say how the tables are written. key: the column that names a row. Rows that
    have no such column are only counted.
    """
    try:
        found = _keys(scores, named, key)
    except TableError as error:
        return str(error)
    try:
        wanted = _keys(rows, inputs, key)
    except TableError:
        return None  # nothing names the rows: whether they are the right ones, the predictions' own rows will tell
    if len(found) != len(wanted):
        return f"it has {len(found):,} rows of {len(wanted):,}"
    absent = len(wanted) - (pc.sum(pc.is_in(wanted, value_set=found)).as_py() or 0)
    return f"{absent:,} of {len(wanted):,} rows are not in it, by {key}" if absent else None


def _keys(path: Path, declared: PurePosixPath, key: str) -> pa.ChunkedArray:
    column: pa.ChunkedArray = read_columns(path, declared=declared, columns=(key,)).column(key)
    return column.cast(pa.string())
