"""Judging, purely: numbers in, outcomes out. Every comparison is written so that NaN fails it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.champions import BASE
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.wording import bare, owner, written

POINT = "judged on the point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Why there is no number.

    verdict: what that means for the gate. told: a finding about the model's own files says it already.
    broken: bytes are there, but they are no evidence; then nothing else may stand in for them.
    """

    what: str
    verdict: Verdict
    found: str = ""
    expected: str = "a finite number"
    do: str = ""
    told: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The candidate's and the base's number, from the same kind of source; `aside` says which where it matters."""

    candidate: float
    base: float
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One gate and all that it is judged by.

    comparison: needed where the gate has a champion. better, margin: the same; the caller has settled them.
    """

    gate: Gate
    candidate: float | Lack
    comparison: Pair | Lack | None = None
    better: Better | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one condition of a gate ended. `what` has no measured number in it, `words` has them all."""

    verdict: Verdict
    code: str
    what: str
    words: str
    found: str = ""
    expected: str = ""
    do: str = ""
    told: bool = False


def judge(case: Case) -> tuple[Outcome, ...]:
    """Judge every condition of a gate on the point. Without a number, or without a condition, nothing passes."""
    if isinstance(case.candidate, Lack):
        return (lacking(case.gate.metric, case.candidate),)
    if not isfinite(case.candidate):
        return (_not_finite(case.gate.metric, case.candidate),)
    outcomes = (*_bounds(case.gate, case.candidate), *_champion(case))
    return outcomes or (_no_condition(case.gate.metric),)


def _bounds(gate: Gate, value: float) -> Iterator[Outcome]:
    if gate.min is not None:
        yield _bound(gate, value, gate.min, low=True)
    if gate.max is not None:
        yield _bound(gate, value, gate.max, low=False)


def _bound(gate: Gate, value: float, bound: float, *, low: bool) -> Outcome:
    holds = value >= bound if low else value <= bound
    seen, limit = written(value, bound)
    side = "at least" if low else "at most"
    if not holds:
        beyond = "below" if low else "above"
        return Outcome(
            verdict=Verdict.FAIL, code="MC-GATE-001" if low else "MC-GATE-002",
            what=f"{gate.metric} is {beyond} {bare(bound)} ({POINT})",
            words=f"{gate.metric} {seen} is {beyond} {limit} ({POINT})", found=seen, expected=f"{side} {limit}",
            do=f"make the model better, or change `{'min' if low else 'max'}` if this value is good enough",
        )  # fmt: skip
    words = f"{gate.metric} {seen} is {side} {limit} ({POINT})"
    return Outcome(verdict=Verdict.PASS, code="", what=words, words=words)


def _champion(case: Case) -> Iterator[Outcome]:
    if case.gate.champion is None:
        return
    match case.comparison:
        case Pair() as pair if isfinite(pair.base) and isfinite(pair.candidate):
            yield _compared(case, pair)
        case Lack() as lack:
            yield without_champion(case.gate.metric, lack, case.gate.champion)
        case _:
            what = f"{owner(case.gate.champion)} value is no number"
            lack = Lack(what=what, verdict=Verdict.INCONCLUSIVE)
            yield without_champion(case.gate.metric, lack, case.gate.champion)


def _compared(case: Case, pair: Pair) -> Outcome:
    if case.better is None or case.margin is None:
        raise ValueError(f"{case.gate.metric}: a comparison needs a direction and a margin")
    higher = case.better is Better.HIGHER
    worse_by = _exact(pair.base) - _exact(pair.candidate) if higher else _exact(pair.candidate) - _exact(pair.base)
    if case.gate.superior:
        return _asked_to_be_better(case, pair, holds=worse_by < 0)
    metric, whose = case.gate.metric, owner(case.gate.champion)
    limit = float(_exact(pair.base) - _exact(case.margin) if higher else _exact(pair.base) + _exact(case.margin))
    seen, base, least = written(pair.candidate, pair.base, limit)
    margin, aside = bare(case.margin), f"; {pair.aside}" if pair.aside else ""
    if not worse_by <= _exact(case.margin):
        return Outcome(
            verdict=Verdict.FAIL, code="MC-GATE-003",
            what=f"{metric} is worse than {whose} by more than {margin} ({POINT})",
            words=f"{metric} {seen} is worse than {whose} {base} by more than {margin} ({POINT}{aside})",
            found=f"{seen}, against {whose} {base}{aside}",
            expected=f"{'at least' if higher else 'at most'} {least}",
            do="find what in this change made the model worse, or widen `margin` if that much is acceptable",
        )  # fmt: skip
    words = f"{metric} {seen} is not worse than {whose} {base} by more than {margin} ({POINT}{aside})"
    return Outcome(verdict=Verdict.PASS, code="", what=words, words=words)


def _asked_to_be_better(case: Case, pair: Pair, *, holds: bool) -> Outcome:
    metric, whose = case.gate.metric, owner(case.gate.champion)
    seen, base = written(pair.candidate, pair.base)
    aside = f"; {pair.aside}" if pair.aside else ""
    if holds:
        words = f"{metric} {seen} is better than {whose} {base} ({POINT}{aside})"
        return Outcome(verdict=Verdict.PASS, code="", what=words, words=words)
    return Outcome(
        verdict=Verdict.FAIL, code="MC-GATE-019", what=f"{metric} is not better than {whose} ({POINT})",
        words=f"{metric} {seen} is not better than {whose} {base} ({POINT}{aside})",
        found=f"{seen}, against {whose} {base}{aside}", expected=f"better than {base}",
        do="make the model better, or ask only that it is not worse: remove `superior`",
    )  # fmt: skip


def _exact(number: float) -> Decimal:
    """The number as people read it: 0.70 - 0.69 is 0.01 here, and so not more than a margin of 0.01."""
    return Decimal(repr(float(number)))


def lacking(metric: str, lack: Lack) -> Outcome:
    """Nothing to judge: what that means the lack says."""
    inconclusive = lack.verdict is not Verdict.FAIL
    return Outcome(
        verdict=lack.verdict, code="MC-GATE-006" if inconclusive else "MC-GATE-004", what=lack.what,
        words=f"{metric} could not be judged: {lack.what}" + (f" ({lack.found})" if lack.found else ""),
        found=lack.found, expected=lack.expected, do=lack.do, told=lack.told,
    )  # fmt: skip


def _not_finite(metric: str, value: float) -> Outcome:
    return Outcome(
        verdict=Verdict.FAIL, code="MC-GATE-004", what=f"{metric} is no finite number",
        words=f"{metric} is {value}: no finite number", found=str(value), expected="a finite number",
        do="find out why the evaluation yields it",
    )  # fmt: skip


def without_champion(metric: str, lack: Lack, champion: str | None) -> Outcome:
    """Nothing to compare with: inconclusive where something ought to be there, else not applicable, said loudly."""
    applicable = lack.verdict is Verdict.INCONCLUSIVE
    ending = (
        "the comparison is inconclusive" if applicable else "the comparison is NOT APPLICABLE: nothing was compared"
    )
    whose = owner(champion)
    expected = f"{metric} at the base" if champion in (None, BASE) else f"{whose} {metric}"
    return Outcome(
        verdict=Verdict.INCONCLUSIVE if applicable else Verdict.NOT_APPLICABLE,
        code="MC-GATE-006" if applicable else "MC-GATE-005",
        what=f"{metric} could not be compared with {whose}; {ending}",
        words=f"{metric} could not be compared with {whose}: {lack.what}; {ending}",
        found=f"{lack.what}: {lack.found}" if lack.found else lack.what, expected=expected,
        do=lack.do or ("" if applicable else "commit dvc.lock or record runs, so that the next change has a base"),
    )  # fmt: skip


def _no_condition(metric: str) -> Outcome:
    return Outcome(
        verdict=Verdict.ERROR, code="MC-GATE-010", what="the gate has no condition", words=f"{metric}: no condition",
        expected="min, max or champion", do="add one of them",
    )  # fmt: skip
