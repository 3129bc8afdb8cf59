"""Two models on the same rows: the difference of a metric, candidate less champion, with what is known of it."""

from collections.abc import Callable, Mapping
from math import hypot, inf, sqrt

import numpy as np
import numpy.typing as npt

from mlops_ci.statistics.classes import refuse_rare
from mlops_ci.statistics.families import Family, influence_of
from mlops_ci.statistics.laws import Law, StudentLaw
from mlops_ci.statistics.means import in_top_3, right
from mlops_ci.statistics.proportions import MeanLaw, TangoLaw
from mlops_ci.statistics.ratios import recalls
from mlops_ci.statistics.restricted import RestrictedLaw
from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError, kish, less, refuse_unfit
from mlops_ci.statistics.spread import Spread, few_units, spread_of, wider_by_groups

Flags = npt.NDArray[np.bool_]
_OF_CLASSES = ("precision", "f1", "f1_macro", "matthews_corrcoef")
_SAID = "Student's t of the rows' differences"


def difference(metric: str, candidate: Rows, champion: Rows) -> Law:
    """The law of candidate less champion; both have the same truth, weights and groups.

    Raises UndefinedError where either has no value, or where there are too few rows for an interval.
    """
    refuse_unfit(candidate)
    refuse_unfit(champion)
    if metric in _SCORED:
        return _SCORED[metric](candidate, champion)
    if metric in _OF_CLASSES and candidate.truth.ndim == 1:
        refuse_rare(candidate.truth)
    family, one = influence_of(metric, candidate)
    other = influence_of(metric, champion)[1]
    found = less(one, other)
    truth = candidate.truth if family.ranks else None
    spread = spread_of(found, truth)
    if not spread.error > 0 or family.counts:
        return _of_few(family, found, one, spread)
    if family.apart is None:
        return StudentLaw(value=found.value, error=spread.error, freedom=spread.freedom, method=_SAID)
    mine, theirs = spread_of(one, truth).error ** 2, spread_of(other, truth).error ** 2
    return RestrictedLaw(
        candidate=one.value, champion=other.value, mine=mine, theirs=theirs,
        both=(mine + theirs - spread.error**2) / 2, freedom=spread.freedom, scale=family.apart,
        method=f"{_SAID}, with the errors that go with the bound",
    )  # fmt: skip


def _of_few(family: Family, found: Influence, one: Influence, spread: Spread) -> StudentLaw:
    """As if two rows more differed, one either way: few rows that differ are no proof that none do (Agresti and Min,
    Statistics in Medicine 24 (2005), 729-740).
    """
    if not family.bounded:
        raise UndefinedError("the same difference in all rows, so that nothing is known of how it varies", few=True)
    units = len(found.units)
    largest = spread.largest or float(np.ptp(one.units)) / len(found.each) or 1 / units
    return StudentLaw(
        value=found.value, error=hypot(spread.error, sqrt(2) * largest), freedom=units - 1.0,
        method=f"{_SAID}, as if two more of them differed",
    )  # fmt: skip


def _of_proportions(right_of: Callable[[Rows], Numbers]) -> Callable[[Rows, Rows], Law]:
    def law(candidate: Rows, champion: Rows) -> Law:
        return _tango(right_of(candidate) - right_of(champion), candidate)

    return law


def _recall(candidate: Rows, champion: Rows) -> Law:
    positive = candidate.truth == 1
    if not positive.any():
        raise UndefinedError("no row is positive", few=True)
    return _tango(right(candidate) - right(champion), candidate, positive)


def _mean_recall(candidate: Rows, champion: Rows) -> Law:
    """Of each class the difference of its recall, put together."""
    found = less(*(influence_of("balanced_accuracy", rows)[1] for rows in (candidate, champion)))
    parts = [less(one, other) for one, other in zip(recalls(candidate), recalls(champion), strict=True)]
    few_units(found)
    apart = right(candidate) - right(champion)
    laws = tuple(_tango(apart, candidate, candidate.truth == code) for code in np.unique(candidate.truth))
    return MeanLaw(
        value=found.value, laws=laws, wider=wider_by_groups(parts, found),
        method="Tango's score interval of each class, put together",
    )  # fmt: skip


def _tango(apart: Numbers, rows: Rows, at: Flags | None = None) -> TangoLaw:
    """apart: 1 where only the candidate is right, -1 where only the champion is. at: the rows that count."""
    weight, groups = rows.weight(), rows.groups
    if at is not None:
        apart, weight = apart[at], weight[at]
        groups = None if groups is None else np.unique(groups[at], return_inverse=True)[1]
    value = float(np.average(apart, weights=weight))
    weight = weight / weight.mean()
    found = Influence(value=value, each=weight * (apart - value), groups=groups)
    if at is None or groups is not None:
        few_units(found)
    n, freedom = _worth(found, apart, weight)
    gained, lost = (float(np.average(apart == one, weights=weight)) * n for one in (1, -1))
    return TangoLaw(gained=gained, lost=lost, n=n, freedom=freedom)


def _worth(found: Influence, apart: Numbers, weight: Numbers) -> tuple[float, float]:
    """How many independent rows of equal weight have the error that was found (Kish's design effect); freedom."""
    n = kish(weight, np.ones(len(weight)))
    if found.groups is None:
        return n, inf
    groups, plain = len(found.units), float(np.average((apart - found.value) ** 2, weights=weight)) / n
    error = spread_of(found).error
    if not plain > 0:
        return min(n, float(groups)), groups - 1.0
    return n / max(1.0, error**2 / plain), groups - 1.0


_SCORED: Mapping[str, Callable[[Rows, Rows], Law]] = {
    "accuracy": _of_proportions(right),
    "top_3_accuracy": _of_proportions(in_top_3),
    "recall": _recall,
    "balanced_accuracy": _mean_recall,
}
