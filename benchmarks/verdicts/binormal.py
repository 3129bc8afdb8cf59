"""Scores that are normal within each class, so that areas and losses are integrals."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr

from benchmarks.verdicts.samples import Noise, Sample
from mlops_ci.config.models import Better
from mlops_ci.models.metrics import METRICS
from mlops_ci.statistics.rows import Numbers, Rows

_REACH, _STEPS = 9.0, 20_001
_PROBABILITIES = ("log_loss", "brier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binormal:
    """The score of a negative is N(0, 1), that of a positive N(d, 1), and d says how good a model is.

    For log loss and Brier score it is turned into the probability that is right given the score.
    positive: share of positives. step: scores are rounded to multiples of it; 0: no ties.
    relative: a point is 1 % of the champion's value, not 0.01.
    """

    metric: str
    separation: float
    positive: float = 0.5
    step: float = 0.0
    noise: Noise = Noise(correlation=0.9)
    relative: bool = False

    @property
    def grouped(self) -> bool:
        """Whether rows depend on each other."""
        return self.noise.shared > 0

    @property
    def point(self) -> float:
        """In units of the metric."""
        return 0.01 * (self._value(self.separation) if self.relative else 1.0)

    def true_values(self, loss: float) -> tuple[float, float]:
        """Of candidate and champion."""
        return self._value(_separation(self, loss)), self._value(self.separation)

    def draw(self, chance: np.random.Generator, rows: int, loss: float) -> Sample:
        """Labels fall by chance, so their numbers vary."""
        truth = (chance.random(rows) < self.positive).astype(np.float64)
        mine, theirs, groups = self.noise.draw(chance, rows)
        return Sample(
            candidate=Rows(truth=truth, predicted=self._scores(mine, truth, _separation(self, loss)), groups=groups),
            champion=Rows(truth=truth, predicted=self._scores(theirs, truth, self.separation), groups=groups),
        )

    def _scores(self, noise: Numbers, truth: Numbers, separation: float) -> Numbers:
        score = noise + separation * truth
        if self.metric in _PROBABILITIES:
            return self._probability(score, separation)
        return np.round(score / self.step) if self.step else score

    def _probability(self, score: Numbers, separation: float) -> Numbers:
        odds = logit(self.positive) + separation * score - separation**2 / 2
        return np.asarray(expit(odds), dtype=np.float64)

    def _value(self, separation: float) -> float:
        """The true value of a model: a sum over narrow bins of scores, or over those that rounding makes."""
        width = self.step or (2 * _REACH + separation) / _STEPS
        first = np.floor(-_REACH / width)
        middles = width * np.arange(first, -first + np.ceil(separation / width) + 1)
        negative, positive = (_masses(middles, width, mean) for mean in (0.0, separation))
        if self.metric == "roc_auc":
            return float(positive @ (np.cumsum(negative) - negative / 2))
        if self.metric == "average_precision":
            return self._average_precision(negative[::-1], positive[::-1])
        p = self._probability(middles, separation)
        if self.metric == "brier":
            return float(self.positive * positive @ (1 - p) ** 2 + (1 - self.positive) * negative @ p**2)
        return float(-self.positive * positive @ np.log(p) - (1 - self.positive) * negative @ np.log1p(-p))

    def _average_precision(self, negative: Numbers, positive: Numbers) -> float:
        """Masses by falling score."""
        found, wrong = self.positive * np.cumsum(positive), (1 - self.positive) * np.cumsum(negative)
        everyone = found + wrong
        return float(positive @ np.divide(found, everyone, out=np.zeros_like(found), where=everyone > 0))


def _masses(middles: Numbers, width: float, mean: float) -> Numbers:
    return np.asarray(np.diff(ndtr(np.append(middles - width / 2, middles[-1] + width / 2) - mean)), dtype=np.float64)


@cache
def _separation(population: Binormal, loss: float) -> float:
    """Of a candidate that is worse by so many points."""
    if not loss:
        return population.separation
    sign = -1 if METRICS[population.metric].better is Better.HIGHER else 1
    wanted = population._value(population.separation) + sign * loss * population.point
    return float(brentq(lambda d: population._value(d) - wanted, 1e-3, population.separation, xtol=1e-10))
