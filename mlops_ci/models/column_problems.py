"""What makes a column no evidence, in words, with its rows."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlops_ci.core.findings import Scalar
from mlops_ci.models.columns import UnfitColumnError, as_codes, nulls
from mlops_ci.models.ids import rounded
from mlops_ci.models.problems import Problem, counted
from mlops_ci.models.times import MixedZonesError

_KEPT_ROWS = 20


def of_ids(column: pa.ChunkedArray, name: str, *, loose: bool) -> Iterator[Problem]:
    """Ids that are missing, or there more than once, or no single values."""
    missing = nulls(column, loose=loose)
    if missing.any():
        what, do = f"the id is missing in column {name}", "give each row its id"
        yield of_rows("MC-MODEL-014", what, missing, {}, expected="an id in each row", do=do)
    try:
        codes = np.where(missing, -1, as_codes(column))
    except UnfitColumnError as error:
        yield Problem(
            code="MC-MODEL-018", what=f"column {name} can't identify rows", found=f"the type {column.type}",
            expected=error.expected, do="write an id that is one value",
        )  # fmt: skip
        return
    times = np.bincount(codes[codes >= 0]) if (codes >= 0).any() else np.zeros(1, dtype=np.int64)
    doubled = (codes >= 0) & (times[np.maximum(codes, 0)] > 1)
    if doubled.any():
        do = "write each row once: a join that multiplies rows is the usual cause"
        if rounded(column):
            do = "write ids as whole numbers or text: floats of 2^53 and more have lost digits"
        what = f"ids occur more than once in column {name}"
        yield of_rows("MC-MODEL-015", what, doubled, {name: column}, expected="each id once", do=do)


def missing_in(column: pa.ChunkedArray, name: str, *, loose: bool, of_words: bool = False) -> Problem | None:
    """Values that are not there: null, NaN, and in a CSV file nothing or a word for it. of_words: other words are fit
    values of the column, so that this one might have been meant for one.
    """
    missing = nulls(column, loose=loose)
    if not missing.any():
        return None
    what, do = f"values are NaN or missing in column {name}", "find out why the stage leaves them empty"
    if loose and of_words and (words := sorted(_texts(column, missing) - {"", "NaN", "nan"})):
        do += f"; if {words[0]} is a value: in a CSV file it stands for none, so write Parquet or JSON lines"
    return of_rows("MC-MODEL-016", what, missing, {}, expected="a value in each row", do=do)


def _texts(column: pa.ChunkedArray, at: npt.NDArray[np.bool_]) -> set[str]:
    """What is written where nothing counts as there."""
    kept = column.filter(pa.array(at)).unique().to_pylist()
    return {text for text in kept if isinstance(text, str)}


def endless_in(values: npt.NDArray[np.float64], column: pa.ChunkedArray, name: str) -> Problem | None:
    """Numbers without end."""
    endless = np.isinf(values)
    if not endless.any():
        return None
    what, do = f"values are infinite in column {name}", "find out why the stage writes them"
    return of_rows("MC-MODEL-016", what, endless, {name: column}, expected="a finite number in each row", do=do)


def unfit(name: str, error: UnfitColumnError, column: pa.ChunkedArray) -> Problem:
    """A column that holds something else."""
    what = f"column {name} does not hold {error.expected}"
    do = f"write {error.expected} to column {name}"
    if error.expected == "numbers" and error.rows is not None:
        do += " as they are, like 0.25: with a point, without %, units or thousands separators"
    if error.rows is None:
        return Problem(code="MC-MODEL-018", what=what, found=f"the type {column.type}", expected=error.expected, do=do)
    return of_rows("MC-MODEL-018", what, error.rows, {name: column}, expected=f"{error.expected} in each row", do=do)


def mixed_zones(name: str, error: MixedZonesError) -> Problem:
    """Times by several clocks."""
    return Problem(
        code="MC-MODEL-024", what=f"times of different zones in column {name}", found=str(error),
        expected="one zone in all rows, or none", do="write all times in UTC, like 2013-07-04T18:30:00Z",
        count=int(np.count_nonzero(error.rows)),
    )  # fmt: skip


def of_rows(
    code: str, what: str, mask: npt.NDArray[np.bool_], shown: Mapping[str, pa.ChunkedArray], *, expected: str, do: str
) -> Problem:  # fmt: skip
    """A problem of the rows that `mask` marks; the values of `shown` in them are for the local report."""
    at = np.flatnonzero(mask)
    rows: list[int] = [int(row) + 1 for row in at[:_KEPT_ROWS]]
    kept = tuple(_local_row(row, shown) for row in rows)
    return Problem(
        code=code, what=what, found=counted(len(at), rows), expected=expected, do=do, count=len(at), rows=kept
    )


def _local_row(row: int, shown: Mapping[str, pa.ChunkedArray]) -> Mapping[str, Scalar]:
    return {"row": row, **{name: str(column[row - 1].as_py())[:200] for name, column in shown.items()}}
