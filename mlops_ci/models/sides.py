"""What a metric reads of a table: truth and prediction of the rows in question, fit for it or refused in words."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mlops_ci.models.metrics import METRICS, Metric, Reads, Shape
from mlops_ci.models.notations import shown
from mlops_ci.models.predictions import Table
from mlops_ci.models.reading import Codes, Numbers

Rows = npt.NDArray[np.bool_] | npt.NDArray[np.int64]

_SUM = 0.01  # probabilities of a row may have been rounded


class UndefinedMetricError(Exception):
    """The metric has no value on these rows, or none that means anything. few: more rows might give it one."""

    def __init__(self, why: str, *, few: bool = False) -> None:
        super().__init__(why)
        self.few = few


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """truth, predicted: as in `Table`, of rows whose weight is over 0. predicted: what the metric reads.

    texts: what the codes of truth and predicted mean. groups, queries: codes of the whole table.
    """

    truth: Numbers
    predicted: Numbers
    texts: tuple[str, ...] = ()
    weights: Numbers | None = None
    groups: Codes | None = None
    queries: Codes | None = None


def sides_of(name: str, table: Table, *, threshold: float | None, rows: Rows | None = None) -> Sides:
    """Both sides for the metric over `rows`: a mask, places, or None for all. Raises UndefinedMetricError."""
    metric = METRICS[name]
    _refuse_shape(metric, name, table)
    predicted = _predicted(metric, table, threshold)
    chosen = _chosen(table, rows)
    sides = Sides(
        truth=_cut(table.truth, chosen), predicted=_cut(predicted, chosen), texts=table.texts,
        weights=None if table.weights is None else _cut(table.weights, chosen),
        groups=None if table.groups is None else _cut(table.groups, chosen),
        queries=None if table.queries is None else _cut(table.queries, chosen),
    )  # fmt: skip
    if not len(sides.truth):
        raise UndefinedMetricError("no row is there, or none with a weight over 0", few=True)
    for refuse in (_refuse_kinds, _refuse_range, _refuse_classes, _refuse_one):
        refuse(metric, name, sides)
    return sides


def _chosen(table: Table, rows: Rows | None) -> Rows | None:
    """The rows that count, None: all of them."""
    if table.weights is None or (table.weights > 0).all():
        return rows
    if rows is None:
        return np.flatnonzero(table.weights > 0)
    places: npt.NDArray[np.int64] = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
    kept: npt.NDArray[np.int64] = places[table.weights[places] > 0]
    return kept


_Column = TypeVar("_Column", Numbers, Codes)


def _cut(column: _Column, rows: Rows | None) -> _Column:
    if rows is None:
        return column
    kept: _Column = column[rows]
    return kept


def _refuse_shape(metric: Metric, name: str, table: Table) -> None:
    if table.shape not in metric.shapes:
        wanted = " or ".join(metric.shapes)
        near = "; roc_auc_macro is the one for them" if name == "roc_auc" else ""
        raise UndefinedMetricError(f"the predictions hold {table.shape}, and {name} needs {wanted}{near}")
    if name == "top_3_accuracy" and table.score is not None and table.score.shape[1] <= 3:  # noqa: PLR2004
        raise UndefinedMetricError("of three classes the right one is always among the first three")
    if metric.ranking and table.queries is None:
        raise UndefinedMetricError(f"{name} needs the column with the query that a row answers: `query:`")
    if metric.ranking and table.weights is not None:
        raise UndefinedMetricError(f"{name} is a mean over queries, which takes no weights of rows")
    if table.texts and (metric.reads is Reads.VALUE or (metric.binary and table.shape is Shape.ONE)):
        needed = "numbers" if metric.reads is Reads.VALUE else "0 and 1 (or false and true)"
        raise UndefinedMetricError(f"the truth holds text, other classes than 0 and 1, and {name} needs {needed}")


def _predicted(metric: Metric, table: Table, threshold: float | None) -> Numbers:
    """The column that the metric reads, or what follows from the scores."""
    if metric.reads is Reads.SCORE:
        column = table.score
    elif metric.reads is Reads.LABEL and table.prediction is None and table.score is not None:
        return _from_scores(table, table.score, threshold)
    else:
        column = table.prediction
    if column is None:
        raise UndefinedMetricError(f"the predictions have no column for the {metric.reads}")
    return column


def _from_scores(table: Table, score: Numbers, threshold: float | None) -> Numbers:
    """Of several classes the one with the greatest score, the first of equal ones; else what reaches the threshold."""
    if table.shape is Shape.CLASSES:
        greatest: Numbers = score.argmax(axis=1).astype(np.float64)
        return greatest
    if threshold is None:
        raise UndefinedMetricError("a predicted class is needed: a column prediction, or a threshold for the score")
    if table.texts:
        raise UndefinedMetricError("the truth holds text, the prediction numbers: what reaches the threshold is 1")
    if table.shape is Shape.ONE and not table.binary:
        raise UndefinedMetricError(
            "the truth holds other classes than 0 and 1 (or false and true), and what reaches the threshold is 1"
        )
    reached: Numbers = (score >= threshold).astype(np.float64)
    return reached


def _refuse_kinds(metric: Metric, name: str, sides: Sides) -> None:
    """Of one score, truth and predicted class are 0 and 1."""
    if not metric.binary or sides.predicted.ndim > 1:
        return _refuse_relevance(name, sides)
    checked = {"truth": sides.truth} | ({"prediction": sides.predicted} if metric.reads is Reads.LABEL else {})
    for column, values in checked.items():
        if not np.isin(values, (0.0, 1.0)).all():
            raise UndefinedMetricError(f"the {column} holds other classes than 0 and 1 (or false and true)")
    return None


def _refuse_relevance(name: str, sides: Sides) -> None:
    if name.startswith("ndcg") and not (sides.truth >= 0).all():
        below = int(np.count_nonzero(~(sides.truth >= 0)))
        raise UndefinedMetricError(f"the truth is below 0 in {below:,} rows, and {name} needs relevances from 0 on")


def _refuse_range(metric: Metric, name: str, sides: Sides) -> None:
    """Probabilities lie between 0 and 1, and those of all classes make 1."""
    score, rows = sides.predicted, len(sides.truth)
    if metric.probabilities:
        outside = ~((score >= 0) & (score <= 1))
        count = int(np.count_nonzero(outside if outside.ndim == 1 else outside.any(axis=1)))
        if count:
            raise UndefinedMetricError(
                f"scores lie outside 0 to 1 in {count:,} of {rows:,} rows, and {name} needs probabilities"
            )
        off = 0 if score.ndim == 1 else int(np.count_nonzero(~(np.abs(score.sum(axis=1) - 1) <= _SUM)))
        if off:
            raise UndefinedMetricError(
                f"the scores of a row do not add up to 1 in {off:,} of {rows:,} rows, and {name} needs probabilities"
            )
    if name == "mape" and (sides.truth == 0).any():
        zeros = int(np.count_nonzero(sides.truth == 0))
        raise UndefinedMetricError(
            f"the truth is 0 in {zeros:,} of {rows:,} rows, and an error relative to 0 means nothing"
        )


def _refuse_classes(metric: Metric, name: str, sides: Sides) -> None:
    """A single class, or a class or label that never occurs, says nothing of what a metric tells apart."""
    truth, rows = sides.truth, len(sides.truth)
    if metric.two_classes and truth.ndim == 1 and _constant(truth):
        raise UndefinedMetricError(f"the truth holds a single class in {rows:,} rows", few=True)
    if name == "r2" and _constant(truth):
        raise UndefinedMetricError(f"the truth is the same in all {rows:,} rows")
    if name == "roc_auc_macro":
        count = sides.predicted.shape[1]
        positive = np.bincount(truth.astype(np.int64), minlength=count) if truth.ndim == 1 else truth.sum(axis=0)
        _refuse_lacking(~((positive > 0) & (positive < rows)), "occur in no row or in all", sides)
    if name == "f1_macro" and truth.ndim > 1:
        _refuse_lacking((truth + sides.predicted).sum(axis=0) == 0, "neither occur nor are predicted in any", sides)
    if metric.ranking and not (truth > 0).any():
        raise UndefinedMetricError(f"no row is relevant in {rows:,}", few=True)


def _refuse_lacking(lacking: npt.NDArray[np.bool_], why: str, sides: Sides) -> None:
    if lacking.any():
        what = "classes" if sides.truth.ndim == 1 else "labels"
        at = int(np.flatnonzero(lacking)[0])
        first = shown(sides.texts[at]) if sides.texts else f"number {at + 1}"
        raise UndefinedMetricError(
            f"{int(lacking.sum()):,} of {len(lacking):,} {what} {why} of {len(sides.truth):,} rows; the first is "
            f"{first}",
            few=True,
        )


def _refuse_one(metric: Metric, name: str, sides: Sides) -> None:
    """One value for all rows tells nothing apart."""
    predicted, rows = sides.predicted, len(sides.truth)
    if metric.two_predicted and _constant(predicted):
        raise UndefinedMetricError(f"one and the same class is predicted for all {rows:,} rows")
    if not metric.two_scores:
        return
    columns = [predicted] if predicted.ndim == 1 else list(predicted.T)
    constant = [number for number, column in enumerate(columns, start=1) if _constant(column)]
    if constant:
        which = "" if predicted.ndim == 1 else f" (score column {constant[0]})"
        raise UndefinedMetricError(f"one and the same score in all {rows:,} rows{which}, so {name} tells nothing apart")


def _constant(values: Numbers) -> bool:
    return bool((values == values[0]).all())
