"""Points to draw: small tables, on fixed grids so that two runs can be laid over each other."""

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

GRID = np.linspace(0, 1, 101)
GROUPS = 20
DIGITS = 4


def roc(late: pd.Series, score: pd.Series) -> pd.DataFrame:
    """The share of late flights that is found, for each share of punctual flights that is called late by mistake."""
    false_positive_rate, true_positive_rate, _ = roc_curve(late, score)
    found = np.interp(GRID, false_positive_rate, true_positive_rate)
    return pd.DataFrame({"false_positive_rate": GRID, "true_positive_rate": found}).round(DIGITS)


def precision_recall(late: pd.Series, score: pd.Series) -> pd.DataFrame:
    """How many of those called late are late, for each share of the late flights that is found, beginning at 1 %."""
    precision, recall, _ = precision_recall_curve(late, score)
    found = GRID[1:]
    return pd.DataFrame({"recall": found, "precision": np.interp(found, recall[::-1], precision[::-1])}).round(DIGITS)


def calibration(late: pd.Series, score: pd.Series) -> pd.DataFrame:
    """Flights in groups of equal size by their score: the mean score of each, and the share that really was late."""
    group = pd.qcut(score.rank(method="first"), min(GROUPS, len(score)), labels=False)
    grouped = pd.DataFrame({"score": score, "late": late}).groupby(group)
    return pd.DataFrame({"mean_score": grouped["score"].mean(), "late_share": grouped["late"].mean()}).round(DIGITS)


PLOTS = {"roc": roc, "precision_recall": precision_recall, "calibration": calibration}
