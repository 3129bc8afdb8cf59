"""A table as rows of numbers for `statistics/`: what one metric reads of it, classes as codes."""

import numpy as np

from mlops_ci.models.compositions import dense
from mlops_ci.models.metrics import METRICS, Reads, Shape
from mlops_ci.models.predictions import Table
from mlops_ci.models.reading import Numbers
from mlops_ci.models.sides import Rows as Chosen
from mlops_ci.models.sides import UndefinedMetricError, sides_of
from mlops_ci.statistics.rows import Rows, UndefinedError


def rows_of(table: Table, metric: str, *, threshold: float | None, rows: Chosen | None = None) -> Rows:
    """What the metric reads of `rows`: a mask, places, or None for all. Rows of weight 0 are left out.
    Groups are numbered anew, without a gap.

    Codes of classes are those of the whole table, so a class may occur in none of these rows; a champion's table that
    `Table.scored_by` has made has the candidate's codes. Raises UndefinedError where the metric has no value.
    """
    try:
        sides = sides_of(metric, table, threshold=threshold, rows=rows)
        truth, predicted = sides.truth, sides.predicted
        if METRICS[metric].reads is Reads.LABEL and table.shape is Shape.ONE and not table.texts:
            truth, predicted = _coded(truth, table.labels), _coded(predicted, table.labels)
    except UndefinedMetricError as error:
        raise UndefinedError(str(error), few=error.few) from error
    ranking = METRICS[metric].ranking
    return Rows(
        truth=truth, predicted=predicted, weights=sides.weights,
        groups=None if sides.groups is None else dense(sides.groups),
        queries=sides.queries if ranking else None,
    )  # fmt: skip


def _coded(values: Numbers, labels: tuple[float, ...]) -> Numbers:
    """The place of each number among the labels."""
    if labels == (0.0, 1.0):
        return values
    if not all(label.is_integer() for label in labels):
        raise UndefinedMetricError("classes are whole numbers or text, and here are others: is this a regression?")
    known = np.array(labels)
    order = np.argsort(known)
    return order[np.searchsorted(known, values, sorter=order)].astype(np.float64)
