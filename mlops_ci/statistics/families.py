"""Which metric is computed how: what gives its value with the influences, and the law that fits it best."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mlops_ci.statistics import means, moments, ranking, ranks, ratios
from mlops_ci.statistics.laws import Scale
from mlops_ci.statistics.rows import Influence, Numbers, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """influence: value and influences. proportion: rows are right or wrong, so score intervals fit.

    scale: of the interval of one value. classes: the truth is 0 and 1 of which some rows are needed each.
    subset: of the rows that the proportion is of; None: all.
    """

    influence: Callable[[Rows], Influence]
    scale: Scale = Scale.PLAIN
    proportion: bool = False
    ranks: bool = False


def _mean(each: Callable[[Rows], Numbers]) -> Callable[[Rows], Influence]:
    return lambda rows: means.mean_of(each(rows), rows)


def _queries(of_query: ranking.OfQuery) -> Callable[[Rows], Influence]:
    return lambda rows: ranking.of_queries(rows, of_query)


FAMILIES: Mapping[str, Family] = {
    "accuracy": Family(influence=_mean(means.right), proportion=True),
    "top_3_accuracy": Family(influence=_mean(means.in_top_3), proportion=True),
    "precision": Family(influence=ratios.precision, proportion=True),
    "recall": Family(influence=ratios.recall, proportion=True),
    "hamming_loss": Family(influence=_mean(means.wrong_labels)),
    "log_loss": Family(influence=_mean(means.log_losses)),
    "brier": Family(influence=_mean(means.briers)),
    "mae": Family(influence=_mean(means.absolute_errors)),
    "mape": Family(influence=_mean(means.relative_errors)),
    "f1": Family(influence=ratios.f1, scale=Scale.LOGIT),
    "f1_micro": Family(influence=ratios.f1_micro, scale=Scale.LOGIT),
    "f1_macro": Family(influence=ratios.f1_macro, scale=Scale.LOGIT),
    "balanced_accuracy": Family(influence=ratios.balanced_accuracy, scale=Scale.LOGIT),
    "matthews_corrcoef": Family(influence=ratios.matthews, scale=Scale.FISHER),
    "roc_auc": Family(influence=ranks.roc_auc, scale=Scale.LOGIT, ranks=True),
    "roc_auc_macro": Family(influence=ranks.roc_auc_macro, scale=Scale.LOGIT, ranks=True),
    "average_precision": Family(influence=ranks.average_precision, scale=Scale.LOGIT, ranks=True),
    "rmse": Family(influence=moments.rmse, scale=Scale.LOG),
    "r2": Family(influence=moments.r2, scale=Scale.LOG_OF_REST),
    "median_absolute_error": Family(influence=moments.median_absolute_error, scale=Scale.LOG),
    "ndcg": Family(influence=_queries(ranking.ndcg)),
    "ndcg_at_10": Family(influence=_queries(partial(ranking.ndcg, most=10))),
    "mrr": Family(influence=_queries(ranking.mrr)),
    "mean_average_precision": Family(influence=_queries(ranking.mean_average_precision)),
}
