"""Judging on the interval, purely: a number with its uncertainty in, outcomes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.verdicts import Verdict, together
from mlops_ci.gates.conditions import Condition, Kind, Seen, conditions_of
from mlops_ci.gates.judge import Lack, Outcome, without_champion
from mlops_ci.gates.settling import rows_needed, settling_words
from mlops_ci.gates.slices import SliceSeen, judge_slices
from mlops_ci.gates.wording import bare, owner, written
from mlops_ci.models.appraisal import ALL, Beside, Cell, Mismatch, NoValue, Unaligned

_MISSED = {
    Kind.MIN: "MC-GATE-001", Kind.MAX: "MC-GATE-002", Kind.NOT_WORSE: "MC-GATE-003", Kind.BETTER: "MC-GATE-019",
}  # fmt: skip
_UNALIGNED = {Mismatch.FEWER_ROWS: "MC-GATE-022", Mismatch.OTHER_ROWS: "MC-GATE-023", Mismatch.TRUTH: "MC-GATE-024"}
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalCase:
    """One gate and all that it is judged by.

    cells: by slice, ALL among them. beside: of its champion; a Lack where there is no champion to compare with.
    required: slice columns all of whose slices count. days: that the rows span. seconds: of the stage that predicts.
    """

    gate: Gate
    cells: Mapping[str, Cell]
    better: Better | None
    margin: float | None
    slice_margin: float | None
    beside: Beside | Unaligned | Lack | None = None
    required: frozenset[str] = frozenset()
    days: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How one condition ended over all rows, in its slices, and what was seen."""

    condition: Condition
    rows: int
    outcomes: tuple[Outcome, ...]
    seen: Seen | None = None
    slices: tuple[SliceSeen, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """That of all rows and of the slices together."""
        return together(outcome.verdict for outcome in self.outcomes)


def judge_intervals(case: IntervalCase) -> tuple[Judged, ...]:
    """Judge every condition. Without a number, or without a condition, nothing passes."""
    conditions = conditions_of(
        case.gate, better=case.better, margin=case.margin, slice_margin=case.slice_margin
    )  # fmt: skip
    return tuple(_judged(case, condition) for condition in conditions)


def _judged(case: IntervalCase, condition: Condition) -> Judged:
    cell = case.cells[ALL]
    if condition.compares and not isinstance(case.beside, Beside):
        return Judged(condition=condition, rows=cell.rows, outcomes=(_without(case),))
    seen = condition.seen(cell)
    if not isinstance(seen, Seen):
        lack = seen if isinstance(seen, NoValue) else NoValue(why="nothing was compared")
        return Judged(condition=condition, rows=cell.rows, outcomes=(_no_value(case, condition, lack, cell),))
    slices = judge_slices(condition, case.cells, seen, required=case.required)
    verdict = condition.decide(seen)
    outcomes = (_outcome(case, condition, cell, seen, verdict), *_of_slices(case, condition, slices))
    return Judged(condition=condition, rows=cell.rows, outcomes=outcomes, seen=seen, slices=slices)


def _without(case: IntervalCase) -> Outcome:
    """No champion, or none whose rows these are: then nothing is compared."""
    if isinstance(case.beside, Unaligned):
        return _unaligned(case, case.beside)
    nothing = Lack(what="nothing was compared", verdict=Verdict.INCONCLUSIVE)
    lack = case.beside if isinstance(case.beside, Lack) else nothing
    return without_champion(case.gate.metric, lack, case.gate.champion)


def _unaligned(case: IntervalCase, why: Unaligned) -> Outcome:
    whose = owner(case.gate.champion)
    return Outcome(
        verdict=Verdict.INCONCLUSIVE, code=_UNALIGNED.get(why.mismatch, "MC-GATE-006"),
        what=f"{case.gate.metric} can't be compared with {whose}: {why.mismatch}",
        words=f"{case.gate.metric} can't be compared with {whose}: {why.what}; the comparison is inconclusive",
        found=f"{why.what}: {why.found}" if why.found else why.what,
        expected="both models judged on the same rows", do=why.do,
    )  # fmt: skip


def _no_value(case: IntervalCase, condition: Condition, lack: NoValue, cell: Cell) -> Outcome:
    """The candidate fails by predictions of its own that can't be judged; by nothing else that is lacking."""
    metric, own = case.gate.metric, cell.estimated
    undefined = own if condition.compares else lack
    if isinstance(undefined, NoValue) and not undefined.few:
        return Outcome(
            verdict=Verdict.FAIL, code="MC-GATE-004", what=f"{metric} can't be computed from the predictions",
            words=f"{metric} could not be judged: {undefined.why}", found=undefined.why,
            expected="predictions on which the metric has a value",
            do="mend the predictions, or judge by another metric",
        )  # fmt: skip
    expected, do = ("enough rows of each kind to judge by", "judge on more rows, or by another metric")
    if not lack.few:
        expected, do = "a value of both models, whose difference can be judged", "compare with another champion"
    return Outcome(
        verdict=Verdict.INCONCLUSIVE, code="MC-GATE-006", what=f"{metric} can't be judged on these rows",
        words=f"{metric} can't be judged on {_rows(cell)}: {lack.why}", found=lack.why, expected=expected,
        do=lack.do or do,
    )  # fmt: skip


def _outcome(case: IntervalCase, condition: Condition, cell: Cell, seen: Seen, verdict: Verdict) -> Outcome:
    claim, words = _claim(case, condition, verdict), _numbers(case, condition, cell, seen)
    if condition.compares and isinstance(case.beside, Beside) and case.beside.notes:
        words = f"{words} ({'; '.join(case.beside.notes)})"
    if verdict is Verdict.PASS:
        return Outcome(verdict=verdict, code="", what=claim, words=f"{claim}: {words}")
    if verdict is Verdict.FAIL:
        return Outcome(
            verdict=verdict, code=_MISSED[condition.kind], what=claim, words=f"{claim}: {words}", found=words,
            expected=_expected(condition), do=_do(condition),
        )  # fmt: skip
    needed = rows_needed(condition, seen, cell.rows)
    settles = settling_words(condition, cell, needed, days=case.days, seconds=case.seconds)
    return Outcome(
        verdict=verdict, code="MC-GATE-018", what=claim, words=f"{claim}: {words}; {settles}", found=words,
        expected=_expected(condition), do=f"{settles}; or change what is asked: docs/inconclusive.md",
    )  # fmt: skip


def _claim(case: IntervalCase, condition: Condition, verdict: Verdict) -> str:
    """What is shown, without a measured number."""
    metric, bound = case.gate.metric, bare(abs(condition.bound) if condition.compares else condition.bound)
    whose = owner(case.gate.champion)
    open_ = verdict is Verdict.INCONCLUSIVE
    match condition.kind:
        case Kind.MIN:
            return f"{metric} {'may or may not be' if open_ else 'is'} {_side(verdict, 'at least', 'below')} {bound}"
        case Kind.MAX:
            return f"{metric} {'may or may not be' if open_ else 'is'} {_side(verdict, 'at most', 'above')} {bound}"
        case Kind.BETTER:
            said = "may or may not be" if open_ else "is" if verdict is Verdict.PASS else "is not"
            return f"{metric} {said} better than {whose}"
    said = "may or may not be" if open_ else "is not" if verdict is Verdict.PASS else "is"
    return f"{metric} {said} worse than {whose} by more than {bound}"


def _side(verdict: Verdict, kept: str, missed: str) -> str:
    return missed if verdict is Verdict.FAIL else kept


def _numbers(case: IntervalCase, condition: Condition, cell: Cell, seen: Seen) -> str:
    if seen.same:
        return f"both say the same of all {_rows(cell)}"
    ends = (seen.value, seen.low, seen.high)
    value, low, high = written(*ends, signed=condition.compares, beside=(condition.bound,))
    between = f"between {low} and {high}, on {_rows(cell)}"
    return f"difference {value}, {between}" if condition.compares else f"{value}, {between}"


def _rows(cell: Cell) -> str:
    rows = f"{cell.rows:,} row{'' if cell.rows == 1 else 's'}"
    return rows if cell.groups is None else f"{rows} in {cell.groups:,} group{'' if cell.groups == 1 else 's'}"


def _expected(condition: Condition) -> str:
    bound = bare(condition.bound)
    side = "above" if condition.kind is Kind.BETTER and condition.above else "below"
    if condition.kind is Kind.BETTER:
        return f"an interval of the difference {side} 0"
    what = "an interval of the difference" if condition.compares else "an interval"
    return f"{what} from {bound} on" if condition.above else f"{what} up to {bound}"


def _do(condition: Condition) -> str:
    match condition.kind:
        case Kind.MIN | Kind.MAX:
            return f"make the model better, or change `{condition.kind}` if this value is good enough"
        case Kind.BETTER:
            return "make the model better, or ask only that it is not worse: remove `superior`"
    return "find what in this change made the model worse, or widen `margin` if that much is acceptable"


def _of_slices(case: IntervalCase, condition: Condition, slices: tuple[SliceSeen, ...]) -> Iterator[Outcome]:
    if not slices:
        return
    failed = [one for one in slices if one.verdict is Verdict.FAIL]
    still_open = [one for one in slices if one.verdict is Verdict.INCONCLUSIVE and one.counts]
    yield _together(case, condition, slices, failed, still_open)


def _together(
    case: IntervalCase, condition: Condition, slices: tuple[SliceSeen, ...], failed: list[SliceSeen],
    still_open: list[SliceSeen],
) -> Outcome:  # fmt: skip
    small = sum(not one.counts for one in slices)
    aside = f"; {small} too small to judge" if small else ""
    judged = sum(one.counts or one.verdict is Verdict.FAIL for one in slices)
    many = f"of {judged} slice{'' if judged == 1 else 's'}"
    if failed:
        return Outcome(
            verdict=Verdict.FAIL, code="MC-GATE-020", what=f"slices miss what {case.gate.metric} has to keep",
            words=f"{len(failed)} {many} miss it: {_listed(condition, failed)}{aside}",
            found=_listed(condition, failed),
            expected=f"in each slice {_expected_in_slice(condition)}",
            do=_do_of_slices(condition),
        )  # fmt: skip
    if still_open:
        return Outcome(
            verdict=Verdict.INCONCLUSIVE, code="MC-GATE-021", what=f"in some slices {case.gate.metric} is not settled",
            words=f"{len(still_open)} {many} not settled: {_listed(condition, still_open)}{aside}",
            found=_listed(condition, still_open), expected=f"in each slice {_expected_in_slice(condition)}",
            do=f"judge on more rows{_wider(condition)}, or leave small slices out: docs/inconclusive.md",
        )  # fmt: skip
    if not judged:
        words = f"no slice is large enough to judge ({len(slices)} too small)"
        return Outcome(verdict=Verdict.PASS, code="", what="no slice is large enough to judge", words=words)
    which = "the one slice that is" if judged == 1 else f"all {judged} slices that are"
    words = f"likewise in {which} large enough{aside}"
    return Outcome(verdict=Verdict.PASS, code="", what="likewise in the slices that are large enough", words=words)


def _wider(condition: Condition) -> str:
    return ", widen `slice-margin`" if condition.compares else ""


def _do_of_slices(condition: Condition) -> str:
    """Of a slice nobody asks that it is better."""
    if not condition.compares:
        return _do(condition)
    return "find what in this change made these slices worse, or widen `slice-margin` if that much is acceptable"


def _expected_in_slice(condition: Condition) -> str:
    what = "a difference" if condition.compares else "a value"
    bound = bare(condition.slice_bound)
    return f"{what} from {bound} on" if condition.above else f"{what} up to {bound}"


def _listed(condition: Condition, slices: list[SliceSeen]) -> str:
    told = []
    for one in slices[:_NAMED]:
        if one.seen is None:
            told.append(f"{one.name} ({one.rows:,} rows: {one.why})")
            continue
        value, low, high = written(one.seen.value, one.seen.low, one.seen.high, signed=condition.compares)
        told.append(f"{one.name} ({value}, between {low} and {high}, {one.rows:,} rows)")
    more = len(slices) - _NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
