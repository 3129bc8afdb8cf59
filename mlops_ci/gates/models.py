"""Judging one model: its gates, its numbers, and what is wrong with the files that they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlops_ci import __version__
from mlops_ci.config.models import Gate, GateMode, Judge, Model
from mlops_ci.core.champions import BASE
from mlops_ci.core.findings import Evidence, Finding, Scalar, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.appraised import Files, appraisal_of, champion_of, on_intervals
from mlops_ci.gates.drawing import drawn_of
from mlops_ci.gates.evidence import evidence_of, judged_by
from mlops_ci.gates.intervals import IntervalCase, judge_intervals
from mlops_ci.gates.judge import Case, Lack, Pair, judge, lacking
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
from mlops_ci.gates.rules import (
    PlaceOf,
    better_of,
    computed_from_predictions,
    judge_of,
    margin_of,
    problems_of_gates,
    slice_margin_of,
)
from mlops_ci.gates.telling import Told, command_for, gate_verdict, interval_numbers, point_numbers
from mlops_ci.gates.values import GateVerdict, ModelVerdict
from mlops_ci.models.appraisal import ALL, Appraisal, Beside, Compared, Unaligned
from mlops_ci.models.computed import Computed
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.sources import PredictionsFile


def judge_model(name: str, model: Model, files: Files, *, place_of: PlaceOf, store: MetricStore) -> ModelVerdict:
    """Judge every gate of a model, and list its numbers at the base and now.

    What the files hold is judged, never raised. The caller vouches for champions' bytes: they are what a lock or run
    record holds. Raises ServiceError when something must be computed and the extra `models` is missing.
    """
    wrong = problems_of_gates(name, model, place_of)
    sound = {gate_name: gate for gate_name, gate in model.gates.items() if gate_name not in wrong}
    wanted = wanted_of(model, sound)
    now = measure_candidate(name, model, files.candidate, wanted=wanted, place_of=place_of, store=store)
    intervals = on_intervals(model, sound)
    # Gates on the interval ask the tables themselves.
    asked = {BASE, *(gate.champion for gate_name, gate in sound.items() if gate_name not in intervals)}
    then = {
        ref: measure_base(model, one, wanted=wanted, store=store)
        for ref, one in files.champions.items() if ref in asked
    }  # fmt: skip
    appraisal = appraisal_of(model, intervals, files, now, store) if intervals else None
    judging = _Judging(
        name=name, model=model, now=now, then=then, files=files, appraisal=appraisal, place_of=place_of,
    )  # fmt: skip
    verdicts = tuple(
        _misconfigured(name, gate_name, wrong[gate_name]) if gate_name in wrong else _judged(judging, gate_name)
        for gate_name in model.gates
    )
    numbers, cut = metric_rows(name, model, now, then[BASE])
    return ModelVerdict(
        model=name, verdicts=verdicts, metrics=numbers, computed=judging.computed(from_store=False),
        stored=judging.computed(from_store=True), sights=appraisal.sights if isinstance(appraisal, Appraisal) else {},
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
    then: Mapping[str, Measured]
    files: Files
    appraisal: Appraisal | Lack | None
    place_of: PlaceOf

    def computed(self, *, from_store: bool) -> bool:
        """Whether anything was computed just now, or taken from the store."""
        found = [one.computed for one in (self.now, *self.then.values())]
        answers = [one for one in (*found, self.appraisal) if isinstance(one, Computed | Appraisal)]
        return any(one.from_store is from_store for one in answers)


def _judged(judging: _Judging, gate_name: str) -> GateVerdict:
    gate = judging.model.gates[gate_name]
    judged = _on_interval if judge_of(gate, judging.model) is Judge.INTERVAL else _on_point
    return _with_evidence(judging, gate_name, judged(judging, gate_name))


def _on_point(judging: _Judging, gate_name: str) -> GateVerdict:
    model, gate = judging.model, judging.model.gates[gate_name]
    compared = comparison(gate, model, judging.now, judging.then[gate.champion]) if gate.champion else None
    case = Case(
        gate=gate, candidate=candidate_number(gate, model, judging.now), comparison=compared,
        better=better_of(gate), margin=margin_of(gate),
    )  # fmt: skip
    source = _source(model, gate, compared)
    return gate_verdict(_told(judging, gate_name, {**point_numbers(case), **source}), judge(case))


def _on_interval(judging: _Judging, gate_name: str) -> GateVerdict:
    model, gate, appraisal = judging.model, judging.model.gates[gate_name], judging.appraisal
    if not isinstance(appraisal, Appraisal):
        lack = appraisal or Lack(what="nothing was asked", verdict=Verdict.INCONCLUSIVE)
        unknown: Evidence = {"metric": gate.metric, **_source(model, gate, None)}
        return gate_verdict(_told(judging, gate_name, unknown), (lacking(gate.metric, lack),))
    cells = appraisal.cells[gate_name]
    case = IntervalCase(
        gate=gate, cells=cells, better=better_of(gate), margin=margin_of(gate), slice_margin=slice_margin_of(gate),
        beside=_beside(gate, judging.files, appraisal), days=appraisal.days, seconds=judging.files.candidate.seconds,
        required=model.predictions.required_slices if model.predictions else frozenset(),
    )  # fmt: skip
    judged = judge_intervals(case)
    numbers: Evidence = {**interval_numbers(gate, cells[ALL], case.margin), **_source(model, gate, None)}
    outcomes = tuple(outcome for one in judged for outcome in one.outcomes)
    verdict = gate_verdict(_told(judging, gate_name, numbers), outcomes)
    return replace(verdict, drawn=drawn_of(case, judged))


def _beside(gate: Gate, files: Files, appraisal: Appraisal) -> Beside | Unaligned | Lack | None:
    if gate.champion is None:
        return None
    champion = champion_of(gate, files)
    return champion if isinstance(champion, Lack) else appraisal.beside[gate.champion]


def _told(judging: _Judging, gate_name: str, numbers: Evidence) -> Told:
    gate = judging.model.gates[gate_name]
    more: dict[str, Scalar] = {}
    if computed_from_predictions(gate, judging.model) and isinstance(judging.now.computed, Computed):
        more["rows"] = judging.now.computed.rows
    file = judging.files.candidate.predictions
    if computed_from_predictions(gate, judging.model) and isinstance(file, PredictionsFile):
        more["predictions"] = str(file.digest)
    return Told(
        model=judging.name, name=gate_name, gate=gate, numbers={**numbers, **more},
        place=judging.place_of("models", judging.name, "gates", gate_name),
    )  # fmt: skip


def _with_evidence(judging: _Judging, gate_name: str, verdict: GateVerdict) -> GateVerdict:
    gate = judging.model.gates[gate_name]
    table = computed_from_predictions(gate, judging.model)
    champion = judging.files.champions.get(gate.champion) if gate.champion else None
    judged = {
        **judged_by(
            gate,
            table=table,
            file=not table or _compared_by_file(judging, gate),
            candidate=judging.files.candidate,
            champion=champion,
        ),
        **_trainings(judging, gate_name),
    }
    evidence = evidence_of(judging.model, gate, judged, verdict.verdict, tool=__version__)
    return replace(verdict, judged=judged, evidence=evidence)


def _compared_by_file(judging: _Judging, gate: Gate) -> bool:
    """Whether both numbers of a comparison come from metrics files, since the champion has no predictions."""
    if gate.champion is None or judge_of(gate, judging.model) is Judge.INTERVAL:
        return False
    compared = comparison(gate, judging.model, judging.now, judging.then[gate.champion])
    return isinstance(compared, Pair) and bool(compared.aside)


def _trainings(judging: _Judging, gate_name: str) -> Mapping[str, str]:
    """The tables of trainings with other seeds, which a comparison over the noise of training rests on too."""
    if judging.model.gates[gate_name].seeds is None or not isinstance(judging.appraisal, Appraisal):
        return {}
    compared = judging.appraisal.cells[gate_name][ALL].compared
    trainings = compared.trainings if isinstance(compared, Compared) else ()
    return {f"training {one.seed}": one.predictions for one in trainings}


def _misconfigured(name: str, gate_name: str, findings: tuple[Finding, ...]) -> GateVerdict:
    words = "not judged: " + "; ".join(finding.what for finding in findings)
    return GateVerdict(model=name, gate=gate_name, verdict=Verdict.ERROR, words=words, findings=findings)


def _source(model: Model, gate: Gate, compared: object) -> dict[str, Scalar]:
    if computed_from_predictions(gate, model) and model.predictions is not None:
        source = str(model.predictions.path)
        aside = compared.aside if isinstance(compared, Pair) else ""
        return {"source": f"{source}; {aside}" if aside else source}
    return {"source": str(model.metrics)}


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
