"""A difference of two values whose standard errors depend on where they are."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq

from mlops_ci.statistics.laws import Scale, slope_of
from mlops_ci.statistics.quantiles import below, quantile

_LEAST, _MOST = 0.5, 2.0  # by how much an error is ever taken to be smaller, larger, than it was found
_FAR = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedLaw:
    """Student's t, with the errors that both values would have if their difference were the bound.

    As in score tests of proportions (Tango 1998): a candidate that looks better than it is has a smaller error than it
    should have, so that it would pass too often. Where the difference is the bound each value lies half of what is
    missing elsewhere; on its scale its error is the same there.

    mine, theirs: variances of the values of candidate and champion; both: their covariance.
    """

    candidate: float
    champion: float
    mine: float
    theirs: float
    both: float
    freedom: float
    scale: Scale
    method: str

    @property
    def value(self) -> float:
        """The difference."""
        return self.candidate - self.champion

    @property
    def error(self) -> float:
        """Its standard error."""
        return sqrt(max(0.0, self.mine + self.theirs - 2 * self.both))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided: where the score passes the quantiles."""
        reach = quantile(self.freedom, (1 + confidence) / 2)
        return (
            self._passed(lambda bound: self._score(bound) - reach, -1),
            self._passed(lambda bound: self._score(bound) + reach, 1),
        )

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return below(self.freedom, self._score(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return below(self.freedom, -self._score(bound))

    def _score(self, bound: float) -> float:
        apart = self.value - bound
        one = self._factor(self.candidate, self.candidate - apart / 2)
        other = self._factor(self.champion, self.champion + apart / 2)
        variance = one * one * self.mine - 2 * one * other * self.both + other * other * self.theirs
        return apart / max(sqrt(max(0.0, variance)), self.error * _LEAST)

    def _factor(self, found: float, supposed: float) -> float:
        """How much larger an error is at `supposed` than at `found`."""
        if not self._inside(found):
            return 1.0
        if not self._inside(supposed):
            return _LEAST
        return min(_MOST, max(_LEAST, slope_of(self.scale, found) / slope_of(self.scale, supposed)))

    def _inside(self, value: float) -> bool:
        return (value < 1 or self.scale is Scale.LOG) and (value > 0 or self.scale is Scale.LOG_OF_REST)

    def _passed(self, passes: Callable[[float], float], side: int) -> float:
        """Where it passes 0, which is nearer than twice the errors that there may be."""
        reach = self.error
        while passes(self.value + side * reach) * side > 0 and reach < _FAR:
            reach *= 2
        return float(brentq(passes, self.value, self.value + side * reach))
