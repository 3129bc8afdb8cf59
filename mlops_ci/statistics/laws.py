"""What is known of a number: its value, its standard error, intervals, and how well it agrees with a bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import atanh, exp, inf, isfinite, isnan, log, tanh
from typing import Protocol

from scipy.special import expit, logit

from mlops_ci.statistics.quantiles import below, quantile


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


@dataclass(frozen=True, slots=True)
class _Transform:
    to: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]


_TRANSFORMS: Mapping[Scale, _Transform] = {
    Scale.PLAIN: _Transform(lambda x: x, lambda y: y, lambda x: 1.0),
    Scale.LOGIT: _Transform(
        lambda x: float(logit(min(1.0, max(0.0, x)))), lambda y: float(expit(y)), lambda x: 1 / (x * (1 - x))
    ),
    Scale.LOG: _Transform(
        lambda x: log(x) if x > 0 else -inf, lambda y: exp(min(y, 700.0)), lambda x: 1 / x
    ),
    Scale.LOG_OF_REST: _Transform(
        lambda x: -log(1 - x) if x < 1 else inf, lambda y: 1 - exp(min(-y, 700.0)), lambda x: 1 / (1 - x)
    ),
    Scale.FISHER: _Transform(
        lambda x: atanh(x) if abs(x) < 1 else inf if x > 0 else -inf, tanh, lambda x: 1 / (1 - x * x)
    ),
}  # fmt: skip


def slope_of(scale: Scale, value: float) -> float:
    """By how much the scale grows with the value, there."""
    return _TRANSFORMS[scale].slope(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentLaw:
    """Student's t on a scale of the number.

    bias: by how much the value is known to be too high on average. skew: skewness of the units over the root of their
    number: the correction of Hall (On the Removal of Skewness by Transformation, JRSS B 54 (1992), 221-228),
    g(t) = t + a t^2 / 3 + a^2 t^3 / 27 + a / 6; on the plain scale only. least: no value lies below.
    """

    value: float
    error: float
    freedom: float
    method: str
    scale: Scale = Scale.PLAIN
    bias: float = 0.0
    skew: float = 0.0
    least: float = -inf

    def interval(self, confidence: float) -> tuple[float, float]:
        """Both ends, two-sided."""
        reach = quantile(self.freedom, (1 + confidence) / 2)
        transform, spread = _TRANSFORMS[self.scale], self._spread()
        centre = transform.to(self._centre())
        low = transform.back(centre - spread * self._unskewed(reach))
        high = transform.back(centre - spread * self._unskewed(-reach))
        return max(self.least, low), max(self.least, high)

    def p_at_least(self, bound: float) -> float:
        """p-value of "the true value is at least the bound"."""
        return below(self.freedom, self._distance(bound))

    def p_at_most(self, bound: float) -> float:
        """p-value of "the true value is at most the bound"."""
        return below(self.freedom, -self._distance(bound))

    def _centre(self) -> float:
        return self.value - self.bias

    def _spread(self) -> float:
        return self.error * slope_of(self.scale, self._centre())

    def _distance(self, bound: float) -> float:
        """From the bound to the value in standard errors, its skewness taken out."""
        if isnan(bound):
            return bound
        transform = _TRANSFORMS[self.scale]
        apart = (transform.to(self._centre()) - transform.to(bound)) / self._spread()
        if not isfinite(apart):
            return apart
        a = self.skew
        return apart + a * apart**2 / 3 + a * a * apart**3 / 27 + a / 6

    def _unskewed(self, x: float) -> float:
        """The t at which Hall's g is x: 3 / a ((1 + a (x - a / 6)) ** (1 / 3) - 1)."""
        a = self.skew
        if abs(a) < 1e-8:  # noqa: PLR2004 - there is nothing to take out
            return x
        inner = 1 + a * (x - a / 6)
        root = abs(inner) ** (1 / 3) * (1 if inner >= 0 else -1)
        return float(3 / a * (root - 1))


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
