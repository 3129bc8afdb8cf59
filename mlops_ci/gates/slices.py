"""Slices of one condition, judged together.

Passing asks that each slice that is judged passes, which needs no correction: to let a bad slice through, its own test
has to err. Failing asks that one of them misses, and with many slices one will by chance, so p-values are corrected
after Holm. A slice is too small to judge where even one that is as good as the whole, or equal to the champion, would
often not pass; it is listed. So is one without a number where so few rows would not have been judged anyway; of a large
slice that has none, all of one class for instance, nobody can say that it passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.conditions import Condition, Seen
from mlops_ci.models.appraisal import ALL, Cell, NoValue
from mlops_ci.statistics.corrections import holm

_POWER = 0.95  # of a slice that is judged: it passes this often where nothing is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceSeen:
    """How one slice fared. seen: None where there is no number, and `why` says why. small: too small to judge."""

    name: str
    rows: int
    verdict: Verdict
    seen: Seen | None = None
    why: str = ""
    small: bool = False
    required: bool = False

    @property
    def counts(self) -> bool:
        """Whether the gate hangs on it."""
        return not self.small or self.required


def judge_slices(
    condition: Condition, cells: Mapping[str, Cell], whole: Seen, *, required: frozenset[str]
) -> tuple[SliceSeen, ...]:
    """Every slice, the worst first, those that are too small at the end. required: columns whose slices all count."""
    looked = {name: condition.seen(cell) for name, cell in cells.items() if name != ALL}
    tested = {name: one.p for name, one in looked.items() if isinstance(one, Seen) and one.p is not None}
    corrected = dict(zip(tested, holm(list(tested.values())), strict=True))
    shown_bad = frozenset(name for name, p in corrected.items() if p < condition.alpha)
    room, reach, all_rows = condition.room(whole), _reach(condition), cells[ALL].rows
    found = []
    for name, one in looked.items():
        rows, asked = cells[name].rows, not required.isdisjoint(cells[name].columns)
        if isinstance(one, Seen):
            verdict = Verdict.FAIL if name in shown_bad else _unless_failed(condition.decide(one, of_slice=True))
            small = verdict is not Verdict.FAIL and not reach * one.error <= room
            found.append(SliceSeen(name=name, rows=rows, verdict=verdict, seen=one, small=small, required=asked))
        else:
            small = not reach * whole.error * sqrt(all_rows / max(1, rows)) <= room
            found.append(_unseen(name, rows, one, small=small, required=asked))
    return tuple(sorted(found, key=lambda one: _rank(condition, one)))


def _unseen(name: str, rows: int, lack: NoValue | None, *, small: bool, required: bool) -> SliceSeen:
    why = lack.why if lack is not None else "nothing was compared"
    return SliceSeen(name=name, rows=rows, verdict=Verdict.INCONCLUSIVE, why=why, small=small, required=required)


def _unless_failed(verdict: Verdict) -> Verdict:
    """By itself it would fail; together with the others that is not shown."""
    return Verdict.INCONCLUSIVE if verdict is Verdict.FAIL else verdict


def _reach(condition: Condition) -> float:
    """How many standard errors lie between the bound and a slice that will pass."""
    normal = NormalDist()
    return normal.inv_cdf(1 - condition.alpha) + normal.inv_cdf(_POWER)


def _rank(condition: Condition, one: SliceSeen) -> tuple[bool, float, str]:
    if one.seen is None:
        return (one.small, float("inf") if one.small else float("-inf"), one.name)
    return (one.small, one.seen.value if condition.above else -one.seen.value, one.name)
