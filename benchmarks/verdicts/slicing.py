"""Ten slices, one of them worse or none: is it found, and are others blamed?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.rules import LEVEL
from benchmarks.verdicts.samples import Population, Sample, chance_of
from mlops_ci.config.models import Better, Gate
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.intervals import IntervalCase, Judged, judge_intervals
from mlops_ci.models.appraisal import ALL, Beside, Cell, Compared, Estimated, NoValue
from mlops_ci.models.metrics import METRICS
from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import Numbers, Rows, UndefinedError

SLICES = 10
BAD = "slice=0"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicesTask:
    """rows: in each slice. loss: of the one bad slice, in points; the others lose nothing. margin: of slices, too."""

    population: str
    rows: int
    loss: float
    margin: float
    draws: int
    seed: int

    @property
    def name(self) -> str:
        """By which it is seeded."""
        return f"slices, {self.population}, {self.rows} rows each, loss {self.loss:g}, margin {self.margin:g}"


def slice_up(task: SlicesTask) -> dict[str, object]:
    """How often which of the rules failed the bad slice, and any other."""
    population, chance = POPULATIONS[task.population], chance_of(task.name, task.seed)
    margin = task.margin * population.point
    counts: dict[str, int] = {}
    for _ in range(task.draws):
        parts = {f"slice={at}": population.draw(chance, task.rows, 0 if at else task.loss) for at in range(SLICES)}
        cells = dict(_cells(population, parts, margin))
        for what in (*_ours(population, cells, margin), *_others(population, cells, margin)):
            counts[what] = counts.get(what, 0) + 1
    return {
        "population": task.population, "rows": task.rows, "loss": task.loss, "margin": task.margin,
        "draws": task.draws, "seed": task.seed, "counts": counts,
    }  # fmt: skip


def _cells(population: Population, parts: Mapping[str, Sample], margin: float) -> Iterator[tuple[str, Cell]]:
    yield ALL, _cell(population, _together(list(parts.values())), margin)
    for name, sample in parts.items():
        yield name, _cell(population, sample, margin)


def _cell(population: Population, sample: Sample, margin: float) -> Cell:
    """As `models/appraising.py` makes it of tables."""
    try:
        law = difference(population.metric, sample.candidate, sample.champion)
    except UndefinedError as error:
        return Cell(rows=sample.champion.count, estimated=NoValue(why=str(error)), compared=NoValue(why=str(error)))
    low, high = law.interval(2 * CONFIDENCE - 1)
    higher = METRICS[population.metric].better is Better.HIGHER
    compared = Compared(
        candidate=law.value, champion=0.0, difference=law.value, low=low, high=high, error=law.error,
        p_worse=law.p_at_least(-margin) if higher else law.p_at_most(margin),
    )  # fmt: skip
    return Cell(rows=sample.champion.count, estimated=Estimated(value=0.0, low=0.0, high=0.0), compared=compared)


def _together(samples: list[Sample]) -> Sample:
    return Sample(
        candidate=_joined([one.candidate for one in samples]), champion=_joined([one.champion for one in samples])
    )


def _joined(parts: list[Rows]) -> Rows:
    def all_of(columns: list[Numbers]) -> Numbers:
        return np.concatenate(columns)

    truth, predicted = all_of([one.truth for one in parts]), all_of([one.predicted for one in parts])
    return replace(parts[0], truth=truth, predicted=predicted)


def _ours(population: Population, cells: Mapping[str, Cell], margin: float) -> Iterator[str]:
    better = METRICS[population.metric].better
    gate = Gate(metric=population.metric, champion="base", margin=margin, slices=True, confidence=CONFIDENCE)
    case = IntervalCase(gate=gate, cells=cells, better=better, margin=margin, slice_margin=margin, beside=Beside())
    (judged,) = judge_intervals(case)
    yield f"gate {judged.verdict}"
    yield from _named("", _failed(judged))
    if any(one.name == BAD and one.small and one.verdict is not Verdict.FAIL for one in judged.slices):
        yield "too small"


def _failed(judged: Judged) -> set[str]:
    return {one.name for one in judged.slices if one.verdict is Verdict.FAIL}


def _others(population: Population, cells: Mapping[str, Cell], margin: float) -> Iterator[str]:
    """Each slice for itself: the point, and a test at 5 % without a correction."""
    sign = 1 if METRICS[population.metric].better is Better.HIGHER else -1
    slices = {name: cell.compared for name, cell in cells.items() if name != ALL}
    found = {name: one for name, one in slices.items() if isinstance(one, Compared)}
    yield from _named("point: ", {name for name, one in found.items() if sign * one.difference < -margin})
    yield from _named("uncorrected: ", {name for name, one in found.items() if (one.p_worse or 0.0) < LEVEL})


def _named(rule: str, failed: set[str]) -> Iterator[str]:
    if BAD in failed:
        yield f"{rule}found"
    if failed - {BAD}:
        yield f"{rule}blamed"
