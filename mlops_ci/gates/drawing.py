"""What is drawn of a gate that was judged on the interval."""

from collections.abc import Sequence

from mlops_ci.gates.conditions import Condition, Seen
from mlops_ci.gates.intervals import IntervalCase, Judged
from mlops_ci.gates.slices import SliceSeen
from mlops_ci.gates.values import Drawn, DrawnKind, DrawnSlice
from mlops_ci.models.appraisal import ALL, Cell, Compared, Estimated
from mlops_ci.models.noise import band_of, points_of


def drawn_of(case: IntervalCase, judged: Sequence[Judged]) -> tuple[Drawn, ...]:
    """One drawing for each condition that had a number to look at."""
    return tuple(_drawn(case, one, one.seen) for one in judged if one.seen is not None)


def _drawn(case: IntervalCase, judged: Judged, seen: Seen) -> Drawn:
    condition, cell = judged.condition, case.cells[ALL]
    return Drawn(
        metric=case.gate.metric, kind=DrawnKind.DIFFERENCE if condition.compares else DrawnKind.VALUE,
        value=seen.value, low=seen.low, high=seen.high, bound=condition.bound, above=condition.above,
        rows=cell.rows, verdict=judged.verdict, better=case.better, groups=cell.groups,
        slice_bound=condition.slice_bound if judged.slices else None,
        champion=(case.gate.champion or "") if condition.compares else "", method=_method(condition, cell),
        confidence=round(1 - 2 * condition.alpha, 12), slices=tuple(map(_slice, judged.slices)),
        band=band_of(cell) if condition.compares else None, points=points_of(cell) if condition.compares else (),
    )  # fmt: skip


def _method(condition: Condition, cell: Cell) -> str:
    found = cell.compared if condition.compares else cell.estimated
    return found.method if isinstance(found, Compared | Estimated) else ""


def _slice(one: SliceSeen) -> DrawnSlice:
    seen = one.seen
    return DrawnSlice(
        name=one.name, rows=one.rows, verdict=one.verdict, small=one.small, required=one.required, why=one.why,
        value=None if seen is None else seen.value, low=None if seen is None else seen.low,
        high=None if seen is None else seen.high,
    )  # fmt: skip
