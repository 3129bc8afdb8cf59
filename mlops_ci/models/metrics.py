"""The metrics that gates know by name: the function of scikit-learn behind each, its direction and its range.

Only names and numbers are here, so that reading the table costs nothing: scikit-learn itself is imported in
`mlops_ci.models.computing`, when something has to be computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

from mlops_ci.config.models import Better


class Reads(StrEnum):
    """Which column of the predictions a metric reads beside the truth."""

    SCORE = "score"
    LABEL = "predicted class"
    VALUE = "predicted value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the table.

    function: its name in `sklearn.metrics`; `options` are given to it beside truth and prediction.
    low, high: the range of its values, possibly infinite.
    probabilities: scores outside 0 to 1 are refused.
    two_classes: the truth must hold two classes at least, whatever scikit-learn answers for one.
    two_predicted: the same for the predicted classes.
    binary: truth and predicted class must be 0 and 1 (or false and true).
    """

    function: str
    reads: Reads
    better: Better
    low: float = 0.0
    high: float = 1.0
    probabilities: bool = False
    two_classes: bool = False
    two_predicted: bool = False
    binary: bool = False
    options: tuple[tuple[str, object], ...] = ()

    @property
    def default_margin(self) -> float | None:
        """1 % of the range; None for a metric whose range has no end: its gates must name a margin."""
        span = self.high - self.low
        return span / 100 if isfinite(span) else None


def _of_scores(function: str, better: Better, *, high: float = 1.0, probabilities: bool = False) -> Metric:
    options = (("labels", (0, 1)),) if function == "log_loss" else ()
    return Metric(
        function=function, reads=Reads.SCORE, better=better, high=high, probabilities=probabilities,
        two_classes=not probabilities, binary=True, options=options,
    )  # fmt: skip


def _of_two_classes(function: str) -> Metric:
    return Metric(function=function, reads=Reads.LABEL, better=Better.HIGHER, binary=True)


def _error(function: str) -> Metric:
    return Metric(function=function, reads=Reads.VALUE, better=Better.LOWER, high=inf)


METRICS: Mapping[str, Metric] = {
    "roc_auc": _of_scores("roc_auc_score", Better.HIGHER),
    "average_precision": _of_scores("average_precision_score", Better.HIGHER),
    "log_loss": _of_scores("log_loss", Better.LOWER, high=inf, probabilities=True),
    "brier": _of_scores("brier_score_loss", Better.LOWER, probabilities=True),
    "accuracy": Metric(function="accuracy_score", reads=Reads.LABEL, better=Better.HIGHER),
    "balanced_accuracy": Metric(
        function="balanced_accuracy_score", reads=Reads.LABEL, better=Better.HIGHER, two_classes=True
    ),
    "precision": _of_two_classes("precision_score"),
    "recall": _of_two_classes("recall_score"),
    "f1": _of_two_classes("f1_score"),
    "f1_macro": Metric(
        function="f1_score", reads=Reads.LABEL, better=Better.HIGHER, two_classes=True, options=(("average", "macro"),)
    ),
    "matthews_corrcoef": Metric(
        function="matthews_corrcoef", reads=Reads.LABEL, better=Better.HIGHER, low=-1.0, two_classes=True,
        two_predicted=True,
    ),
    "mae": _error("mean_absolute_error"),
    "rmse": _error("root_mean_squared_error"),
    "r2": Metric(
        function="r2_score", reads=Reads.VALUE, better=Better.HIGHER, low=-inf,
        options=(("force_finite", False),),
    ),
    "mape": _error("mean_absolute_percentage_error"),
    "median_absolute_error": _error("median_absolute_error"),
    "max_error": _error("max_error"),
}  # fmt: skip
