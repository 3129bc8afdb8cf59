"""Rows of every kind that there are metrics of, with ties and weights."""

from dataclasses import replace

import numpy as np

from mlops_ci.statistics.rows import Rows

COUNT = 240
CLASSES = 4
LABELS = 3


def scores(draw: np.random.Generator, *, count: int = COUNT, positive: float = 0.4, apart: float = 1.2) -> Rows:
    """Probabilities of two classes, rounded, so that many are equal."""
    truth = (draw.random(count) < positive).astype(np.float64)
    score = np.round(1 / (1 + np.exp(-draw.normal(apart * (truth - 0.5), 1))), 2)
    return Rows(truth=truth, predicted=np.clip(score, 0.01, 0.99))


def flags(draw: np.random.Generator, *, count: int = COUNT) -> Rows:
    """Predicted classes 0 and 1."""
    rows = scores(draw, count=count)
    return replace(rows, predicted=(rows.predicted > 0.5).astype(np.float64))


def codes(draw: np.random.Generator) -> Rows:
    """Predicted codes of classes."""
    truth = draw.integers(0, CLASSES, COUNT).astype(np.float64)
    predicted = np.where(draw.random(COUNT) < 0.6, truth, draw.integers(0, CLASSES, COUNT)).astype(np.float64)
    return Rows(truth=truth, predicted=predicted)


def matrix(draw: np.random.Generator) -> Rows:
    """A score for each class, in sum 1."""
    truth = draw.integers(0, CLASSES, COUNT).astype(np.float64)
    score = 0.85 * draw.dirichlet(np.ones(CLASSES), COUNT) + 0.15 * (truth[:, None] == np.arange(CLASSES)) + 0.01
    return Rows(truth=truth, predicted=score / score.sum(axis=1, keepdims=True))


def labels(draw: np.random.Generator) -> Rows:
    """Several labels, each said to be there or not."""
    truth = (draw.random((COUNT, LABELS)) < 0.4).astype(np.float64)
    return Rows(truth=truth, predicted=np.where(draw.random(truth.shape) < 0.75, truth, 1 - truth))


def label_scores(draw: np.random.Generator) -> Rows:
    """Several labels, with a score for each."""
    truth = (draw.random((COUNT, LABELS)) < 0.4).astype(np.float64)
    return Rows(truth=truth, predicted=np.round(0.3 * truth + 0.7 * draw.random(truth.shape), 2))


def values(draw: np.random.Generator, *, count: int = COUNT) -> Rows:
    """Predicted values."""
    truth = draw.normal(10, 2, count)
    return Rows(truth=truth, predicted=truth + draw.normal(0.2, 1, count))


def ranked(draw: np.random.Generator) -> Rows:
    """Relevances 0 and 1 of rows that answer queries; some of these have no relevant row."""
    rows = scores(draw, positive=0.3)
    return replace(rows, queries=draw.integers(0, 30, COUNT))


def weighed(rows: Rows, draw: np.random.Generator) -> Rows:
    """The same rows with weights."""
    return replace(rows, weights=draw.exponential(1, rows.count) + 0.1)


def grouped(rows: Rows, draw: np.random.Generator, *, groups: int = 40) -> Rows:
    """The same rows in groups of unequal size."""
    chosen = np.concatenate((np.arange(groups), draw.integers(0, groups, rows.count - groups)))
    return replace(rows, groups=chosen)


KINDS = {
    "scores": scores, "flags": flags, "codes": codes, "matrix": matrix, "labels": labels,
    "label scores": label_scores, "values": values, "ranked": ranked,
}  # fmt: skip

CASES = [
    *(("scores", name) for name in ("roc_auc", "average_precision", "log_loss", "brier")),
    *(("flags", name) for name in ("accuracy", "precision", "recall", "f1")),
    *(("flags", name) for name in ("balanced_accuracy", "f1_macro", "matthews_corrcoef")),
    *(("codes", name) for name in ("accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef")),
    *(("matrix", name) for name in ("log_loss", "brier", "roc_auc_macro", "top_3_accuracy")),
    *(("labels", name) for name in ("accuracy", "f1_micro", "f1_macro", "hamming_loss")),
    ("label scores", "roc_auc_macro"),
    *(("values", name) for name in ("mae", "rmse", "r2", "mape", "median_absolute_error")),
    *(("ranked", name) for name in ("ndcg", "ndcg_at_10", "mrr", "mean_average_precision")),
]  # fmt: skip
IDS = [f"{name}-{kind.replace(' ', '-')}" for kind, name in CASES]
