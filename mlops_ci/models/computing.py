"""Metrics computed by scikit-learn's own functions. Imported only where something has to be computed."""

import re
import warnings
from collections.abc import Callable
from math import isfinite

import numpy as np
import sklearn.metrics
from sklearn.exceptions import UndefinedMetricWarning

from mlops_ci.models import compositions
from mlops_ci.models.metrics import METRICS, Metric
from mlops_ci.models.predictions import Table
from mlops_ci.models.sides import Rows, Sides, UndefinedMetricError, sides_of

__all__ = ["UndefinedMetricError", "compute"]


def compute(name: str, table: Table, *, threshold: float | None, rows: Rows | None = None) -> float:
    """The metric over `rows`: a mask, places, or None for all; by the table's weights, if it has any. Always finite.

    Raises UndefinedMetricError in words where scikit-learn warns, answers NaN, or answers a conventional 0.
    """
    sides = sides_of(name, table, threshold=threshold, rows=rows)
    return _finite(_quiet(METRICS[name], name, sides))


def _quiet(metric: Metric, name: str, sides: Sides) -> float:
    function: Callable[..., float] = getattr(compositions if metric.composed else sklearn.metrics, metric.function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", UndefinedMetricWarning)
        try:
            return float(function(sides.truth, sides.predicted, **_options(metric, name, sides)))
        except UndefinedMetricWarning as error:
            raise UndefinedMetricError(_first_sentence(error)) from error
        except (ValueError, OverflowError) as error:
            raise UndefinedMetricError(_first_sentence(error)) from error


def _options(metric: Metric, name: str, sides: Sides) -> dict[str, object]:
    options = dict(metric.options)
    if metric.ranking:
        return options | {"queries": sides.queries}
    if sides.predicted.ndim > 1 and sides.truth.ndim == 1 and not metric.composed:
        options["labels"] = np.arange(sides.predicted.shape[1])
        if name == "brier":
            options["scale_by_half"] = False
    if sides.weights is not None and name != "max_error":
        options["sample_weight"] = sides.weights
    return options


def _first_sentence(error: BaseException) -> str:
    """What is wrong, without the 0 that scikit-learn would have put in its place."""
    first = str(error).partition("\n")[0].partition(". ")[0].rstrip(".")[:200]
    return re.sub(r" and being set to \S+", "", first)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise UndefinedMetricError(f"scikit-learn answers {value}")
    return value
