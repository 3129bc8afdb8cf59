"""One simulated pull request, and what populations are."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np

from mlops_ci.config.models import Better
from mlops_ci.models.metrics import METRICS
from mlops_ci.statistics.rows import Codes, Numbers, Rows

ROWS_IN_GROUP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Predictions of a candidate and of its champion for the same rows."""

    candidate: Rows
    champion: Rows


class Population(Protocol):
    """Where samples come from. A point is what losses and margins are counted in."""

    @property
    def metric(self) -> str:
        """Of METRICS."""

    @property
    def point(self) -> float:
        """In units of the metric: 0.01, or 1 % of the champion's value."""

    @property
    def grouped(self) -> bool:
        """Whether rows depend on each other."""

    def true_values(self, loss: float) -> tuple[float, float]:
        """The metric of the candidate and of the champion on all rows that there could be; loss in points."""

    def draw(self, chance: np.random.Generator, rows: int, loss: float) -> Sample:
        """So many rows."""


def higher_is_better(population: Population) -> bool:
    """Whether a loss makes the metric smaller."""
    return METRICS[population.metric].better is Better.HIGHER


def chance_of(name: str, seed: int) -> np.random.Generator:
    """Random numbers that depend on the cell's name only, so in whichever order cells are run they are the same."""
    digest = sha256(name.encode()).digest()
    words = [int.from_bytes(digest[at : at + 4]) for at in range(0, 16, 4)]
    return np.random.default_rng([seed, *words])


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Two standard normals a row, one for each model. correlation: of the two.

    shared: which part of the variance is a random effect of the row's group, 0 for independent rows; of_groups: the
    correlation of the two models' effects.
    """

    correlation: float
    shared: float = 0.0
    of_groups: float = 0.5

    def draw(self, chance: np.random.Generator, rows: int) -> tuple[Numbers, Numbers, Codes | None]:
        """Candidate's, champion's, groups. Sizes of groups vary as chance has it, ROWS_IN_GROUP at the mean."""
        mine, theirs = _pair(chance, rows, self.correlation)
        if not self.shared:
            return mine, theirs, None
        count = rows // ROWS_IN_GROUP
        groups = np.unique(chance.integers(0, count, rows), return_inverse=True)[1]
        effects = _pair(chance, count, self.of_groups)
        own, common = np.sqrt(1 - self.shared), np.sqrt(self.shared)
        return own * mine + common * effects[0][groups], own * theirs + common * effects[1][groups], groups


def _pair(chance: np.random.Generator, count: int, correlation: float) -> tuple[Numbers, Numbers]:
    first, second = chance.standard_normal((2, count))
    return first, correlation * first + np.sqrt(1 - correlation**2) * second
