"""Cells that look as if they erred too often, drawn anew: of many rates a few look so by chance, but not twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.verdicts.error_tables import Cells, wrongs
from benchmarks.verdicts.ours import conditions, verdicts
from benchmarks.verdicts.populations import POPULATIONS
from benchmarks.verdicts.rates import table, too_often, with_interval
from benchmarks.verdicts.samples import chance_of
from benchmarks.verdicts.simulating import OURS
from mlops_ci.core.verdicts import Verdict

MORE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainTask:
    """One rate: passes at a loss of the margin, or fails at no loss. first: what was counted first, of so many."""

    population: str
    rows: int
    margin: float
    kind: str
    first: int
    of: int
    seed: int

    @property
    def name(self) -> str:
        """By which it is seeded."""
        return f"again, {self.population}, {self.rows} rows, margin {self.margin:g}, {self.kind}"


def tasks_of(cells: Cells, seed: int) -> Iterator[AgainTask]:
    """Of rates whose interval lies above 5 %."""
    for cell, margin, kind, count in wrongs(cells, OURS):
        if too_often(count, cell["draws"]):
            yield AgainTask(
                population=cell["population"], rows=cell["rows"], margin=margin, kind=kind, first=count,
                of=cell["draws"], seed=seed + 1,
            )  # fmt: skip


def draw_again(task: AgainTask) -> dict[str, object]:
    """Five times as many draws, of this loss alone, judged by the product alone."""
    population, chance = POPULATIONS[task.population], chance_of(task.name, task.seed)
    asked = conditions(population, [task.margin * population.point])
    loss, wrong = (task.margin, Verdict.PASS) if task.kind == "pass" else (0.0, Verdict.FAIL)
    count = sum(
        verdicts(population, population.draw(chance, task.rows, loss), asked) == (wrong,)
        for _ in range(MORE * task.of)
    )  # fmt: skip
    return {
        "population": task.population, "rows": task.rows, "margin": task.margin, "kind": task.kind, "seed": task.seed,
        "first": task.first, "of": task.of, "again": count, "draws": MORE * task.of,
    }  # fmt: skip


def again_table(cells: list[Any]) -> str:
    """First and again."""
    if not cells:
        return "There is none."
    rows = [
        [cell["population"], f"{cell['rows']:,}", f"{cell['margin']:g}", _KINDS[cell["kind"]],
         with_interval(cell["first"], cell["of"]), with_interval(cell["again"], cell["draws"])]
        for cell in cells
    ]  # fmt: skip
    still = sum(too_often(cell["again"], cell["draws"]) for cell in cells)
    head = ["population", "rows", "margin", "errs when it", "first, %", f"again, {MORE} times the draws, %"]
    return f"{len(cells)} rates; drawn again, {still} still lie above 5 % beyond chance.\n\n{table(head, rows)}"


_KINDS = {"pass": "passes at a loss of the margin", "fail": "fails at no loss"}
