"""How far a value may be off, by the influences of its independent units."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from mlops_ci.statistics.rows import Influence, Numbers, UndefinedError

LEAST_UNITS = 10  # rows or groups below which no spread is to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """error: standard error. freedom: how well it is known. skew: of the sum of units, as Hall's correction takes it.

    largest: of the units, by size, over the number of rows: what one of them moves the value by.
    """

    error: float
    freedom: float
    skew: float
    largest: float


def spread_of(found: Influence, truth: Numbers | None = None) -> Spread:
    """Of a value, by its units. truth: of two classes whose spreads are estimated apart, as in DeLong's variance.

    Raises UndefinedError where there are too few units.

    error: of rows the root of n / (n - 1) times the sum of squares, over n; of groups by the jackknife that leaves one
    out, whose units are larger by 1 / (1 - share of the rows) (Bell and McCaffrey, Survey Methodology 28 (2002), 169).
    freedom: a variance of n values of kurtosis k is known as well as that of normal ones with 2 n / (k - 1) degrees of
    freedom (by its own variance, Satterthwaite, Biometrics Bulletin 2 (1946), 110-114): few rows that hold most of the
    spread are few, however many others there are.
    """
    few_units(found)
    units, rows = found.units, len(found.each)
    count = len(units)
    scale = count / (count - 1)
    if found.groups is not None:
        units, scale = units / (1 - np.bincount(found.groups) / rows), 1 / scale
    elif truth is not None:
        units, scale = units * _larger(truth), 1.0
    second = float(units @ units) / count
    if not second > 0:
        return Spread(error=0.0, freedom=count - 1.0, skew=0.0, largest=0.0)
    square = units * units
    kurtosis = float(square @ square) / count / second**2
    return Spread(
        error=sqrt(scale * count * second) / rows,
        freedom=min(count - 1.0, 2 * count / (kurtosis - 1)) if kurtosis > 1 else count - 1.0,
        skew=float(square @ units) / count / second**1.5 / sqrt(count), largest=sqrt(float(square.max())) / rows,
    )  # fmt: skip


def few_units(found: Influence) -> None:
    """Raises UndefinedError where there are too few independent units."""
    units = len(found.units)
    if units < LEAST_UNITS:
        kind = found.kind if found.groups is None else "groups"
        raise UndefinedError(f"{units} {kind}, and {LEAST_UNITS} at least are needed", few=True)


def _larger(truth: Numbers) -> Numbers:
    """The root of m / (m - 1) in a class of m rows."""
    positives = float(truth.sum())
    negatives = len(truth) - positives
    return np.where(truth == 1, sqrt(positives / (positives - 1)), sqrt(negatives / (negatives - 1)))
