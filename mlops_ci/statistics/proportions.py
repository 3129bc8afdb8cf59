"""Proportions, and differences of two of the same rows: score intervals, which are right for few rows too."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan, sqrt

from scipy.optimize import brentq
from scipy.special import ndtri

from mlops_ci.statistics.laws import Law
from mlops_ci.statistics.quantiles import below, quantile

_LEAST_P, _MOST_P = 1e-12, 0.5 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class WilsonLaw:
    """A proportion of n independent rows, by the score test (Wilson, JASA 22 (1927), 209-212).

    n need not be whole: of weighted or grouped rows it is how many independent ones would have the same error (Korn and
    Graubard, Survey Methodology 24 (1998), 193-201). freedom: of Student's t in place of the normal.
    """

    value: float
    n: float
    method: str = "Wilson's score interval"
    freedom: float = inf

    @property
    def error(self) -> float:
        """Half of the interval at 95 %, over the normal quantile: not zero where the proportion is 0 or 1."""
        return _error(self)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        z, n, p = quantile(self.freedom, (1 + confidence) / 2), self.n, self.value
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (0.0 if p == 0 else centre - half), (1.0 if p == 1 else centre + half)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return below(self.freedom, self._score(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return below(self.freedom, -self._score(bound))

    def _score(self, bound: float) -> float:
        apart = self.value - bound
        if isnan(bound):
            return bound
        if not 0 < bound < 1:
            return 0.0 if apart == 0 else inf if apart > 0 else -inf
        return apart / sqrt(bound * (1 - bound) / self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoLaw:
    """A difference of two proportions of the same n rows, by its score test (Tango, Statistics in Medicine 17 (1998),
    891-908).

    gained, lost: rows on which only the candidate, only the champion, is right. None of them need be whole.
    """

    gained: float
    lost: float
    n: float
    method: str = "Tango's score interval for paired proportions"
    freedom: float = inf

    @property
    def value(self) -> float:
        """The difference."""
        return (self.gained - self.lost) / self.n

    @property
    def error(self) -> float:
        """Half of the interval at 95 %, over the normal quantile: not zero where no row differs."""
        return _error(self)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided: where the score passes the quantiles."""
        z, value, edge = quantile(self.freedom, (1 + confidence) / 2), self.value, 1 - 1e-12
        low = -1.0 if self._score(-edge) < z else brentq(lambda x: self._score(x) - z, -edge, value)
        high = 1.0 if self._score(edge) > -z else brentq(lambda x: self._score(x) + z, value, edge)
        return float(low), float(high)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return below(self.freedom, self._score(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return below(self.freedom, -self._score(bound))

    def _score(self, bound: float) -> float:
        """Tango's T: the variance is taken where the difference is the bound, with q the likeliest share of `lost`."""
        if isnan(bound):
            return bound
        if not -1 < bound < 1:
            return -inf if bound > 0 else inf
        n, b, c = self.n, self.gained, self.lost
        linear = -b - c + (2 * n - b + c) * bound
        constant = -c * bound * (1 - bound)
        q = (sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
        variance = n * (2 * q + bound * (1 - bound))
        apart = b - c - n * bound
        if not variance > 0:
            return 0.0 if apart == 0 else inf if apart > 0 else -inf
        return apart / sqrt(variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLaw:
    """A number that grows with another whose law is known. to, back: from this number to that one, and back."""

    value: float
    law: Law
    to: Callable[[float], float]
    back: Callable[[float], float]
    method: str

    @property
    def error(self) -> float:
        """Half of the interval at 95 %, over the normal quantile."""
        return _error(self)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        low, high = self.law.interval(confidence)
        return self.back(low), self.back(high)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return self.law.p_at_least(self.to(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return self.law.p_at_most(self.to(bound))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanLaw:
    """The mean of independent numbers, by what is known of each: ends are as far from the mean as the root of the sum
    of squares of how far theirs are (Zou and Donner, Statistics in Medicine 27 (2008), 1693-1702).

    wider: by which factor, since they are not quite independent.
    """

    value: float
    laws: tuple[Law, ...]
    method: str
    wider: float = 1.0

    @property
    def error(self) -> float:
        """Half of the interval at 95 %, over the normal quantile."""
        return _error(self)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        down, up = 0.0, 0.0
        for law in self.laws:
            low, high = law.interval(confidence)
            down, up = down + (law.value - low) ** 2, up + (high - law.value) ** 2
        by = self.wider / len(self.laws)
        return self.value - by * sqrt(down), self.value + by * sqrt(up)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return self._p(bound, -1) if bound > self.value else 1 - self._p(bound, 1)

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return self._p(bound, 1) if bound < self.value else 1 - self._p(bound, -1)

    def _p(self, bound: float, side: int) -> float:
        """On one side, at which an end of the interval meets the bound; at least 1e-12. side: 1 for the lower end."""

        def beyond(p: float) -> float:
            low, high = self.interval(1 - 2 * p)
            return low - bound if side > 0 else bound - high

        if bound == self.value or isnan(bound):
            return 0.5 if bound == self.value else bound
        if beyond(_LEAST_P) > 0:
            return _LEAST_P
        return float(brentq(beyond, _LEAST_P, _MOST_P, xtol=1e-13)) if beyond(_MOST_P) > 0 else 0.5


def _error(law: Law) -> float:
    low, high = law.interval(0.95)
    return (high - low) / 2 / float(ndtri(0.975))
