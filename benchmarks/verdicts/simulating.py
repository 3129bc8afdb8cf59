"""One population at one number of rows: many draws at each true loss, judged by the product and by others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.verdicts.equal_error import Ranking, compared
from benchmarks.verdicts.ours import conditions, verdicts
from benchmarks.verdicts.plain_values import area, placements, value_of
from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.resampling import Resampling, resampling_of
from benchmarks.verdicts.rules import Draw, Opinion, higher, rules_of
from benchmarks.verdicts.samples import Population, Sample, chance_of
from mlops_ci.core.verdicts import Verdict
from mlops_ci.statistics.rows import Numbers

LOSSES = (0.0, 0.5, 1.0, 2.0, 5.0)
MARGINS = (1.0, 2.0, 5.0)
# At levels of their own these order draws as "went down by more than the margin" does: by the difference alone.
ALIKE = ("metric went down", "MLflow, min_absolute_change")
_MOST_FOR_BOOTSTRAP = 1_000
OURS = "mlops-ci"
PASSES, FAILS, NO_NUMBER = 0, 1, 2  # places of counts; the last for ours alone, all the rest is inconclusive
_CODES = {Verdict.PASS: 1, Verdict.FAIL: -1, Verdict.INCONCLUSIVE: 0, None: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A cell of the tables: so many draws for each loss."""

    population: str
    rows: int
    draws: int
    seed: int

    @property
    def name(self) -> str:
        """By which it is seeded."""
        return f"{self.population}, {self.rows} rows"


Cell = dict[str, object]


def simulate(task: Task) -> Cell:
    """Counts (passes, fails), by margin, then by rule, then by loss; and the comparison at equal error."""
    population = POPULATIONS[task.population]
    resampling = _resampling(task, population)
    drawn = {loss: _of_loss(task, population, loss, resampling) for loss in LOSSES}
    margins = {f"{margin:g}": _of_margin(drawn, at, margin) for at, margin in enumerate(MARGINS)}
    return {
        "population": task.population, "rows": task.rows, "draws": task.draws, "seed": task.seed,
        "point": population.point, "margins": margins,
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """All draws at one loss. ours: (draws, margins) codes; others: by rule, an opinion a draw."""

    ours: np.ndarray[tuple[int, int], np.dtype[np.int8]]
    others: Mapping[str, list[Opinion]]


def _resampling(task: Task, population: Population) -> Resampling | None:
    wanted = population.metric in ("average_precision", "rmse", "r2") and not population.grouped
    if not wanted or task.rows > _MOST_FOR_BOOTSTRAP:
        return None
    return resampling_of(population.metric, task.rows, chance_of(f"{task.name}, resamples", task.seed))


def _of_loss(task: Task, population: Population, loss: float, resampling: Resampling | None) -> Drawn:
    chance = chance_of(f"{task.name}, loss {loss:g}", task.seed)
    margins = np.array(MARGINS) * population.point
    asked, rules = conditions(population, margins.tolist()), rules_of(population, task.rows)
    ours = np.zeros((task.draws, len(MARGINS)), dtype=np.int8)
    others: dict[str, list[Opinion]] = {name: [] for name in rules}
    for at in range(task.draws):
        sample = population.draw(chance, task.rows, loss)
        ours[at] = [_CODES[one] for one in verdicts(population, sample, asked)]
        draw = _draw(population, sample, margins, resampling)
        for name, rule in rules.items():
            others[name].append(rule(draw))
    return Drawn(ours=ours, others=others)


def _draw(population: Population, sample: Sample, margins: Numbers, resampling: Resampling | None) -> Draw:
    both = (sample.candidate, sample.champion)
    placed = tuple(map(placements, both)) if population.metric == "roc_auc" else ()
    mine, theirs = map(area, placed) if placed else (value_of(population.metric, one) for one in both)
    return Draw(
        sample=sample, candidate=mine, champion=theirs, sign=higher(population), margins=margins, placements=placed,
        resampling=resampling,
    )  # fmt: skip


def _of_margin(drawn: Mapping[float, Drawn], at: int, margin: float) -> Mapping[str, object]:
    ours = {f"{loss:g}": _counts(one.ours[:, at]) for loss, one in drawn.items()}
    others = {
        name: {f"{loss:g}": _nominal(one.others[name], at) for loss, one in drawn.items()}
        for name in drawn[0.0].others
    }  # fmt: skip
    rankings = {loss: _ranking(one, at) for loss, one in drawn.items()}
    equal = {name: found for name, found in compared(rankings, margin).items() if name not in ALIKE}
    return {"rules": {OURS: ours, **others}, "equal": equal}


def _counts(codes: np.ndarray[tuple[int], np.dtype[np.int8]]) -> list[int]:
    return [int((codes == code).sum()) for code in (1, -1, 2)]


def _nominal(opinions: list[Opinion], at: int) -> list[int]:
    return [sum(bool(one.passes[at]) for one in opinions), sum(bool(one.fails[at]) for one in opinions)]


def _ranking(drawn: Drawn, at: int) -> Ranking:
    return Ranking(
        passed=drawn.ours[:, at] == 1, failed=drawn.ours[:, at] == -1,
        for_pass={name: np.array([one.for_pass[at] for one in them]) for name, them in drawn.others.items()},
        for_fail={name: np.array([one.for_fail[at] for one in them]) for name, them in drawn.others.items()},
    )  # fmt: skip
