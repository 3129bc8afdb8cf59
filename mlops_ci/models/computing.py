"""Metrics computed by scikit-learn's own functions. Imported only where something has to be computed."""

import re
import warnings
from math import isfinite

import numpy as np
import numpy.typing as npt
import sklearn.metrics
from sklearn.exceptions import UndefinedMetricWarning

from mlops_ci.models.metrics import METRICS, Metric, Reads
from mlops_ci.models.predictions import Labels, Table

_ZERO_AND_ONE = (0.0, 1.0)


class UndefinedMetricError(Exception):
    """The metric has no value on these rows, or none that means anything."""


def compute(name: str, table: Table, *, threshold: float | None, rows: npt.NDArray[np.bool_] | None = None) -> float:
    """The metric over the rows that `rows` marks (None: over all). Always finite.

    Raises UndefinedMetricError in words where scikit-learn warns, answers NaN, or answers a conventional 0.
    """
    metric = METRICS[name]
    truth, predicted = table.truth, _predicted(metric, table, threshold)
    if rows is not None:
        truth, predicted = truth[rows], predicted[rows]
    _refuse(metric, name, truth, predicted)
    return _finite(_quiet(metric, truth, predicted))


def _predicted(metric: Metric, table: Table, threshold: float | None) -> Labels:
    if metric.reads is Reads.SCORE:
        column: Labels | None = table.score
    elif table.prediction is None and metric.reads is Reads.LABEL and table.score is not None:
        if threshold is None:
            raise UndefinedMetricError("a predicted class is needed: a column prediction, or a threshold for the score")
        return (table.score >= threshold).astype(np.float64)
    else:
        column = table.prediction
    if column is None:
        raise UndefinedMetricError(f"the predictions have no column for the {metric.reads}")
    return column


def _refuse_other_kinds(truth: Labels, predicted: Labels) -> None:
    kinds = ["numbers" if values.dtype == np.float64 else "text" for values in (truth, predicted)]
    if kinds[0] != kinds[1]:
        raise UndefinedMetricError(f"the truth holds {kinds[0]}, the prediction {kinds[1]}")


def _refuse(metric: Metric, name: str, truth: Labels, predicted: Labels) -> None:
    if metric.binary:
        _refuse_other_classes(metric, truth, predicted)
    _refuse_other_kinds(truth, predicted)
    if metric.probabilities:
        outside = int(np.count_nonzero((predicted < 0) | (predicted > 1)))
        if outside:
            raise UndefinedMetricError(
                f"scores lie outside 0 to 1 in {outside:,} of {len(truth):,} rows, and {name} needs probabilities"
            )
    if metric.two_classes and len(np.unique(truth)) < 2:  # noqa: PLR2004
        raise UndefinedMetricError(f"the truth holds a single class in {len(truth):,} rows")
    if metric.two_predicted and len(np.unique(predicted)) < 2:  # noqa: PLR2004
        raise UndefinedMetricError(f"one and the same class is predicted for all {len(truth):,} rows")
    if name == "mape" and (truth == 0).any():
        zeros = int(np.count_nonzero(truth == 0))
        raise UndefinedMetricError(
            f"the truth is 0 in {zeros:,} of {len(truth):,} rows, and an error relative to 0 means nothing"
        )
    if name == "r2" and len(np.unique(truth)) < 2:  # noqa: PLR2004
        raise UndefinedMetricError(f"the truth is the same in all {len(truth):,} rows")


def _refuse_other_classes(metric: Metric, truth: Labels, predicted: Labels) -> None:
    checked = {"truth": truth} | ({"prediction": predicted} if metric.reads is Reads.LABEL else {})
    for column, values in checked.items():
        if values.dtype != np.float64 or not np.isin(values, _ZERO_AND_ONE).all():
            raise UndefinedMetricError(f"the {column} holds other classes than 0 and 1 (or false and true)")


def _quiet(metric: Metric, truth: Labels, predicted: Labels) -> float:
    function = getattr(sklearn.metrics, metric.function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", UndefinedMetricWarning)
        try:
            return float(function(truth, predicted, **dict(metric.options)))
        except UndefinedMetricWarning as error:
            raise UndefinedMetricError(_first_sentence(error)) from error
        except (ValueError, OverflowError) as error:
            raise UndefinedMetricError(_first_sentence(error)) from error


def _first_sentence(error: BaseException) -> str:
    """What is wrong, without the 0 that scikit-learn would have put in its place."""
    first = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")[:200]
    return re.sub(r" and being set to \S+", "", first)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise UndefinedMetricError(f"scikit-learn answers {value}")
    return value
