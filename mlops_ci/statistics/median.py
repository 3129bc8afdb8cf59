"""The median of a few measurements, with an interval that asks nothing of their distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, isnan
from statistics import median

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """A median, and two of the measurements that enclose the true one. confidence: what the interval really has."""

    value: float
    low: float
    high: float
    confidence: float


def middle_of(values: Sequence[float], confidence: float = CONFIDENCE) -> Middle | None:
    """The narrowest pair of order statistics that holds the median at least so often; None where no pair does.

    At 0.95 that takes six values: of n independent ones the r-th smallest and the r-th largest enclose the median with
    probability 1 - 2 P(Bin(n, 1/2) < r) (David and Nagaraja, Order Statistics, 3rd ed., 7.1). Infinities are values
    like others; with NaN among them there is no order, and no answer.
    """
    if any(isnan(value) for value in values):
        return None
    ordered, count = sorted(values), len(values)
    covered = [_coverage(count, rank) for rank in range(1, count // 2 + 1)]
    rank = sum(one >= confidence for one in covered)
    if not rank >= 1:
        return None
    low, high = ordered[rank - 1], ordered[count - rank]
    return Middle(value=median(ordered), low=low, high=high, confidence=covered[rank - 1])


def _coverage(count: int, rank: int) -> float:
    return 1 - 2 * sum(comb(count, below) for below in range(rank)) / (1 << count)
