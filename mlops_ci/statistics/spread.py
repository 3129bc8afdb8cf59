"""How far a value may be off, by the influences of its independent units."""

from math import sqrt

import numpy as np

from mlops_ci.statistics.rows import Influence, Numbers, Rows, UndefinedError

LEAST_UNITS = 10  # rows or groups below which no spread is to be trusted


def few_units(found: Influence) -> None:
    """Raises UndefinedError where there are too few independent units."""
    units = len(found.units)
    if units < LEAST_UNITS:
        kind = "rows" if found.groups is None else "groups"
        raise UndefinedError(f"{units} {kind}, and {LEAST_UNITS} at least are needed", few=True)


def error_of(found: Influence) -> float:
    """Standard error: the root of G / (G - 1) times the sum of squares of the G units, over the number of rows."""
    units = found.units
    count = len(units)
    return sqrt(count / (count - 1) * float(units @ units)) / len(found.each)


def skew_of(found: Influence) -> float:
    """Skewness of the units over the root of their number, as Hall's correction takes it."""
    units = found.units
    second = float((units**2).mean())
    if not second > 0:
        return 0.0
    return float((units**3).mean()) / float(second**1.5) / sqrt(len(units))


def freedom_of(found: Influence, rows: Rows, *, ranks: bool) -> float:
    """Degrees of freedom of the standard error.

    G - 1 of G units. Of rank metrics the two classes have a spread of their own, and the rarer one's is known badly:
    Welch and Satterthwaite (Biometrics Bulletin 2 (1946), 110-114).
    """
    units = len(found.units) - 1.0
    if not ranks or rows.truth.ndim > 1 or found.groups is not None:
        return units
    classes = np.unique(rows.truth)
    parts = [_part(found.each[rows.truth == one]) for one in classes]
    total = sum(variance for variance, _ in parts)
    below = sum(variance**2 / freedom for variance, freedom in parts if freedom > 0)
    return min(units, total**2 / below) if below > 0 else units


def _part(each: Numbers) -> tuple[float, float]:
    return float(each @ each), len(each) - 1.0
