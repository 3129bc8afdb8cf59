"""Metrics that are a mean over rows: of something that is right or wrong, or of a loss."""

import numpy as np

from mlops_ci.statistics.classes import refuse_few
from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError, kish

_TINY = float(np.finfo(np.float64).eps)
_TOP = 3


def mean_of(each: Numbers, rows: Rows) -> Influence:
    """The weighted mean of one value a row."""
    weight = rows.weight()
    value = float(np.average(each, weights=weight))
    return Influence(
        value=value, each=weight * (each - value), groups=rows.groups, support=kish(weight, np.ones(rows.count))
    )


def right(rows: Rows) -> Numbers:
    """1 where the prediction is the truth; of several labels where all of them are."""
    same = rows.truth == rows.predicted
    return np.asarray(same if same.ndim == 1 else same.all(axis=1), dtype=np.float64)


def in_top_3(rows: Rows) -> Numbers:
    """1 where the true class is among the three with the highest scores; equal scores go against it."""
    mine = np.take_along_axis(rows.predicted, rows.truth.astype(np.int64)[:, None], axis=1)
    above = (rows.predicted > mine).sum(axis=1)
    equal = (rows.predicted == mine).sum(axis=1) - 1
    return np.asarray(above + equal < _TOP, dtype=np.float64)


def wrong_labels(rows: Rows) -> Numbers:
    """The share of labels that are wrong."""
    return np.asarray((rows.truth != rows.predicted).mean(axis=1), dtype=np.float64)


def log_losses(rows: Rows) -> Numbers:
    """Less the log of the probability of what happened; probabilities are kept off 0 and 1 as scikit-learn does."""
    _probabilities(rows)
    if rows.predicted.ndim == 1:
        p = np.clip(rows.predicted, _TINY, 1 - _TINY)
        return -np.where(rows.truth == 1, np.log(p), np.log1p(-p))
    p = np.clip(rows.predicted, _TINY, 1 - _TINY)
    return np.asarray(-np.log(np.take_along_axis(p, rows.truth.astype(np.int64)[:, None], axis=1)[:, 0]))


def briers(rows: Rows) -> Numbers:
    """Squared distance of the probability from what happened; of several classes their sum."""
    _probabilities(rows)
    if rows.predicted.ndim == 1:
        return (rows.predicted - rows.truth) ** 2
    happened = rows.truth.astype(np.int64)[:, None] == np.arange(rows.predicted.shape[1])
    return np.asarray(((rows.predicted - happened) ** 2).sum(axis=1), dtype=np.float64)


def absolute_errors(rows: Rows) -> Numbers:
    """How far the prediction is off."""
    return np.abs(rows.truth - rows.predicted)


def relative_errors(rows: Rows) -> Numbers:
    """The same over the truth."""
    if (rows.truth == 0).any():
        raise UndefinedError("the truth is 0 in some rows, and an error relative to 0 means nothing")
    return np.abs(rows.truth - rows.predicted) / np.abs(rows.truth)


def _probabilities(rows: Rows) -> None:
    """Of a rare class whose few rows hold most of the loss, the mean is known too badly for an interval."""
    outside = int(np.count_nonzero(~((rows.predicted >= 0) & (rows.predicted <= 1))))
    if outside:
        raise UndefinedError(f"scores lie outside 0 to 1 in {outside:,} places")
    if rows.predicted.ndim == 1:
        refuse_few(rows.truth)
