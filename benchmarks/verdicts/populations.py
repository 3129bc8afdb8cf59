"""The populations, by name: metric, and what makes it hard."""

from collections.abc import Mapping

from benchmarks.verdicts.binormal import Binormal
from benchmarks.verdicts.errors_of_values import Correctness, Errors
from benchmarks.verdicts.samples import Noise, Population

_RARE = 1 / 101  # 1:100
_CLUSTERED = Noise(correlation=0.9, shared=0.3)

POPULATIONS: Mapping[str, Population] = {
    "accuracy, balanced": Correctness(right=0.85),
    "accuracy, errors 1:100": Correctness(right=1 - _RARE),
    "accuracy, clustered": Correctness(right=0.85, noise=_CLUSTERED),
    "roc_auc, balanced": Binormal(metric="roc_auc", separation=1.4),
    "roc_auc, 1:100": Binormal(metric="roc_auc", separation=1.4, positive=_RARE),
    "roc_auc, ties": Binormal(metric="roc_auc", separation=1.4, step=0.5),
    "roc_auc, clustered": Binormal(metric="roc_auc", separation=1.4, noise=_CLUSTERED),
    "average_precision, balanced": Binormal(metric="average_precision", separation=1.4),
    "average_precision, 1:100": Binormal(metric="average_precision", separation=2.0, positive=_RARE),
    "average_precision, ties": Binormal(metric="average_precision", separation=1.4, step=0.5),
    "log_loss, balanced": Binormal(metric="log_loss", separation=1.4),
    "log_loss, 1:100": Binormal(metric="log_loss", separation=2.0, positive=_RARE, relative=True),
    "log_loss, clustered": Binormal(metric="log_loss", separation=1.4, noise=_CLUSTERED),
    "brier, balanced": Binormal(metric="brier", separation=1.4),
    "brier, 1:100": Binormal(metric="brier", separation=2.0, positive=_RARE, relative=True),
    "rmse, normal": Errors(metric="rmse"),
    "rmse, heavy tails": Errors(metric="rmse", tail=6),
    "rmse, clustered": Errors(metric="rmse", noise=_CLUSTERED),
    "mae, normal": Errors(metric="mae"),
    "mae, heavy tails": Errors(metric="mae", tail=6),
    "mae, clustered": Errors(metric="mae", noise=_CLUSTERED),
    "r2, normal": Errors(metric="r2"),
    "r2, heavy tails": Errors(metric="r2", tail=6),
    "r2, clustered": Errors(metric="r2", noise=_CLUSTERED),
}
