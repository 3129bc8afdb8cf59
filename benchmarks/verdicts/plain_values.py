"""Metrics as a textbook writes them down, for the rules of others."""

from collections.abc import Callable, Mapping

import numpy as np

from mlops_ci.statistics.rows import Numbers, Rows


def right(rows: Rows) -> Numbers:
    """1 where the prediction is the truth."""
    return np.asarray(rows.truth == rows.predicted, dtype=np.float64)


def _log_losses(rows: Rows) -> Numbers:
    return np.asarray(-np.log(np.where(rows.truth == 1, rows.predicted, 1 - rows.predicted)), dtype=np.float64)


def _squares(rows: Rows) -> Numbers:
    return np.asarray((rows.truth - rows.predicted) ** 2, dtype=np.float64)


def _absolutes(rows: Rows) -> Numbers:
    return np.abs(rows.truth - rows.predicted)


EACH: Mapping[str, Callable[[Rows], Numbers]] = {
    "accuracy": right, "log_loss": _log_losses, "brier": _squares, "mae": _absolutes,
}  # fmt: skip


Placements = tuple[Numbers, Numbers]


def placements(rows: Rows) -> Placements:
    """Of positives: shares of negatives below; of negatives: shares of positives above."""
    truth = rows.truth == 1
    positive, negative = rows.predicted[truth], rows.predicted[~truth]
    return _shares_below(positive, negative), 1 - _shares_below(negative, positive)


def _shares_below(ones: Numbers, others: Numbers) -> Numbers:
    """Equal ones count half."""
    if not len(others):
        return np.zeros(0)
    ordered = np.sort(others)
    low, high = (np.searchsorted(ordered, ones, side=side) for side in ("left", "right"))
    return np.asarray((low + high) / (2 * len(others)), dtype=np.float64)


def value_of(metric: str, rows: Rows) -> float:
    """NaN where there is none."""
    if metric in EACH:
        return float(EACH[metric](rows).mean())
    if metric in ("rmse", "r2"):
        mean = float(_squares(rows).mean())
        return float(np.sqrt(mean)) if metric == "rmse" else 1 - mean / float(np.var(rows.truth))
    if not 0 < rows.truth.sum() < rows.count:
        return float("nan")
    return area(placements(rows)) if metric == "roc_auc" else _average_precision(rows)


def area(placed: Placements) -> float:
    """Under the ROC curve; NaN without positives or negatives."""
    return float(placed[0].mean()) if len(placed[0]) and len(placed[1]) else float("nan")


def _average_precision(rows: Rows) -> float:
    order = np.argsort(-rows.predicted, kind="stable")
    score, found = rows.predicted[order], np.cumsum(rows.truth[order])
    ends = np.append(np.flatnonzero(np.diff(score)), rows.count - 1)
    return float(np.diff(found[ends], prepend=0) @ (found[ends] / (ends + 1)) / found[-1])
