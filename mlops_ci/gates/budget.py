"""A model's budget, judged purely: what its file takes, and what one process that scores rows costs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite, nan

from mlops_ci import __version__
from mlops_ci.config.models import Budget, GateMode
from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.findings import Evidence, Finding, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.rules import PlaceOf
from mlops_ci.gates.telling import DOES_NOT_BLOCK, command_for
from mlops_ci.gates.values import GateVerdict
from mlops_ci.models.scoring_cost import RUNS, Cost
from mlops_ci.models.sources import Absent
from mlops_ci.statistics.median import Middle, middle_of

_MIB, _GIB, _TIB = 2**20, 2**30, 2**40
_UNITS = {_TIB: " TiB", _GIB: " GiB", _MIB: " MiB"}
_MOST_DIGITS = 9
_EXITS = {Verdict.FAIL: ExitCode.FAIL, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}
_UNDECIDED = "MC-GATE-034"
_UNMEASURED = "MC-GATE-035"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCase:
    """A model's budget and all that it is judged by.

    size: bytes of the model file. judged: digests of what was measured, by what it is; `artifact` is the model file.
    """

    model: str
    budget: Budget
    size: int | Absent
    cost: Cost | Absent
    place_of: PlaceOf
    judged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One limit. at_most: else at least. scale: of the unit in which it is told."""

    name: str
    code: str
    limit: float
    at_most: bool = True
    scale: float = 1.0
    unit: str = ""
    whole: bool = False
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How a piece ended. found: in words; empty for a pass. what: without a measured number."""

    verdict: Verdict
    words: str
    what: str = ""
    found: str = ""
    do: str = ""
    code: str = ""
    numbers: Evidence = field(default_factory=dict)


def judge_budget(case: BudgetCase) -> tuple[GateVerdict, ...]:
    """A verdict for each limit that the budget sets. What was not measured is inconclusive, with the reason."""
    return tuple(_verdict(case, piece, _judged(case, piece)) for piece in _pieces(case.budget))


def measures(budget: Budget) -> bool:
    """Whether anything has to be run for it."""
    return any(one is not None for one in (budget.start, budget.throughput, budget.memory))


def budget_gates(budget: Budget) -> tuple[str, ...]:
    """The names of its verdicts, in their order."""
    return tuple(f"budget-{piece.name}" for piece in _pieces(budget))


def _pieces(budget: Budget) -> Iterator[_Piece]:
    if budget.size is not None:
        yield _Piece(
            name="size", code="MC-GATE-030", limit=budget.size, scale=_scale(budget.size), unit=_unit(budget.size),
            do="make the model file smaller, or raise `size`",
        )  # fmt: skip
    if budget.start is not None:
        yield _Piece(
            name="start", code="MC-GATE-031", limit=budget.start.total_seconds(), unit=" s",
            do="let `predict` import and load less before its first row, or raise `start`",
        )  # fmt: skip
    if budget.throughput is not None:
        yield _Piece(
            name="throughput", code="MC-GATE-032", limit=budget.throughput, at_most=False, unit=" rows/s", whole=True,
            do="let `predict` score in batches, choose a quicker model, or lower `throughput`",
        )  # fmt: skip
    if budget.memory is not None:
        yield _Piece(
            name="memory", code="MC-GATE-033", limit=budget.memory, scale=_scale(budget.memory),
            unit=_unit(budget.memory), do="let `predict` read rows in batches, or raise `memory`",
        )  # fmt: skip


def _scale(size: int) -> int:
    return next((one for one in (_TIB, _GIB) if size % one == 0), _MIB)


def _unit(size: int) -> str:
    return _UNITS[_scale(size)]


def _judged(case: BudgetCase, piece: _Piece) -> _Told:
    if piece.name == "size":
        return _unmeasured(piece, case.size) if isinstance(case.size, Absent) else _of_size(piece, case.size)
    if isinstance(case.cost, Absent):
        return _unmeasured(piece, case.cost)
    return _MEASURED[piece.name](piece, case.cost)


def _of_size(piece: _Piece, size: int) -> _Told:
    near = _near(piece, size)
    seen = f"{_written(near, size)[0]}{near.unit}"
    numbers = {"bytes": size}
    if size <= piece.limit:
        return _Told(verdict=Verdict.PASS, words=f"size {seen} is within {_limit(piece)}", numbers=numbers)
    return _missed(piece, seen, numbers)


def _of_start(piece: _Piece, cost: Cost) -> _Told:
    return _by_median(piece, cost, cost.starts, f"{len(cost.starts)} runs")


def _of_memory(piece: _Piece, cost: Cost) -> _Told:
    """No process takes nothing: then nobody has measured it."""
    held = tuple(float(one) if one > 0 else nan for one in cost.memories)
    return _by_median(piece, cost, held, f"{len(held)} runs on {_rows(cost)}")


def _of_throughput(piece: _Piece, cost: Cost) -> _Told:
    """From the seconds that all rows took beyond one: as long as noise may be all of them, nothing is known."""
    if not cost.rows > 1:
        why = "one row alone says nothing of how many are scored in a second"
        return _unmeasured(piece, Absent(why=why, do="let `inputs` hold more rows"))
    seconds = middle_of(cost.others)
    if seconds is not None and not seconds.high > 0:
        why = f"{_rows(cost)} take no longer than one"
        return _unmeasured(
            piece, Absent(why=why, do="let `inputs` hold more rows: scoring these takes too little time")
        )
    speeds = tuple(inf if one <= 0 else (cost.rows - 1) / one for one in cost.others)
    return _by_median(piece, cost, speeds, f"{len(cost.others)} runs on {_rows(cost)}")


_MEASURED: Mapping[str, Callable[[_Piece, Cost], _Told]] = {
    "start": _of_start, "throughput": _of_throughput, "memory": _of_memory,
}  # fmt: skip


def _by_median(piece: _Piece, cost: Cost, values: tuple[float, ...], runs: str) -> _Told:
    middle = middle_of(values)
    if middle is None:
        few = 0 < len(values) < RUNS
        why = f"only {len(values)} of {RUNS} runs ended within the time limit" if few else "nothing was measured"
        do = "give it more time: `pipeline.time-limit`, or a smaller table of `inputs`"
        return _unmeasured(piece, Absent(why=why, do=do))
    seen = _seen(piece, middle, runs)
    numbers = _numbers(piece, cost, middle)
    if (middle.high <= piece.limit) if piece.at_most else (middle.low >= piece.limit):
        return _Told(verdict=Verdict.PASS, words=f"{piece.name} {seen} is {_kept(piece)}", numbers=numbers)
    if (middle.low > piece.limit) if piece.at_most else (middle.high < piece.limit):
        return _missed(piece, seen, numbers)
    return _Told(
        verdict=Verdict.INCONCLUSIVE, code=_UNDECIDED, words=f"{piece.name} {seen} may or may not be {_kept(piece)}",
        what=f"{piece.name} may or may not be {_kept(piece)}", found=f"{seen}, on {cost.machine}", numbers=numbers,
        do=f"measure on a machine that does nothing else; or set `{piece.name}` where the answer is clear",
    )  # fmt: skip


def _seen(piece: _Piece, middle: Middle, runs: str) -> str:
    """Some runs may have been too quick to tell their speed: then only how slow it is at most is known."""
    near = _near(piece, middle.value)
    value, low, high = _written(near, middle.value, middle.low, middle.high)
    if isfinite(middle.high):
        return f"{value}{near.unit} ({low} to {high}{near.unit}, {runs})"
    return f"{low}{near.unit} or more ({runs})"


def _near(piece: _Piece, number: float) -> _Piece:
    """Bytes are told in a unit that suits them, whatever the limit is in."""
    if piece.unit not in _UNITS.values() or number >= piece.scale:
        return piece
    scale = next((one for one in _UNITS if number >= one), _MIB)
    return replace(piece, scale=scale, unit=_UNITS[scale])


def _numbers(piece: _Piece, cost: Cost, middle: Middle) -> Evidence:
    ends = {"median": middle.value, "low": middle.low, "high": middle.high}
    return {
        **{name: one if isfinite(one) else str(one) for name, one in ends.items()}, "confidence": middle.confidence,
        "rows": cost.rows, "machine": cost.machine, "limit": piece.limit,
    }  # fmt: skip


def _missed(piece: _Piece, seen: str, numbers: Evidence) -> _Told:
    side = f"beyond {_limit(piece)}" if piece.at_most else f"below {_limit(piece)}"
    return _Told(
        verdict=Verdict.FAIL, code=piece.code, words=f"{piece.name} {seen} is {side}", what=f"{piece.name} is {side}",
        found=seen, do=piece.do, numbers=numbers,
    )  # fmt: skip


def _unmeasured(piece: _Piece, why: Absent) -> _Told:
    """Skipped where it is measured elsewhere; else inconclusive, whatever kept it away."""
    elsewhere = why.verdict is Verdict.SKIPPED
    return _Told(
        verdict=Verdict.SKIPPED if elsewhere else Verdict.INCONCLUSIVE, code=_UNMEASURED,
        words=f"{piece.name} was not measured: {why.why}", what=f"{piece.name} was not measured", found=why.why,
        do=why.do or "see why nothing could be measured",
    )  # fmt: skip


def _kept(piece: _Piece) -> str:
    return f"within {_limit(piece)}" if piece.at_most else f"at least {_limit(piece)}"


def _limit(piece: _Piece) -> str:
    return f"{piece.limit / piece.scale:,.9g}{piece.unit}"


def _rows(cost: Cost) -> str:
    return f"{cost.rows:,} row{'' if cost.rows == 1 else 's'}"


def _written(piece: _Piece, *numbers: float) -> tuple[str, ...]:
    """With as many decimals as it takes until none looks like the limit, or like zero, that is not."""
    least = 0 if piece.whole else 1
    for digits in range(least, _MOST_DIGITS):
        texts = tuple(f"{number / piece.scale:,.{digits}f}" for number in numbers)
        limit = f"{piece.limit / piece.scale:,.{digits}f}"
        pairs = zip(numbers, texts, strict=True)
        if all((text == limit) == (number == piece.limit) and _shows(number, text) for number, text in pairs):
            break
    return texts


def _shows(number: float, text: str) -> bool:
    return number == 0 or any(digit in "123456789inf" for digit in text)


def _verdict(case: BudgetCase, piece: _Piece, told: _Told) -> GateVerdict:
    warns = case.budget.mode is GateMode.WARN
    loud = f" [{DOES_NOT_BLOCK}]" if warns and told.verdict is not Verdict.PASS else ""
    return GateVerdict(
        model=case.model, gate=f"budget-{piece.name}", verdict=told.verdict, words=f"{told.words}{loud}",
        blocks=not warns, judged=case.judged, evidence=_evidence(case, piece, told),
        findings=() if told.verdict is Verdict.PASS else (_finding(case, piece, told, loud),),
    )  # fmt: skip


def _evidence(case: BudgetCase, piece: _Piece, told: _Told) -> Digest:
    """Of the limit, what was measured and the verdict: no measured number, and nothing of the machine."""
    budget = {piece.name: str(piece.limit), "mode": str(case.budget.mode)}
    judged = dict(case.judged)
    return digest_of_json(
        {"budget": budget, "judged": judged, "verdict": str(told.verdict), "tool": __version__}
    )  # fmt: skip


def _finding(case: BudgetCase, piece: _Piece, told: _Told, loud: str) -> Finding:
    asked = ExitCode.PASS if case.budget.mode is GateMode.WARN else _EXITS.get(told.verdict, ExitCode.PASS)
    return Finding(
        code=told.code, subject=f"{case.model}.budget-{piece.name}", what=f"{told.what}{loud}", exit=asked,
        severity=Severity.WARNING if asked is ExitCode.PASS else Severity.ERROR,
        place=case.place_of("models", case.model, "budget", piece.name), found=told.found, expected=_kept(piece),
        do=told.do, reproduce=command_for(case.model), evidence=told.numbers,
    )  # fmt: skip
