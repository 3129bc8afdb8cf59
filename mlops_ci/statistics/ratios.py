"""Metrics of predicted classes that are ratios of counts, with their influence by the quotient rule."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError, kish

Flags = npt.NDArray[np.bool_]


def ratio(part: Numbers, whole: Numbers, rows: Rows, *, empty: str) -> Influence:
    """mean(part) / mean(whole). Raises UndefinedError with `empty` where there is no whole."""
    weight = rows.weight()
    base = float(np.average(whole, weights=weight))
    if not base > 0:
        raise UndefinedError(empty, few=True)
    value = float(np.average(part, weights=weight)) / base
    return Influence(
        value=value, each=weight * (part - value * whole) / base, groups=rows.groups,
        support=kish(weight, whole),
    )  # fmt: skip


def precision(rows: Rows) -> Influence:
    """Of those predicted positive, how many are."""
    positive = (rows.predicted == 1).astype(np.float64)
    return ratio(positive * rows.truth, positive, rows, empty="no row is predicted positive")


def recall(rows: Rows) -> Influence:
    """Of those that are positive, how many are predicted so."""
    truth = rows.truth.astype(np.float64)
    return ratio(truth * (rows.predicted == 1), truth, rows, empty="no row is positive")


def f1(rows: Rows) -> Influence:
    """2 TP / (predicted positive + positive)."""
    return _f1(rows.truth == 1, rows.predicted == 1, rows)


def f1_micro(rows: Rows) -> Influence:
    """The same over all labels of all rows."""
    truth, predicted = _labels(rows)
    return _f1(truth, predicted, rows)


def f1_macro(rows: Rows) -> Influence:
    """The mean over classes or labels; a class that is neither there nor predicted does not count."""
    truth, predicted = _labels(rows)
    parts = [_f1_or_none(truth[:, k], predicted[:, k], rows) for k in range(truth.shape[1])]
    there = [one for one in parts if one is not None or rows.truth.ndim > 1]
    return _mean([one for one in there if one is not None], len(there))


def balanced_accuracy(rows: Rows) -> Influence:
    """The mean recall over the classes that occur."""
    parts = recalls(rows)
    return _mean(parts, len(parts))


def recalls(rows: Rows) -> list[Influence]:
    """The recall of each class that occurs, by its code."""
    classes = np.unique(rows.truth)
    if len(classes) < 2:  # noqa: PLR2004
        raise UndefinedError(f"the truth holds a single class in {rows.count:,} rows", few=True)
    hit = (rows.truth == rows.predicted).astype(np.float64)
    parts = []
    for one in classes:
        mine = (rows.truth == one).astype(np.float64)
        parts.append(ratio(mine * hit, mine, rows, empty="a class has no row"))
    return parts


def found_of_either(rows: Rows) -> Influence:
    """Of rows (of several labels, of labels) that are positive or predicted so, the share that are both."""
    truth, predicted = rows.truth == 1, rows.predicted == 1
    both, either = (np.asarray(one, dtype=np.float64) for one in (truth & predicted, truth | predicted))
    if both.ndim > 1:
        both, either = both.sum(axis=1), either.sum(axis=1)
    found = ratio(both, either, rows, empty="no row is positive or predicted so")
    return found if rows.truth.ndim == 1 or rows.groups is not None else replace(found, groups=np.arange(rows.count))


def matthews(rows: Rows) -> Influence:
    """Matthews' correlation of any number of classes (Gorodkin, Computational Biology and Chemistry 28 (2004), 367)."""
    weight = rows.weight() / rows.count
    codes = np.unique(np.concatenate((rows.truth, rows.predicted)), return_inverse=True)[1]
    truth, predicted = codes[: rows.count], codes[rows.count :]
    size = int(codes.max()) + 1
    t, p = (np.bincount(one, weights=weight, minlength=size) for one in (truth, predicted))
    hit = (truth == predicted).astype(np.float64)
    accuracy = float((weight * hit).sum())
    both, true, said = float(t @ p), float(t @ t), float(p @ p)
    if np.count_nonzero(t) < 2 or np.count_nonzero(p) < 2:  # noqa: PLR2004
        raise UndefinedError("one and the same class in all rows", few=True)
    scale = np.sqrt((1 - said) * (1 - true))
    value = (accuracy - both) / scale
    top = (hit - accuracy) - (t[predicted] + p[truth] - 2 * both)
    each = top / scale + value * ((p[predicted] - said) / (1 - said) + (t[truth] - true) / (1 - true))
    return Influence(value=float(value), each=rows.weight() * each, groups=rows.groups)


def _f1(truth: Flags, predicted: Flags, rows: Rows) -> Influence:
    found = _f1_or_none(truth, predicted, rows)
    if found is None:
        raise UndefinedError("no row is positive or predicted so", few=True)
    return found


def _f1_or_none(truth: Flags, predicted: Flags, rows: Rows) -> Influence | None:
    hit = np.asarray(2.0 * (truth & predicted), dtype=np.float64)
    whole = np.asarray(truth.astype(np.float64) + predicted, dtype=np.float64)
    if hit.ndim > 1:
        hit, whole = hit.sum(axis=1), whole.sum(axis=1)
    if not whole.any():
        return None
    return ratio(hit, whole, rows, empty="no row is positive or predicted so")


def _labels(rows: Rows) -> tuple[Flags, Flags]:
    """Truth and prediction as (n, k) flags."""
    if rows.truth.ndim > 1:
        return rows.truth == 1, rows.predicted == 1
    classes = np.unique(np.concatenate((rows.truth, rows.predicted)))
    return rows.truth[:, None] == classes, rows.predicted[:, None] == classes


def _mean(parts: list[Influence], count: int) -> Influence:
    if not parts:
        raise UndefinedError("no class has a row", few=True)
    each = np.sum([one.each for one in parts], axis=0) / count
    return Influence(value=sum(one.value for one in parts) / count, each=each, groups=parts[0].groups)
