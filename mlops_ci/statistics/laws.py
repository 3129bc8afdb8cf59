"""What is known of a number: its value, its standard error, intervals, and how well it agrees with a bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import atanh, exp, inf, isfinite, log, sqrt, tanh
from typing import Protocol

from scipy.optimize import brentq
from scipy.special import expit, logit, ndtri, stdtr, stdtrit

_MOST_FREEDOM = 1e9


class Law(Protocol):
    """Intervals and p-values of one number. error: standard error, in the number's own units; method: in words."""

    @property
    def value(self) -> float:
        """The number itself."""

    @property
    def error(self) -> float:
        """Its standard error."""

    @property
    def method(self) -> str:
        """How intervals are made, in words."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound": small where it is shown to be below."""

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound": small where it is shown to be above."""


class Scale(StrEnum):
    """On which the number is closest to normal."""

    PLAIN = "plain"
    LOGIT = "logit"
    LOG = "log"
    LOG_OF_REST = "log of one less the value"
    FISHER = "Fisher's z"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Transform:
    """To a scale and back. slope: its derivative; bend: its second derivative over the first."""

    to: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]
    bend: Callable[[float], float]


_TRANSFORMS: Mapping[Scale, _Transform] = {
    Scale.PLAIN: _Transform(to=lambda x: x, back=lambda y: y, slope=lambda x: 1.0, bend=lambda x: 0.0),
    Scale.LOGIT: _Transform(
        to=lambda x: float(logit(x)), back=lambda y: float(expit(y)),
        slope=lambda x: 1 / (x * (1 - x)), bend=lambda x: (2 * x - 1) / (x * (1 - x)),
    ),
    Scale.LOG: _Transform(
        to=lambda x: log(x) if x > 0 else -inf, back=lambda y: exp(min(y, 700.0)),
        slope=lambda x: 1 / x, bend=lambda x: -1 / x,
    ),
    Scale.LOG_OF_REST: _Transform(
        to=lambda x: -log(1 - x) if x < 1 else inf, back=lambda y: 1 - exp(min(-y, 700.0)),
        slope=lambda x: 1 / (1 - x), bend=lambda x: 1 / (1 - x),
    ),
    Scale.FISHER: _Transform(
        to=lambda x: atanh(x) if abs(x) < 1 else inf if x > 0 else -inf, back=tanh,
        slope=lambda x: 1 / (1 - x * x), bend=lambda x: 2 * x / (1 - x * x),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentLaw:
    """Student's t on a scale of the number.

    skew: skewness of the units over the root of their number: the correction of Hall (1992, On the Removal of Skewness
    by Transformation, JRSS B 54, 221-228), g(t) = t + a t^2 / 3 + a^2 t^3 / 27 + a / 6. On a scale that bends by b the
    skewness is a + 3 b error, by the delta method.
    """

    value: float
    error: float
    freedom: float
    method: str
    scale: Scale = Scale.PLAIN
    skew: float = 0.0

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        quantile = self._quantile((1 + confidence) / 2)
        if not self.error > 0:
            return self.value, self.value
        transform = _TRANSFORMS[self.scale]
        centre, spread = transform.to(self.value), self.error * abs(transform.slope(self.value))
        low = transform.back(centre - spread * self._unskewed(quantile))
        high = transform.back(centre - spread * self._unskewed(-quantile))
        return low, high

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return self._probability(self._distance(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return 1 - self._probability(self._distance(bound))

    def _distance(self, bound: float) -> float:
        """From the bound to the value in standard errors, its skewness taken out."""
        if not self.error > 0:
            return 0.0 if self.value == bound else inf if self.value > bound else -inf
        transform = _TRANSFORMS[self.scale]
        spread = self.error * abs(transform.slope(self.value))
        apart = (transform.to(self.value) - transform.to(bound)) / spread
        if not isfinite(apart):
            return apart
        a = self._bent_skew()
        return apart + a * apart**2 / 3 + a * a * apart**3 / 27 + a / 6

    def _unskewed(self, x: float) -> float:
        """The t at which Hall's g is x: 3 / a ((1 + a (x - a / 6)) ** (1 / 3) - 1)."""
        a = self._bent_skew()
        if abs(a) < 1e-8:  # noqa: PLR2004 - there is nothing to take out
            return x
        inner = 1 + a * (x - a / 6)
        root = abs(inner) ** (1 / 3) * (1 if inner >= 0 else -1)
        return float(3 / a * (root - 1))

    def _bent_skew(self) -> float:
        return self.skew + 3 * _TRANSFORMS[self.scale].bend(self.value) * self.error

    def _quantile(self, probability: float) -> float:
        if self.freedom > _MOST_FREEDOM:
            return float(ndtri(probability))
        return float(stdtrit(self.freedom, probability))

    def _probability(self, distance: float) -> float:
        if distance in (inf, -inf):
            return float(distance > 0)
        return float(stdtr(min(self.freedom, _MOST_FREEDOM), distance))


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
        low, high = self.interval(0.95)
        return (high - low) / 2 / float(ndtri(0.975))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        z, n, p = _t(self.freedom, (1 + confidence) / 2), self.n, self.value
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (0.0 if p == 0 else centre - half), (1.0 if p == 1 else centre + half)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return _cumulative(self.freedom, self._score(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return 1 - _cumulative(self.freedom, self._score(bound))

    def _score(self, bound: float) -> float:
        apart = self.value - bound
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
        low, high = self.interval(0.95)
        return (high - low) / 2 / float(ndtri(0.975))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided: where the score passes the quantiles."""
        z, value, edge = _t(self.freedom, (1 + confidence) / 2), self.value, 1 - 1e-12
        low = -1.0 if self._score(-edge) < z else brentq(lambda x: self._score(x) - z, -edge, value)
        high = 1.0 if self._score(edge) > -z else brentq(lambda x: self._score(x) + z, value, edge)
        return float(low), float(high)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return _cumulative(self.freedom, self._score(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return 1 - _cumulative(self.freedom, self._score(bound))

    def _score(self, bound: float) -> float:
        """Tango's T: the variance is taken where the difference is the bound, with q the likeliest share of `lost`."""
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
class WideLaw:
    """A number that is known to be off by up to so much by construction: the ends move out by `below`, `above`."""

    law: Law
    below: float
    above: float
    least: float
    most: float

    @property
    def value(self) -> float:
        """The number itself."""
        return self.law.value

    @property
    def error(self) -> float:
        """That of the number."""
        return self.law.error

    @property
    def method(self) -> str:
        """How intervals are made, in words."""
        return self.law.method

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        low, high = self.law.interval(confidence)
        return max(self.least, low - self.below), min(self.most, high + self.above)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return self.law.p_at_least(bound - self.above)

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return self.law.p_at_most(bound + self.below)


def _t(freedom: float, probability: float) -> float:
    return float(ndtri(probability) if freedom > _MOST_FREEDOM else stdtrit(freedom, probability))


def _cumulative(freedom: float, score: float) -> float:
    if score in (inf, -inf):
        return float(score > 0)
    return float(stdtr(min(freedom, _MOST_FREEDOM), score))
