"""From a gate's outcomes to its verdict and findings."""

from dataclasses import dataclass
from math import isfinite

from mlops_ci.config.models import GateMode
from mlops_ci.core.findings import Evidence, Finding, Place, Scalar, Severity
from mlops_ci.core.names import is_name
from mlops_ci.core.verdicts import ExitCode, Verdict, together
from mlops_ci.gates.judge import Case, Outcome, Pair
from mlops_ci.gates.values import GateVerdict

DOES_NOT_BLOCK = "mode: warn, DOES NOT BLOCK"

_EXITS = {
    Verdict.FAIL: ExitCode.FAIL,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Verdict.ERROR: ExitCode.USAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a finding tells beside the outcome. `rows` and `digest` are those of the predictions that were read."""

    model: str
    gate: str
    case: Case
    place: Place | None
    source: str
    rows: int | None = None
    digest: str | None = None

    @property
    def warns(self) -> bool:
        """Whether the gate only warns."""
        return self.case.gate.mode is GateMode.WARN


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
        model=told.model, gate=told.gate, verdict=verdict, words=f"{words} [{DOES_NOT_BLOCK}]" if loud else words,
        blocks=not told.warns, findings=findings,
    )  # fmt: skip


def _speaks(outcome: Outcome) -> bool:
    return outcome.verdict is not Verdict.PASS and not outcome.told


def _finding(told: Told, outcome: Outcome) -> Finding:
    exit_code = ExitCode.PASS if told.warns else _EXITS.get(outcome.verdict, ExitCode.PASS)
    return Finding(
        code=outcome.code, subject=f"{told.model}.{told.gate}", exit=exit_code,
        severity=Severity.WARNING if exit_code is ExitCode.PASS else Severity.ERROR,
        what=f"{outcome.what} [{DOES_NOT_BLOCK}]" if told.warns else outcome.what,
        place=told.place, found=outcome.found, expected=outcome.expected, do=outcome.do,
        reproduce=command_for(told.model), evidence=_evidence(told),
    )  # fmt: skip


def _evidence(told: Told) -> Evidence:
    case, pair = told.case, told.case.comparison
    evidence: dict[str, Scalar] = {
        "metric": case.gate.metric,
        "value": _number(case.candidate) if isinstance(case.candidate, float) else None,
        "source": told.source,
    }
    if isinstance(pair, Pair):
        evidence |= {"base": _number(pair.base), "compared": _number(pair.candidate), "margin": case.margin}
    if told.rows is not None:
        evidence["rows"] = told.rows
    if told.digest is not None:
        evidence["predictions"] = told.digest
    return evidence


def _number(value: float) -> Scalar:
    return value if isfinite(value) else str(value)
