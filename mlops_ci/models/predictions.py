"""A table of predictions, checked: whatever would make a metric of it worthless is named here, with its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlops_ci.config.models import Predictions
from mlops_ci.core.findings import Scalar
from mlops_ci.models.columns import UnfitColumnError, as_labels, as_numbers, as_texts, nulls
from mlops_ci.models.problems import Problem, counted
from mlops_ci.models.table_file import TableError, read_columns

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.float64] | npt.NDArray[np.object_]

_KEPT_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Predictions that can be evidence, row by row in the file's order.

    truth: numbers (false and true are 0 and 1), or texts. score: finite. prediction: as truth.
    slices: for each slice column the text of its value.
    """

    truth: Labels
    score: Numbers | None
    prediction: Labels | None
    slices: Mapping[str, npt.NDArray[np.object_]]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.truth)


def read_predictions(path: Path, settings: Predictions, *, classes: bool) -> Table:
    """Read and check the table. `classes`: whether the truth is a class, of which at least two must occur.

    Raises TableError with all that is wrong.
    """
    raw = read_columns(path, declared=settings.path, columns=_wanted(settings))
    if raw.num_rows < 2:  # noqa: PLR2004 - one row shows nothing
        raise TableError(_too_few(raw.num_rows, settings))
    loose = settings.path.suffix.lower() == ".csv"
    problems = list(_of_ids(raw[settings.id], settings.id, loose))

    def column(name: str | None, *, labels: bool) -> Labels | None:
        if name is None:
            return None
        try:
            return _evident(raw[name], name, labels=labels, loose=loose)
        except TableError as error:
            problems.extend(error.problems)
            return None

    truth = column(settings.truth, labels=classes)
    score = column(settings.score, labels=False)
    prediction = column(settings.prediction, labels=classes)
    if truth is not None and classes and len(np.unique(truth)) == 1 and not problems:
        problems.append(_one_class(settings, raw.num_rows))
    if problems or truth is None:
        raise TableError(*problems)
    return Table(
        truth=truth, score=None if score is None else score.astype(np.float64), prediction=prediction,
        slices={name: as_texts(raw[name]) for name in settings.slices},
    )  # fmt: skip


def _wanted(settings: Predictions) -> tuple[str, ...]:
    named = (settings.id, settings.truth, settings.score, settings.prediction, *settings.slices)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _too_few(rows: int, settings: Predictions) -> Problem:
    return Problem(
        code="MC-MODEL-013", what=f"{settings.path} holds {'no row' if rows == 0 else 'a single row'}",
        found=f"{rows} rows", expected="enough rows to judge a model by", count=rows,
        do="see why the evaluation had nothing to predict: an empty test set shows nothing",
    )  # fmt: skip


def _one_class(settings: Predictions, rows: int) -> Problem:
    return Problem(
        code="MC-MODEL-017", what=f"the truth holds a single class in column {settings.truth}",
        found=f"one class in {rows:,} rows", expected="two classes at least", count=rows,
        do="see why the test set lost the other classes: no classifier can be judged on one",
    )  # fmt: skip


def _of_ids(column: pa.ChunkedArray, name: str, loose: bool) -> Iterator[Problem]:
    missing = nulls(column, loose=loose)
    if missing.any():
        what, do = f"the id is missing in column {name}", "give each row its id"
        yield _of_rows("MC-MODEL-014", what, missing, {}, expected="an id in each row", do=do)
    try:
        codes = _codes(column)
    except pa.ArrowException:
        yield Problem(
            code="MC-MODEL-018", what=f"column {name} can't identify rows", found=f"the type {column.type}",
            expected="numbers, text or times", do="write an id that is one value",
        )  # fmt: skip
        return
    codes = np.where(missing, -1, codes)
    times = np.bincount(codes[codes >= 0]) if (codes >= 0).any() else np.zeros(1, dtype=np.int64)
    doubled = (codes >= 0) & (times[np.maximum(codes, 0)] > 1)
    if doubled.any():
        do = "write each row once: a join that multiplies rows is the usual cause"
        what = f"ids occur more than once in column {name}"
        yield _of_rows("MC-MODEL-015", what, doubled, {name: column}, expected="each id once", do=do)


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """One small number for each distinct value, -1 for null."""
    whole = column.combine_chunks()
    # A file's own dictionary may hold a value twice: only one made here tells values apart.
    values = whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole
    return np.asarray(pc.fill_null(values.dictionary_encode().indices.cast(pa.int64()), -1), dtype=np.int64)


def _evident(column: pa.ChunkedArray, name: str, *, labels: bool, loose: bool) -> Labels:
    """The values of a column. Raises TableError where they are no evidence."""
    try:
        values: Labels = as_labels(column, loose=loose) if labels else as_numbers(column, loose=loose)
    except UnfitColumnError as error:
        raise TableError(_unfit(name, error, column)) from error
    missing = nulls(column, loose=loose)
    if missing.any():
        what = f"values are NaN or missing in column {name}"
        do = "find out why the stage leaves them empty"
        raise TableError(_of_rows("MC-MODEL-016", what, missing, {}, expected="a value in each row", do=do))
    endless = np.isinf(values) if values.dtype == np.float64 else np.zeros(len(values), dtype=np.bool_)
    if endless.any():
        what, do = f"values are infinite in column {name}", "find out why the stage writes them"
        expected = "a finite number in each row"
        raise TableError(_of_rows("MC-MODEL-016", what, endless, {name: column}, expected=expected, do=do))
    return values


def _unfit(name: str, error: UnfitColumnError, column: pa.ChunkedArray) -> Problem:
    what = f"column {name} does not hold {error.expected}"
    do = f"write {error.expected} to column {name}"
    if error.rows is None:
        return Problem(code="MC-MODEL-018", what=what, found=f"the type {column.type}", expected=error.expected, do=do)
    expected = f"{error.expected} in each row"
    return _of_rows("MC-MODEL-018", what, error.rows, {name: column}, expected=expected, do=do)


def _of_rows(
    code: str, what: str, mask: npt.NDArray[np.bool_], shown: Mapping[str, pa.ChunkedArray], *, expected: str, do: str
) -> Problem:  # fmt: skip
    at = np.flatnonzero(mask)
    rows: list[int] = [int(row) + 1 for row in at[:_KEPT_ROWS]]
    kept = tuple(_local_row(row, shown) for row in rows)
    return Problem(
        code=code, what=what, found=counted(len(at), rows), expected=expected, do=do, count=len(at), rows=kept
    )


def _local_row(row: int, shown: Mapping[str, pa.ChunkedArray]) -> Mapping[str, Scalar]:
    return {"row": row, **{name: str(column[row - 1].as_py())[:200] for name, column in shown.items()}}
