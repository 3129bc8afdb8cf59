"""The metrics that gates know by name: the function of scikit-learn behind each, its direction and its range.

Only names and numbers are here, so that reading the table costs nothing: scikit-learn itself is imported in
`mlops_ci.models.computing`, when something has to be computed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from typing import Any

from mlops_ci.config.models import Better, Predictions


class Reads(StrEnum):
    """Which column of the predictions a metric reads beside the truth."""

    SCORE = "score"
    LABEL = "predicted class"
    VALUE = "predicted value"


class Shape(StrEnum):
    """What a table says of a row."""

    ONE = "one truth and one score"
    CLASSES = "a score for each class"
    LABELS = "several labels"


def shape_of(settings: Predictions) -> Shape:
    """What a table with these columns says of a row."""
    if isinstance(settings.truth, tuple):
        return Shape.LABELS
    return Shape.CLASSES if isinstance(settings.score, tuple) else Shape.ONE


_ONE, _CLASSES, _LABELS = (Shape.ONE,), (Shape.CLASSES,), (Shape.LABELS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the table.

    function: its name in `sklearn.metrics`, or where `composed` in `mlops_ci.models.compositions`, which is made of
    such functions; `options` are given to it beside truth and prediction.
    low, high: the range of its values, possibly infinite.
    shapes: of tables that it can be computed from.
    probabilities: scores outside 0 to 1 are refused.
    two_classes: the truth must hold two classes at least, whatever scikit-learn answers for one.
    two_predicted: the same for the predicted classes. two_scores: the same for scores.
    binary: truth and predicted class must be 0 and 1 (or false and true), where there is one score.
    ranking: rows answer queries: the mean over queries.
    interval: whether one can be had of it. paired: whether one of the difference of two models can.
    """

    function: str
    reads: Reads
    better: Better
    low: float = 0.0
    high: float = 1.0
    shapes: tuple[Shape, ...] = _ONE
    probabilities: bool = False
    two_classes: bool = False
    two_predicted: bool = False
    two_scores: bool = False
    binary: bool = False
    ranking: bool = False
    composed: bool = False
    interval: bool = True
    paired: bool = True
    options: tuple[tuple[str, object], ...] = ()

    @property
    def default_margin(self) -> float | None:
        """1 % of the range; None for a metric whose range has no end: its gates must name a margin."""
        span = self.high - self.low
        return span / 100 if isfinite(span) else None


def classes_are_read(names: Iterable[str]) -> bool:
    """Whether these metrics want a truth that is a class: any but those of regression does."""
    return any(METRICS[name].reads is not Reads.VALUE for name in names)


def _rank(function: str) -> Metric:
    return Metric(
        function=function, reads=Reads.SCORE, better=Better.HIGHER, two_classes=True, two_scores=True, binary=True
    )


def _loss(function: str, *, high: float = 1.0) -> Metric:
    options = (("labels", (0, 1)),) if function == "log_loss" else ()
    return Metric(
        function=function, reads=Reads.SCORE, better=Better.LOWER, high=high, shapes=_ONE + _CLASSES,
        probabilities=True, binary=True, options=options,
    )  # fmt: skip


def _of_two_classes(function: str) -> Metric:
    return Metric(function=function, reads=Reads.LABEL, better=Better.HIGHER, binary=True)


def _of_classes(function: str, *, labels: bool = False, **fields: Any) -> Metric:
    shapes = _ONE + _CLASSES + (_LABELS if labels else ())
    return Metric(function=function, reads=Reads.LABEL, better=Better.HIGHER, shapes=shapes, **fields)


def _of_queries(function: str, *, binary: bool, **fields: Any) -> Metric:
    return Metric(
        function=function, reads=Reads.SCORE, better=Better.HIGHER, two_classes=True, two_scores=True, binary=binary,
        ranking=True, composed=True, **fields,
    )  # fmt: skip


def _error(function: str, **fields: Any) -> Metric:
    return Metric(function=function, reads=Reads.VALUE, better=Better.LOWER, high=inf, **fields)


_MACRO, _MICRO = (("average", "macro"),), (("average", "micro"),)

METRICS: Mapping[str, Metric] = {
    "roc_auc": _rank("roc_auc_score"),
    "average_precision": _rank("average_precision_score"),
    "log_loss": _loss("log_loss", high=inf),
    "brier": _loss("brier_score_loss"),
    "ece": Metric(
        function="expected_calibration_error", reads=Reads.SCORE, better=Better.LOWER, probabilities=True,
        two_classes=True, two_scores=True, binary=True, composed=True, paired=False,
    ),
    "roc_auc_macro": Metric(
        function="roc_auc_macro", reads=Reads.SCORE, better=Better.HIGHER, shapes=_CLASSES + _LABELS,
        two_classes=True, two_scores=True, composed=True,
    ),
    "top_3_accuracy": Metric(
        function="top_3_accuracy", reads=Reads.SCORE, better=Better.HIGHER, shapes=_CLASSES, composed=True
    ),
    "accuracy": _of_classes("accuracy_score", labels=True),
    "balanced_accuracy": _of_classes("balanced_accuracy_score", two_classes=True),
    "precision": _of_two_classes("precision_score"),
    "recall": _of_two_classes("recall_score"),
    "f1": _of_two_classes("f1_score"),
    "f1_macro": _of_classes("f1_score", labels=True, two_classes=True, options=_MACRO),
    "f1_micro": Metric(
        function="f1_score", reads=Reads.LABEL, better=Better.HIGHER, shapes=_LABELS, options=_MICRO
    ),
    "hamming_loss": Metric(function="hamming_loss", reads=Reads.LABEL, better=Better.LOWER, shapes=_LABELS),
    "matthews_corrcoef": _of_classes("matthews_corrcoef", low=-1.0, two_classes=True, two_predicted=True),
    "ndcg": _of_queries("ndcg", binary=False),
    "ndcg_at_10": _of_queries("ndcg", binary=False, options=(("k", 10),)),
    "mrr": _of_queries("mean_reciprocal_rank", binary=True),
    "mean_average_precision": _of_queries("mean_average_precision", binary=True),
    "mae": _error("mean_absolute_error"),
    "rmse": _error("root_mean_squared_error"),
    "r2": Metric(
        function="r2_score", reads=Reads.VALUE, better=Better.HIGHER, low=-inf,
        options=(("force_finite", False),),
    ),
    "mape": _error("mean_absolute_percentage_error"),
    "median_absolute_error": _error("median_absolute_error"),
    "max_error": _error("max_error", interval=False, paired=False),
}  # fmt: skip
