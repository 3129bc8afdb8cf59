"""From a gate's outcomes to its verdict and findings."""

from dataclasses import dataclass
from math import isfinite

from mlops_ci.config.models import Gate, GateMode
from mlops_ci.core.findings import Evidence, Finding, Place, Scalar, Severity
from mlops_ci.core.names import is_name
from mlops_ci.core.verdicts import ExitCode, Verdict, together
from mlops_ci.gates.judge import Case, Outcome, Pair
from mlops_ci.gates.values import GateVerdict
from mlops_ci.models.appraisal import Cell, Compared, Estimated

DOES_NOT_BLOCK = "mode: warn, DOES NOT BLOCK"

_EXITS = {
    Verdict.FAIL: ExitCode.FAIL,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Verdict.ERROR: ExitCode.USAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a finding tells beside the outcome: where, and the numbers that were judged."""

    model: str
    name: str
    gate: Gate
    place: Place | None
    numbers: Evidence

    @property
    def warns(self) -> bool:
        """Whether the gate only warns."""
        return self.gate.mode is GateMode.WARN


def command_for(model: str) -> str:
    """The command that shows the same on a laptop. A model that only dvc.yaml declares is named by its path."""
    return f"mlops-ci model validate {model}" if is_name(model) else "mlops-ci check --only model"


def gate_verdict(told: Told, outcomes: tuple[Outcome, ...]) -> GateVerdict:
    """The verdict of all conditions together, and a finding for each that is no pass."""
    verdict = outcomes[0].verdict if len(outcomes) == 1 else together(outcome.verdict for outcome in outcomes)
    words = "; ".join(outcome.words for outcome in outcomes)
    loud = told.warns and verdict is not Verdict.PASS
    findings = tuple(_finding(told, outcome) for outcome in outcomes if _speaks(outcome))
    return GateVerdict(
        model=told.model, gate=told.name, verdict=verdict, words=f"{words} [{DOES_NOT_BLOCK}]" if loud else words,
        blocks=not told.warns, findings=findings, numbers=told.numbers,
    )  # fmt: skip


def _speaks(outcome: Outcome) -> bool:
    return outcome.verdict is not Verdict.PASS and not outcome.told


def _finding(told: Told, outcome: Outcome) -> Finding:
    exit_code = ExitCode.PASS if told.warns else _EXITS.get(outcome.verdict, ExitCode.PASS)
    return Finding(
        code=outcome.code, subject=f"{told.model}.{told.name}", exit=exit_code,
        severity=Severity.WARNING if exit_code is ExitCode.PASS else Severity.ERROR,
        what=f"{outcome.what} [{DOES_NOT_BLOCK}]" if told.warns else outcome.what,
        place=told.place, found=outcome.found, expected=outcome.expected, do=outcome.do,
        reproduce=command_for(told.model), evidence=told.numbers,
    )  # fmt: skip


def point_numbers(case: Case) -> Evidence:
    """What a gate on the point was judged by."""
    pair = case.comparison
    numbers: dict[str, Scalar] = {
        "metric": case.gate.metric,
        "value": _number(case.candidate) if isinstance(case.candidate, float) else None,
    }
    if isinstance(pair, Pair):
        numbers |= {"base": _number(pair.base), "compared": _number(pair.candidate), "margin": case.margin}
    return numbers


def interval_numbers(gate: Gate, cell: Cell, margin: float | None) -> Evidence:
    """What a gate on the interval was judged by, over all rows."""
    numbers: dict[str, Scalar] = {"metric": gate.metric, "rows": cell.rows, "confidence": gate.confidence}
    if cell.groups is not None:
        numbers["groups"] = cell.groups
    if isinstance(cell.estimated, Estimated):
        one = cell.estimated
        numbers |= {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}
        numbers["method"] = one.method
    if isinstance(cell.compared, Compared):
        two = cell.compared
        numbers |= {
            "base": None if two.champion is None else _number(two.champion), "difference": _number(two.difference),
            "difference-low": _number(two.low), "difference-high": _number(two.high), "margin": margin,
            "compared-by": two.method,
        }  # fmt: skip
        if two.trainings:
            numbers["seeds"] = len(two.trainings)
    return numbers


def _number(value: float) -> Scalar:
    return value if isfinite(value) else str(value)
