"""What is drawn of a table of predictions: curves, groups of like scores, a confusion matrix. It judges nothing."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import sklearn.metrics
from scipy.stats import binomtest

from mlops_ci.config.models import Predictions
from mlops_ci.models.appraisal import Bin, Confused, Curve, Sight
from mlops_ci.models.predictions import Table

Numbers = npt.NDArray[np.float64]

_POINTS = 200
_BINS = 10
_CLASSES = 12
_CONFIDENCE = 0.95
_SEEN = 6  # significant digits of what is only looked at


def sight_of(table: Table, settings: Predictions) -> Sight:
    """Curves and groups where the truth is 0 and 1 and there is one score; the matrix where there are classes."""
    truth, score = table.truth, table.score
    both = table.binary and len(np.unique(truth)) == 2  # noqa: PLR2004 - two classes
    if score is None or score.ndim != 1 or not both:
        return Sight(confusion=_confusion(table, settings, binary=table.binary))
    false, true, _ = sklearn.metrics.roc_curve(truth, score, sample_weight=table.weights)
    precision, recall, _ = sklearn.metrics.precision_recall_curve(truth, score, sample_weight=table.weights)
    return Sight(
        roc=_curve(false, true), precision_recall=_curve(recall[::-1], precision[::-1]),
        calibration=_bins(truth, score), confusion=_confusion(table, settings, binary=True),
    )  # fmt: skip


def _curve(x: Numbers, y: Numbers) -> Curve:
    """Points evenly spread along x and y together, so that steep parts keep theirs; the ends are always among them."""
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    at = np.unique(np.searchsorted(way, np.linspace(0, way[-1], _POINTS)).clip(0, len(x) - 1))
    return Curve(x=_rounded(x[at]), y=_rounded(y[at]))


def _rounded(values: Numbers) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_SEEN}g}") for value in values)


def _bins(truth: Numbers, score: Numbers) -> tuple[Bin, ...]:
    """Ten groups of equal size by score; none where scores are no probabilities. Intervals by Wilson (1927)."""
    if not ((score >= 0) & (score <= 1)).all():
        return ()
    order = np.argsort(score, kind="stable")
    return tuple(_bin(truth[part], score[part]) for part in np.array_split(order, _BINS) if len(part))


def _bin(truth: Numbers, score: Numbers) -> Bin:
    positive = int(truth.sum())
    interval = binomtest(positive, len(truth)).proportion_ci(_CONFIDENCE, method="wilson")
    share, low, high, mean = _rounded(np.array([positive / len(truth), interval.low, interval.high, score.mean()]))
    return Bin(rows=len(truth), score=mean, share=share, low=low, high=high)


def _confusion(table: Table, settings: Predictions, *, binary: bool) -> tuple[Confused, ...]:
    predicted = table.prediction
    if predicted is None and binary and settings.threshold is not None and table.score is not None:
        predicted = (table.score >= settings.threshold).astype(np.float64)
    if predicted is None or table.truth.ndim != 1:
        return ()
    if len(np.unique(table.truth)) > _CLASSES or len(np.unique(predicted)) > _CLASSES:
        return ()
    counts = Counter(zip(table.truth.tolist(), predicted.tolist(), strict=True))
    return tuple(
        Confused(truth=_called(truth, table.texts), prediction=_called(said, table.texts), rows=count)
        for (truth, said), count in sorted(counts.items())
    )


def _called(value: float, texts: tuple[str, ...]) -> str:
    return texts[int(value)] if texts else f"{value:g}"
