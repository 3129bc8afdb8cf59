"""How far a value may be off, by the influences of its independent units."""

from collections.abc import Sequence
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
    freedom: few units that hold most of the spread are few, however many others there are: see _freedom.
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
        freedom=_freedom(kurtosis, count),
        skew=float(square @ units) / count / second**1.5 / sqrt(count), largest=sqrt(float(square.max())) / rows,
    )  # fmt: skip


def wider_by_groups(parts: Sequence[Influence], mean: Influence) -> float:
    """By how much the error of a mean is larger than if its parts were independent; at least 1."""
    if mean.groups is None:
        return 1.0
    alone = sqrt(sum(spread_of(part).error ** 2 for part in parts)) / len(parts)
    return max(1.0, spread_of(mean).error / alone) if alone > 0 else 1.0


def few_units(found: Influence) -> None:
    """Raises UndefinedError where there are too few independent units."""
    units = len(found.units)
    if units < LEAST_UNITS:
        kind = found.kind if found.groups is None else "groups"
        raise UndefinedError(f"{units} {kind}, and {LEAST_UNITS} at least are needed", few=True)


def _freedom(kurtosis: float, count: int) -> float:
    """Of normal values whose variance would be known as well (Satterthwaite, Biometrics Bulletin 2 (1946), 110-114).

    The variance of a variance of n values, over its square, is 2 / (n - 1) + g / n, with the excess kurtosis g, which
    samples show too small (Joanes and Gill, The Statistician 47 (1998), 183-189, G2).
    """
    excess = (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * (kurtosis - 3) + 6)
    return 2 / (2 / (count - 1) + max(0.0, excess) / count)


def _larger(truth: Numbers) -> Numbers:
    """The root of m / (m - 1) in a class of m rows."""
    positives = float(truth.sum())
    negatives = len(truth) - positives
    return np.where(truth == 1, sqrt(positives / (positives - 1)), sqrt(negatives / (negatives - 1)))
