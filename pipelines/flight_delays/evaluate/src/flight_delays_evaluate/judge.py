"""How good scores are, and which candidate is the better one."""

from collections.abc import Mapping

import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

Metrics = dict[str, float]
PICKED_BY = "roc_auc"
DIGITS = 6


def metrics(late: pd.Series, score: pd.Series) -> Metrics:
    """ROC AUC and average precision (higher is better), log loss and Brier score (lower is better)."""
    return {
        "roc_auc": round(float(roc_auc_score(late, score)), DIGITS),
        "average_precision": round(float(average_precision_score(late, score)), DIGITS),
        "log_loss": round(float(log_loss(late, score)), DIGITS),
        "brier": round(float(brier_score_loss(late, score)), DIGITS),
    }


def better(validation: Mapping[str, Metrics]) -> str:
    """The candidate with the higher ROC AUC; of two alike the one that was named first."""
    return max(validation, key=lambda name: validation[name][PICKED_BY])
