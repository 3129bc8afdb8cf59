"""Two models on the same rows: the difference of a metric, candidate less champion, with what is known of it."""

from dataclasses import replace
from math import hypot, inf, sqrt

import numpy as np

from mlops_ci.statistics.families import FAMILIES
from mlops_ci.statistics.laws import Law, StudentLaw, TangoLaw
from mlops_ci.statistics.means import in_top_3, right
from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError
from mlops_ci.statistics.spread import error_of, few_units, freedom_of

_RIGHT = {"accuracy": right, "top_3_accuracy": in_top_3, "recall": right}
_OF_CLASSES = ("precision", "f1", "f1_micro", "f1_macro", "balanced_accuracy", "matthews_corrcoef")


def difference(metric: str, candidate: Rows, champion: Rows) -> Law:
    """The law of candidate less champion; both have the same truth, weights and groups.

    Raises UndefinedError where either has no value, or where there are too few rows for an interval.
    """
    if metric in _RIGHT:
        return _of_proportions(metric, candidate, champion)
    family = FAMILIES.get(metric)
    if family is None:
        raise UndefinedError(f"no interval of a difference of {metric} is known")
    one, other = family.influence(candidate), family.influence(champion)
    found = Influence(value=one.value - other.value, each=one.each - other.each, groups=one.groups)
    few_units(found)
    error = error_of(found)
    if metric in _OF_CLASSES:
        error = hypot(error, _of_one_row(found, one))
    return StudentLaw(
        value=found.value, error=error, freedom=freedom_of(found, candidate, ranks=family.ranks),
        method="Student's t of the rows' differences",
    )  # fmt: skip


def _of_one_row(found: Influence, one: Influence) -> float:
    """What two rows more that differ, one either way, would add: few rows that differ are no proof that none do."""
    largest = float(np.abs(found.units).max()) or float(np.ptp(one.units))
    return sqrt(2) * largest / len(found.each)


def _of_proportions(metric: str, candidate: Rows, champion: Rows) -> Law:
    rows, other = _positives(candidate, champion) if metric == "recall" else (candidate, champion)
    mine, theirs = _RIGHT[metric](rows), _RIGHT[metric](other)
    apart = mine - theirs
    weight = rows.weight()
    value = float(np.average(apart, weights=weight))
    found = Influence(value=value, each=weight * (apart - value), groups=rows.groups)
    few_units(found)
    n, freedom = _worth(found, apart, weight)
    gained, lost = (float(np.average(apart == one, weights=weight)) * n for one in (1, -1))
    return TangoLaw(gained=gained, lost=lost, n=n, freedom=freedom)


def _worth(found: Influence, apart: Numbers, weight: Numbers) -> tuple[float, float]:
    """How many independent rows of equal weight have the error that was found (Kish's design effect); freedom."""
    count = len(apart)
    kish = count / float((weight**2).mean())
    if found.groups is None:
        return kish, inf
    groups = len(found.units)
    plain = float(np.average((apart - found.value) ** 2, weights=weight)) / count
    if not plain > 0:
        return float(groups), groups - 1.0
    return count / max(1.0, error_of(found) ** 2 / plain, count / kish), groups - 1.0


def _positives(candidate: Rows, champion: Rows) -> tuple[Rows, Rows]:
    at = candidate.truth == 1
    if not at.any():
        raise UndefinedError("no row is positive", few=True)
    return _at(candidate, at), _at(champion, at)


def _at(rows: Rows, at: Numbers) -> Rows:
    groups = None if rows.groups is None else np.unique(rows.groups[at], return_inverse=True)[1]
    weights = None if rows.weights is None else rows.weights[at]
    return replace(rows, truth=rows.truth[at], predicted=rows.predicted[at], weights=weights, groups=groups)
