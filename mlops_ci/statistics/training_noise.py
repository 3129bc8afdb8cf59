"""The noise of training put on top of the noise of rows: a difference of two models that were each trained once.

Both were drawn from as many trainings as there are seeds. Trained again, each would have come out elsewhere by a
standard deviation s, so their difference by sqrt(2) s, whatever the rows are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf, isfinite, sqrt
from statistics import stdev

from scipy.special import ndtri, stdtr, stdtrit


@dataclass(frozen=True, slots=True, kw_only=True)
class Widened:
    """An interval over both kinds of noise. error: half of its wider side over the normal quantile.

    p_at_least, p_at_most: as of a Law, of the bound that was asked about.
    """

    low: float
    high: float
    error: float
    p_at_least: float
    p_at_most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """s, a standard deviation over so many trainings."""

    deviation: float
    trainings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the interval: its whole standard error, and the degrees of freedom of that."""

    error: float
    freedom: float


def spread_of(values: Sequence[float]) -> Spread:
    """Of a metric over trainings, with n - 1. Raises ValueError for fewer than two finite values."""
    if len(values) < 2 or not all(map(isfinite, values)):  # noqa: PLR2004
        raise ValueError("a spread needs two finite values")
    return Spread(deviation=stdev(values), trainings=len(values))


def widened(
    value: float, ends: tuple[float, float], spread: Spread, *, confidence: float, bound: float
) -> Widened:  # fmt: skip
    """The interval of a difference, as the rows alone give it, widened by the noise of training.

    confidence: on each side. Each side keeps its own error, since the interval of rows may be lopsided: e = half over
    the normal quantile; then error^2 = e^2 + 2 s^2, of which only s is estimated on few values, so the degrees of
    freedom are (e^2 + 2 s^2)^2 / ((2 s^2)^2 / (n - 1)) (Satterthwaite, Biometrics Bulletin 2 (1946), 110-114). It is
    never narrower than it was.
    """
    normal = float(ndtri(confidence))
    below, above = (_side(abs(end - value) / normal, spread) for end in ends)
    halves = (_quantile(below, confidence), _quantile(above, confidence))
    return Widened(
        low=value - halves[0], high=value + halves[1], error=max(halves) / normal,
        p_at_least=_below(value - bound, above), p_at_most=_below(bound - value, below),
    )  # fmt: skip


def _side(rows: float, spread: Spread) -> Side:
    noise = sqrt(2) * spread.deviation
    error = hypot(rows, noise)
    return Side(error=error, freedom=(error / noise) ** 4 * (spread.trainings - 1) if noise > 0 else inf)


def _quantile(side: Side, confidence: float) -> float:
    quantile = stdtrit(side.freedom, confidence) if isfinite(side.freedom) else ndtri(confidence)
    return float(quantile) * side.error


def _below(distance: float, side: Side) -> float:
    """How often a distance would be so low, were it 0."""
    if not side.error > 0:
        return float(distance >= 0)
    return float(stdtr(min(side.freedom, 1e12), distance / side.error))
