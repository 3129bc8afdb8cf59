"""One model's metric, with what is known of it."""

from math import inf

import numpy as np

from mlops_ci.statistics.calibration import ece
from mlops_ci.statistics.families import Family, influence_of
from mlops_ci.statistics.laws import Law, Scale, StudentLaw
from mlops_ci.statistics.proportions import MappedLaw, MeanLaw, WilsonLaw
from mlops_ci.statistics.ratios import found_of_either, recalls
from mlops_ci.statistics.rows import Influence, Rows, UndefinedError, refuse_unfit
from mlops_ci.statistics.spread import Spread, few_units, spread_of, wider_by_groups

_PROPORTIONS = ("accuracy", "top_3_accuracy", "precision", "recall")
_EDGE = 1e-12  # what rounding leaves of a value of 1
_SAID = {
    Scale.PLAIN: "Student's t, its skewness corrected after Hall",
    Scale.LOGIT: "Student's t on the logit scale",
    Scale.LOG: "Student's t on the log scale",
    Scale.LOG_OF_REST: "Student's t on the log scale of one less the value",
    Scale.FISHER: "Student's t on Fisher's scale",
}


def estimate(metric: str, rows: Rows) -> Law:
    """The law of a metric. Raises UndefinedError where it has no value, or too few rows for an interval."""
    if metric == "ece":
        refuse_unfit(rows)
        return ece(rows)
    family, found = influence_of(metric, rows)
    few_units(found)
    if metric in _PROPORTIONS:
        return wilson(found)
    if metric in ("f1", "f1_micro"):
        return _f1(found, rows)
    if metric == "balanced_accuracy":
        return _mean_recall(found, rows)
    return _student(family, found, rows)


def wilson(found: Influence) -> WilsonLaw:
    """Of as many independent trials as would have the error that was found (Kish's design effect)."""
    spread, p, units = spread_of(found), found.value, len(found.units)
    support = found.support or float(units)
    if found.groups is None:
        return WilsonLaw(value=p, n=support)
    plain = p * (1 - p) / support
    n = support / max(1.0, spread.error**2 / plain) if plain > 0 else min(support, float(units))
    return WilsonLaw(
        value=p, n=n, freedom=units - 1.0, method="Wilson's score interval, of as many rows as the groups are worth"
    )


def _f1(found: Influence, rows: Rows) -> MappedLaw:
    """It grows with the share of hits j among what is positive or predicted so: 2 j / (1 + j)."""
    share = found_of_either(rows)
    law = wilson(share)
    return MappedLaw(
        value=found.value, law=law, to=lambda x: x / (2 - x), back=lambda x: 2 * x / (1 + x),
        method=f"{law.method}, of the hits among rows that are positive or predicted so",
    )  # fmt: skip


def _mean_recall(found: Influence, rows: Rows) -> MeanLaw:
    parts = recalls(rows)
    laws = tuple(wilson(part) for part in parts)
    return MeanLaw(
        value=found.value,
        laws=laws,
        wider=wider_by_groups(parts, found),
        method=f"{laws[0].method} of each class, put together",
    )


def _student(family: Family, found: Influence, rows: Rows) -> Law:
    scale = family.scale
    if family.bounded and scale is not Scale.PLAIN and not _least(scale) + _EDGE < found.value < 1 - _EDGE:
        return _at_the_edge(family, found, rows)
    spread = spread_of(found, rows.truth if family.ranks else None)
    if not spread.error > 0:
        return _without_spread(family, found, rows)
    return _on_scale(family, found, spread)


def _on_scale(family: Family, found: Influence, spread: Spread) -> StudentLaw:
    plain = family.scale is Scale.PLAIN
    bias = found.bias if found.bias < found.value else 0.0
    return StudentLaw(
        value=found.value, error=spread.error, freedom=spread.freedom, scale=family.scale, bias=bias,
        skew=spread.skew if plain else 0.0, least=0.0 if plain else -inf, method=_SAID[family.scale],
    )  # fmt: skip


def _without_spread(family: Family, found: Influence, rows: Rows) -> Law:
    """All rows say the same: that is known of bounded values only, and no better than of proportions."""
    if not family.bounded:
        raise UndefinedError(
            f"the same in all {rows.count:,} rows, so that nothing is known of how it varies", few=True
        )
    return _at_the_edge(family, found, rows)


def _at_the_edge(family: Family, found: Influence, rows: Rows) -> Law:
    """All is right, or all wrong: as a proportion of the rarer class, whose rows are what it was tried on."""
    n = len(found.units)
    if family.scale is not Scale.PLAIN and rows.truth.ndim == 1:
        n = min(n, int(np.unique(rows.truth, return_counts=True)[1].min()))
    return _between(found.value, float(n), least=_least(family.scale), most=max(1.0, found.value))


def _between(value: float, n: float, *, least: float, most: float) -> Law:
    """No mean of numbers between these ends is known worse than that of ends alone."""
    span = most - least
    share = min(1.0, max(0.0, (value - least) / span))
    share = round(share) if min(share, 1 - share) < _EDGE else share
    return MappedLaw(
        value=value, law=WilsonLaw(value=share, n=n), to=lambda x: (x - least) / span,
        back=lambda x: least + span * x, method="Wilson's score interval, as of a proportion",
    )  # fmt: skip


def _least(scale: Scale) -> float:
    return -1.0 if scale is Scale.FISHER else 0.0
