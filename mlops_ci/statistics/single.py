"""One model's metric, with what is known of it."""

from math import inf

import numpy as np

from mlops_ci.statistics.calibration import ece
from mlops_ci.statistics.families import FAMILIES, Family
from mlops_ci.statistics.laws import Law, Scale, StudentLaw, WilsonLaw
from mlops_ci.statistics.rows import Influence, Rows, UndefinedError
from mlops_ci.statistics.spread import error_of, few_units, freedom_of, skew_of

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
        return ece(rows)
    family = FAMILIES.get(metric)
    if family is None:
        raise UndefinedError(f"no interval of {metric} is known")
    found = family.influence(rows)
    _refuse_nan(found)
    few_units(found)
    if family.proportion:
        return _proportion(found)
    return _student(family, found, rows)


def _refuse_nan(found: Influence) -> None:
    if not np.isfinite(found.value):
        raise UndefinedError(f"it is {found.value}")


def _proportion(found: Influence) -> WilsonLaw:
    """As many independent rows as would have the error that was found; at 0 and 1, where none is, units."""
    error, p = error_of(found), found.value
    units = len(found.units)
    support = len(found.each) if found.support is None else found.support
    n = p * (1 - p) / error**2 if error > 0 else float(min(support, units))
    grouped = found.groups is not None
    said = "Wilson's score interval" + (", of as many rows as the groups are worth" if grouped else "")
    return WilsonLaw(value=p, n=n, freedom=freedom_of(found, None, ranks=False) if grouped else inf, method=said)


def _student(family: Family, found: Influence, rows: Rows) -> Law:
    scale = family.scale
    bounded = scale in (Scale.LOGIT, Scale.FISHER)
    least = 0 if scale is Scale.LOGIT else -1
    if bounded and not least < found.value < 1:
        return _at_the_edge(found, rows)
    error = error_of(found)
    if scale is not Scale.PLAIN and not error > 0:
        scale = Scale.PLAIN
    return StudentLaw(
        value=found.value, error=error, freedom=freedom_of(found, rows, ranks=family.ranks), scale=scale,
        skew=skew_of(found) if scale in (Scale.PLAIN, Scale.LOG) else 0.0, method=_SAID[scale],
    )  # fmt: skip


def _at_the_edge(found: Influence, rows: Rows) -> Law:
    """All is right, or all wrong: as a proportion of the rarer class, whose rows are what it was tried on."""
    counts = np.unique(rows.truth, return_counts=True)[1]
    value = min(1.0, max(0.0, found.value))
    least = min(int(counts.min()), len(found.units))
    return WilsonLaw(value=value, n=float(least), method="Wilson's score interval, of the rarer class's rows")
