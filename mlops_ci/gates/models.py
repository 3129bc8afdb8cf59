"""Judging one model: its gates, its numbers, and what is wrong with the files that they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlops_ci import __version__
from mlops_ci.config.models import Gate, GateMode, Model
from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.evidence import evidence_of, judged_by
from mlops_ci.gates.judge import Case, Pair, judge
from mlops_ci.gates.measuring import (
    Measured,
    candidate_number,
    comparison,
    measure_base,
    measure_candidate,
    wanted_of,
)
from mlops_ci.gates.plain_numbers import findings_on_numbers
from mlops_ci.gates.rows import metric_rows
from mlops_ci.gates.rules import PlaceOf, better_of, computed_from_predictions, margin_of, problems_of_gates
from mlops_ci.gates.telling import Told, command_for, gate_verdict
from mlops_ci.gates.values import GateVerdict, ModelVerdict
from mlops_ci.models.computed import Computed
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.sources import PredictionsFile, Sources


def judge_model(
    name: str, model: Model, *, candidate: Sources, base: Sources, place_of: PlaceOf, store: MetricStore
) -> ModelVerdict:  # fmt: skip
    """Judge every gate of a model on the point, and list its numbers at the base and now.

    What the files hold is judged, never raised. The caller vouches for the base's bytes: they are what the base's
    lock or run record holds. Raises ServiceError when metrics must be computed and the extra `models` is missing.
    """
    wrong = problems_of_gates(name, model, place_of)
    sound = {gate_name: gate for gate_name, gate in model.gates.items() if gate_name not in wrong}
    wanted = wanted_of(model, sound)
    now = measure_candidate(name, model, candidate, wanted=wanted, place_of=place_of, store=store)
    then = measure_base(model, base, wanted=wanted, store=store)
    judging = _Judging(
        name=name, model=model, now=now, then=then, candidate=candidate, base=base, place_of=place_of,
    )  # fmt: skip
    verdicts = tuple(
        _misconfigured(name, gate_name, wrong[gate_name]) if gate_name in wrong else _judged(judging, gate_name)
        for gate_name in model.gates
    )
    numbers, cut = metric_rows(name, model, now, then)
    return ModelVerdict(
        model=name, verdicts=verdicts, metrics=numbers, computed=_computed(now, then, from_store=False),
        stored=_computed(now, then, from_store=True),
        findings=(
            *_on_files(name, model, sound, now), *findings_on_numbers(name, model, sound, now), *cut,
            *(finding for verdict in verdicts for finding in verdict.findings),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judging:
    name: str
    model: Model
    now: Measured
    then: Measured
    candidate: Sources
    base: Sources
    place_of: PlaceOf


def _judged(judging: _Judging, gate_name: str) -> GateVerdict:
    model, gate = judging.model, judging.model.gates[gate_name]
    compared = comparison(gate, model, judging.now, judging.then) if gate.champion else None
    case = Case(
        gate=gate, candidate=candidate_number(gate, model, judging.now), comparison=compared,
        better=better_of(gate), margin=margin_of(gate),
    )  # fmt: skip
    told = Told(
        model=judging.name, gate=gate_name, case=case, rows=_rows(judging, gate), source=_source(model, gate, compared),
        digest=_digest(judging.candidate, model, gate),
        place=judging.place_of("models", judging.name, "gates", gate_name),
    )  # fmt: skip
    return _with_evidence(judging, gate, gate_verdict(told, judge(case)))


def _with_evidence(judging: _Judging, gate: Gate, verdict: GateVerdict) -> GateVerdict:
    table = computed_from_predictions(gate, judging.model)
    judged = judged_by(gate, table=table, candidate=judging.candidate, base=judging.base)
    return replace(verdict, judged=judged, evidence=evidence_of(gate, judged, verdict.verdict, tool=__version__))


def _misconfigured(name: str, gate_name: str, findings: tuple[Finding, ...]) -> GateVerdict:
    words = "not judged: " + "; ".join(finding.what for finding in findings)
    return GateVerdict(model=name, gate=gate_name, verdict=Verdict.ERROR, words=words, findings=findings)


def _rows(judging: _Judging, gate: Gate) -> int | None:
    computed = judging.now.computed
    if not computed_from_predictions(gate, judging.model) or not isinstance(computed, Computed):
        return None
    return computed.rows


def _source(model: Model, gate: Gate, compared: object) -> str:
    if computed_from_predictions(gate, model) and model.predictions is not None:
        source = str(model.predictions.path)
        return f"{source}; {compared.aside}" if isinstance(compared, Pair) and compared.aside else source
    return str(model.metrics)


def _digest(candidate: Sources, model: Model, gate: Gate) -> str | None:
    file = candidate.predictions
    read = computed_from_predictions(gate, model) and isinstance(file, PredictionsFile)
    return str(file.digest) if read and isinstance(file, PredictionsFile) else None


def _computed(*sides: Measured, from_store: bool) -> bool:
    return any(isinstance(side.computed, Computed) and side.computed.from_store is from_store for side in sides)


def _on_files(name: str, model: Model, gates: Mapping[str, Gate], now: Measured) -> Sequence[Finding]:
    """What is wrong with the candidate's files: as loud as the loudest gate that reads them."""
    from_table = [gate for gate in gates.values() if computed_from_predictions(gate, model)]
    from_file = [gate for gate in gates.values() if not computed_from_predictions(gate, model)]
    findings = (*_as_loud_as(from_file, now.file_findings), *_as_loud_as(from_table, now.computed_findings))
    return [replace(finding, reproduce=command_for(name)) for finding in findings]


def _as_loud_as(gates: Sequence[Gate], findings: Sequence[Finding]) -> Sequence[Finding]:
    if not gates or any(gate.mode is GateMode.BLOCK for gate in gates):
        return findings
    return [_quieter(finding) for finding in findings]


def _quieter(finding: Finding) -> Finding:
    """Bad evidence that only warning gates read does not block either; a file that can't be read at all does."""
    if finding.exit not in (ExitCode.FAIL, ExitCode.INCONCLUSIVE):
        return finding
    what = f"{finding.what} (read only by gates with `mode: warn`: DOES NOT BLOCK)"
    return replace(finding, what=what, severity=Severity.WARNING, exit=ExitCode.PASS)
