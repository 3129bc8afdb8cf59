"""Predictions that are right or wrong, and predictions of values, by the law of their errors."""

from dataclasses import dataclass
from math import gamma, pi, sqrt

import numpy as np
from scipy.special import ndtri

from benchmarks.verdicts.samples import Noise, Sample
from mlops_ci.statistics.rows import Rows

_POINT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Correctness:
    """A model is right where a standard normal lies below a threshold. right: how often the champion is."""

    right: float
    noise: Noise = Noise(correlation=0.9)
    metric: str = "accuracy"
    point: float = _POINT

    @property
    def grouped(self) -> bool:
        """Whether rows depend on each other."""
        return self.noise.shared > 0

    def true_values(self, loss: float) -> tuple[float, float]:
        """Of candidate and champion."""
        return self.right - loss * self.point, self.right

    def draw(self, chance: np.random.Generator, rows: int, loss: float) -> Sample:
        """Truth is 0 and 1."""
        truth = chance.integers(0, 2, rows).astype(np.float64)
        mine, theirs, groups = self.noise.draw(chance, rows)
        candidate, champion = (
            Rows(truth=truth, predicted=np.where(noise < ndtri(right), truth, 1 - truth), groups=groups)
            for noise, right in zip((mine, theirs), self.true_values(loss), strict=True)
        )
        return Sample(candidate=candidate, champion=champion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Errors of the champion are standard normal, or Student's t; those of the candidate are larger by a factor.

    tail: degrees of freedom, 0 for normal. The truth is N(0, 4), independent of errors.
    """

    metric: str
    noise: Noise = Noise(correlation=0.9)
    tail: int = 0
    spread: float = 2.0

    @property
    def grouped(self) -> bool:
        """Whether rows depend on each other."""
        return self.noise.shared > 0

    @property
    def point(self) -> float:
        """1 % of the champion's error, 0.01 of R2."""
        return _POINT if self.metric == "r2" else _POINT * self._value(1.0)

    def true_values(self, loss: float) -> tuple[float, float]:
        """Of candidate and champion."""
        return self._value(self._factor(loss)), self._value(1.0)

    def draw(self, chance: np.random.Generator, rows: int, loss: float) -> Sample:
        """A large error of one model is a large one of the other: both are stretched alike."""
        mine, theirs, groups = self.noise.draw(chance, rows)
        stretch = np.sqrt(self.tail / chance.chisquare(self.tail, rows)) if self.tail else 1.0
        truth = self.spread * chance.standard_normal(rows)
        return Sample(
            candidate=Rows(truth=truth, predicted=truth - self._factor(loss) * stretch * mine, groups=groups),
            champion=Rows(truth=truth, predicted=truth - stretch * theirs, groups=groups),
        )

    def _variance(self) -> float:
        return self.tail / (self.tail - 2) if self.tail else 1.0

    def _value(self, factor: float) -> float:
        match self.metric:
            case "rmse":
                return factor * sqrt(self._variance())
            case "r2":
                return 1 - factor**2 * self._variance() / self.spread**2
        return factor * _mean_absolute(self.tail)

    def _factor(self, loss: float) -> float:
        if self.metric != "r2":
            return 1 + loss * _POINT
        wanted = 1 - self._value(1.0) + loss * _POINT
        return sqrt(wanted * self.spread**2 / self._variance())


def _mean_absolute(tail: int) -> float:
    """Of a standard normal, or of Student's t (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions)."""
    if not tail:
        return sqrt(2 / pi)
    return 2 * sqrt(tail) * gamma((tail + 1) / 2) / (sqrt(pi) * gamma(tail / 2) * (tail - 1))
