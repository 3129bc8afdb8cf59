"""Corrections for having looked at several things."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm, Scandinavian Journal of Statistics 6 (1979), 65-70).

    The probability that any true hypothesis is rejected stays below the level, however they depend on each other. NaN
    counts as 1.
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at] if p_values[at] >= 0 else 1.0)
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, at in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = largest
    return adjusted
