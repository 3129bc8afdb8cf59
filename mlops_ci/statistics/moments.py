"""Metrics of errors: root mean square, explained variance, median."""

import numpy as np
from scipy.special import ndtri

from mlops_ci.statistics.means import mean_of
from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError


def rmse(rows: Rows) -> Influence:
    """The root of the mean squared error."""
    square = mean_of((rows.truth - rows.predicted) ** 2, rows)
    root = float(np.sqrt(square.value))
    each = square.each / (2 * root) if root > 0 else np.zeros(rows.count)
    return Influence(value=root, each=each, groups=rows.groups)


def r2(rows: Rows) -> Influence:
    """1 - mean squared error / variance of the truth."""
    weight = rows.weight()
    mean = float(np.average(rows.truth, weights=weight))
    error, spread = mean_of((rows.truth - rows.predicted) ** 2, rows), mean_of((rows.truth - mean) ** 2, rows)
    if not spread.value > 0:
        raise UndefinedError(f"the truth is the same in all {rows.count:,} rows")
    share = error.value / spread.value
    return Influence(value=1 - share, each=(share * spread.each - error.each) / spread.value, groups=rows.groups)


def median_absolute_error(rows: Rows) -> Influence:
    """The median of absolute errors; its influence is (1/2 - [below]) over the density there.

    The density is a difference quotient of quantiles at the width of Hall and Sheather (JRSS B 50 (1988), 381-391).
    """
    errors, weight = np.abs(rows.truth - rows.predicted), rows.weight()
    value = float(np.median(errors)) if rows.weights is None else _quantile(errors, weight, 0.5)
    width = _width(rows.count)
    low, high = (_quantile(errors, weight, one) for one in (0.5 - width, 0.5 + width))
    if not high > low:
        raise UndefinedError("half of the errors are one and the same", few=True)
    density = 2 * width / (high - low)
    each = (0.5 - (errors < value) - 0.5 * (errors == value)) / density
    return Influence(value=value, each=weight * (each - np.average(each, weights=weight)), groups=rows.groups)


def _width(count: int) -> float:
    z, normal = float(ndtri(0.975)), 1 / np.sqrt(2 * np.pi)
    return float(min(0.4, count ** (-1 / 3) * z ** (2 / 3) * (1.5 * normal**2) ** (1 / 3)))


def _quantile(values: Numbers, weight: Numbers, share: float) -> float:
    order = np.argsort(values, kind="stable")
    way = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(way, share * way[-1])])
