"""Which metric is computed how: what gives its value with the influences, and the law that fits it best.

The choice of laws is by simulation: docs/verdicts.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite

from mlops_ci.statistics import means, moments, ranking, ranks, ratios
from mlops_ci.statistics.laws import Scale
from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError, refuse_unfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """influence: value and influences. scale: on which one value is closest to normal.

    apart: on which a standard error stays the same when the value is another: see RestrictedLaw; None: no matter.
    bounded: values of a row and the value lie between two ends.
    counts: of predicted classes, so that few rows that differ are no proof that none do.
    ranks: each class has a spread of its own.
    """

    influence: Callable[[Rows], Influence]
    scale: Scale = Scale.PLAIN
    apart: Scale | None = None
    bounded: bool = False
    counts: bool = False
    ranks: bool = False


def _mean(each: Callable[[Rows], Numbers]) -> Callable[[Rows], Influence]:
    return lambda rows: means.mean_of(each(rows), rows)


def _queries(of_query: ranking.OfQuery) -> Family:
    return Family(influence=lambda rows: ranking.of_queries(rows, of_query), bounded=True)


def _classes(influence: Callable[[Rows], Influence], scale: Scale) -> Family:
    return Family(influence=influence, scale=scale, bounded=True, counts=True)


def _ranks(influence: Callable[[Rows], Influence], *, ranks: bool) -> Family:
    return Family(influence=influence, scale=Scale.LOGIT, apart=Scale.LOGIT, bounded=True, ranks=ranks)


FAMILIES: Mapping[str, Family] = {
    "accuracy": Family(influence=_mean(means.right), bounded=True, counts=True),
    "top_3_accuracy": Family(influence=_mean(means.in_top_3), bounded=True, counts=True),
    "precision": Family(influence=ratios.precision, bounded=True, counts=True),
    "recall": Family(influence=ratios.recall, bounded=True, counts=True),
    "hamming_loss": Family(influence=_mean(means.wrong_labels), bounded=True, counts=True),
    "log_loss": Family(influence=_mean(means.log_losses)),
    "brier": Family(influence=_mean(means.briers), apart=Scale.LOG, bounded=True),
    "mae": Family(influence=_mean(means.absolute_errors)),
    "mape": Family(influence=_mean(means.relative_errors)),
    "f1": _classes(ratios.f1, Scale.LOGIT),
    "f1_micro": _classes(ratios.f1_micro, Scale.LOGIT),
    "f1_macro": _classes(ratios.f1_macro, Scale.LOGIT),
    "balanced_accuracy": _classes(ratios.balanced_accuracy, Scale.LOGIT),
    "matthews_corrcoef": _classes(ratios.matthews, Scale.FISHER),
    "roc_auc": _ranks(ranks.roc_auc, ranks=True),
    "roc_auc_macro": _ranks(ranks.roc_auc_macro, ranks=False),
    "average_precision": _ranks(ranks.average_precision, ranks=True),
    "rmse": Family(influence=moments.rmse),
    "r2": Family(influence=moments.r2, scale=Scale.LOG_OF_REST, apart=Scale.LOG_OF_REST),
    "median_absolute_error": Family(influence=moments.median_absolute_error, scale=Scale.LOG),
    "ndcg": _queries(ranking.ndcg),
    "ndcg_at_10": _queries(partial(ranking.ndcg, most=10)),
    "mrr": _queries(ranking.mrr),
    "mean_average_precision": _queries(ranking.mean_average_precision),
}


def influence_of(metric: str, rows: Rows) -> tuple[Family, Influence]:
    """Raises UndefinedError where no interval of the metric is known, or where it has no value."""
    family = FAMILIES.get(metric)
    if family is None:
        raise UndefinedError(f"no interval of {metric} is known")
    refuse_unfit(rows)
    found = family.influence(rows)
    if not isfinite(found.value):
        raise UndefinedError(f"it is {found.value}")
    return family, found
