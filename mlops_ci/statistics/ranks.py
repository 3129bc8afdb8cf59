"""Metrics of ranks: areas under the ROC and the precision-recall curve, with the influence of each row, in one sort."""

import numpy as np

from mlops_ci.statistics.classes import refuse_few
from mlops_ci.statistics.rows import Codes, Influence, Numbers, Rows, UndefinedError


def roc_auc(rows: Rows) -> Influence:
    """DeLong's placement values (Biometrics 44 (1988), 837-845), by one sort (Sun and Xu, IEEE SPL 21 (2014)).

    A positive's is the share of negatives below it, a negative's the share of positives above; equal scores count half.
    """
    return _roc_auc(rows.truth, rows.predicted, rows)


def roc_auc_macro(rows: Rows) -> Influence:
    """The mean over classes, each against the rest, or over labels."""
    several = rows.truth.ndim > 1
    count = rows.predicted.shape[1]
    parts = []
    for k in range(count):
        truth = rows.truth[:, k] if several else (rows.truth == k).astype(np.float64)
        parts.append(_roc_auc(truth, rows.predicted[:, k], rows))
    each = np.sum([one.each for one in parts], axis=0) / count
    return Influence(value=sum(one.value for one in parts) / count, each=each, groups=rows.groups)


def average_precision(rows: Rows) -> Influence:
    """The sum over thresholds of precision times gain in recall, and its derivative by the weight of each row.

    P_g is the precision at the g-th highest score, A_g the weight of positives down to it:
    AP = sum_g (A_g - A_(g-1)) P_g / A_last. It is too high on average, since each positive raises the precision at its
    own place: by (1 - P) / rank.
    """
    truth, weight = rows.truth, rows.weight()
    refuse_few(truth)
    place = np.unique(-rows.predicted, return_inverse=True)[1]
    size = int(place.max()) + 1
    positive = np.bincount(place, weights=weight * truth, minlength=size).astype(np.float64)
    everyone = np.bincount(place, weights=weight, minlength=size).astype(np.float64)
    below = np.cumsum(everyone)
    precision = np.cumsum(positive) / below
    total = positive.sum()
    value = float(positive @ precision / total)
    share = positive / below
    gain, loss = (np.cumsum(one[::-1])[::-1] for one in (share, share * precision))
    each = truth * (precision[place] - value) + truth * gain[place] - loss[place]
    each = weight * each * rows.count / total
    own = np.bincount(place, weights=weight**2 * truth, minlength=size)
    bias = float(own @ ((1 - precision) / below)) / float(total)
    left_out = _left_out(place, truth, positive, everyone) if rows.weights is None else None
    return Influence(value=value, each=each, groups=rows.groups, bias=bias, left_out=left_out)


def _left_out(place: Codes, truth: Numbers, positive: Numbers, everyone: Numbers) -> Numbers:
    """n - 1 times by how much average precision falls without each of n rows of equal weight; the mean is 0.

    Without a row at one place, precision changes there and at all places below: there is one row less down to them,
    and one positive less if it was one.
    """
    found, count = np.cumsum(positive), np.cumsum(everyone)
    above = np.cumsum(positive * found / count) - positive * found / count
    fewer = np.maximum(count - 1, 1)
    rest = (positive * (found - 1) / fewer, positive * found / fewer)
    later = [np.cumsum(one[::-1])[::-1] - one for one in rest]
    own = (np.maximum(positive - 1, 0) * (found - 1) / fewer, rest[1])
    without = [above + mine + after for mine, after in zip(own, later, strict=True)]
    each = np.where(truth == 1, without[0][place] / (found[-1] - 1), without[1][place] / found[-1])
    return np.asarray((len(place) - 1) * (each.mean() - each), dtype=np.float64)


def _roc_auc(truth: Numbers, score: Numbers, rows: Rows) -> Influence:
    refuse_few(truth)
    weight = rows.weight()
    if score.min() == score.max():
        raise UndefinedError(f"one and the same score in all {len(score):,} rows")
    place = np.unique(score, return_inverse=True)[1]
    positive = np.bincount(place, weights=weight * truth)
    negative = np.bincount(place, weights=weight * (1 - truth), minlength=len(positive))
    above = positive[::-1].cumsum()[::-1] - positive / 2
    beneath = negative.cumsum() - negative / 2
    positives, negatives = positive.sum(), negative.sum()
    won, lost = beneath / negatives, above / positives
    value = float(positive @ won / positives)
    count = len(truth)
    each = np.where(truth == 1, (won[place] - value) * count / positives, (lost[place] - value) * count / negatives)
    return Influence(value=value, each=weight * each, groups=rows.groups)
