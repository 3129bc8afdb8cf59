"""The noise of training put on top of the noise of rows: a difference of two models that were each trained once.

Both were drawn from as many trainings as there are seeds. Trained again, each would have come out elsewhere by a
standard deviation s, so their difference by sqrt(2) s, whatever the rows are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite, sqrt
from statistics import stdev

from scipy.special import ndtri, stdtr, stdtrit

_FAR = 1e3  # errors of training: with so many in one of the rows, t is the normal distribution


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
    the normal quantile, then error^2 = e^2 + 2 s^2. Of these only s is estimated on few values, so the degrees of
    freedom are (e^2 + 2 s^2)^2 / ((2 s^2)^2 / (n - 1)) (Satterthwaite, Biometrics Bulletin 2 (1946), 110-114), with the
    smaller e for both sides. It is never narrower than it was.
    """
    normal = float(ndtri(confidence))
    below, above = (abs(end - value) / normal for end in ends)
    noise = sqrt(2) * spread.deviation
    freedom = _freedom(min(below, above), noise, spread.trainings)
    below, above = hypot(below, noise), hypot(above, noise)
    quantile = float(stdtrit(freedom, confidence))
    return Widened(
        low=value - quantile * below, high=value + quantile * above, error=quantile / normal * max(below, above),
        p_at_least=_below(value - bound, above, freedom), p_at_most=_below(bound - value, below, freedom),
    )  # fmt: skip


def _freedom(rows: float, noise: float, trainings: int) -> float:
    ratio = hypot(rows, noise) / noise if noise > 0 else _FAR
    return float(min(ratio, _FAR) ** 4 * (trainings - 1))


def _below(distance: float, error: float, freedom: float) -> float:
    """How often a distance would be so low, were it 0."""
    return float(stdtr(freedom, distance / error)) if error > 0 else float(distance >= 0)
