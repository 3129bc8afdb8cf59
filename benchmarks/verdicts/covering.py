"""How often the interval of one model's metric holds the true value."""

from dataclasses import dataclass

from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.samples import chance_of
from mlops_ci.statistics.rows import UndefinedError
from mlops_ci.statistics.single import estimate

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTask:
    """So many samples of so many rows."""

    population: str
    rows: int
    draws: int
    seed: int

    @property
    def name(self) -> str:
        """By which it is seeded."""
        return f"coverage, {self.population}, {self.rows} rows"


def cover(task: CoverageTask) -> dict[str, object]:
    """below, above: intervals that lie below or above the true value. width: their mean width. Of the champion."""
    population = POPULATIONS[task.population]
    chance, true = chance_of(task.name, task.seed), population.true_values(0)[1]
    below = above = undefined = 0
    width = 0.0
    for _ in range(task.draws):
        rows = population.draw(chance, task.rows, 0).champion
        try:
            low, high = estimate(population.metric, rows).interval(CONFIDENCE)
        except UndefinedError:
            undefined += 1
            continue
        below, above, width = below + (not high >= true), above + (not low <= true), width + high - low
    judged = task.draws - undefined
    return {
        "population": task.population, "rows": task.rows, "draws": task.draws, "seed": task.seed, "true": true,
        "below": below, "above": above, "no number": undefined, "width": width / judged if judged else None,
    }  # fmt: skip
