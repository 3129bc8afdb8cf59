"""From files to numbers: what a model's metrics file and predictions say now, and what they said at the base."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.config.models import Gate, Model
from mlops_ci.core.findings import Finding, Place, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.errors import UsageError
from mlops_ci.gates.judge import Lack, Pair
from mlops_ci.gates.rules import PlaceOf, computed_from_predictions, slices_of
from mlops_ci.models.computed import Cell, Computed, Wanted
from mlops_ci.models.evidence import MetricStore, evidence
from mlops_ci.models.metrics_file import MetricsFile, NoNumber, number_of, read_metrics
from mlops_ci.models.sources import Absent, Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one revision says, as far as anything asks for it. `findings`: what is wrong with its files."""

    file: MetricsFile | Lack
    computed: Computed | Lack
    file_findings: tuple[Finding, ...] = ()
    computed_findings: tuple[Finding, ...] = ()


NOTHING = Lack(what="none is declared", verdict=Verdict.NOT_APPLICABLE)


def wanted_of(model: Model, gates: dict[str, Gate]) -> Wanted | None:
    """What has to be computed from predictions for these gates, None if nothing."""
    if model.predictions is None:
        return None
    metrics: dict[str, tuple[tuple[str, ...], ...]] = {}
    for gate in gates.values():
        if computed_from_predictions(gate, model):
            columns = {*metrics.get(gate.metric, ()), *slices_of(gate, model)}
            metrics[gate.metric] = tuple(sorted(columns))
    return Wanted(settings=model.predictions, metrics=metrics) if metrics else None


def measure_candidate(
    name: str, model: Model, sources: Sources, *, wanted: Wanted | None, place_of: PlaceOf, store: MetricStore
) -> Measured:  # fmt: skip
    """The candidate's numbers. What is wrong with its files becomes findings, and a Lack that says so."""
    place = place_of("models", name, "metrics")
    file, file_findings = _file(name, model.metrics, sources.metrics, place)
    if wanted is None:
        return Measured(file=file, file_findings=file_findings, computed=NOTHING)
    place = place_of("models", name, "predictions")
    computed, findings = _computed(name, wanted, sources, place=place, store=store)
    return Measured(file=file, file_findings=file_findings, computed=computed, computed_findings=findings)


def measure_base(model: Model, sources: Sources, *, wanted: Wanted | None, store: MetricStore) -> Measured:
    """The base's numbers. Bad evidence there is a Lack that makes comparisons inconclusive; nobody else hears of it."""
    file, findings = _file("base", model.metrics, sources.metrics, None)
    if isinstance(file, Lack):
        file = _at_base(file, findings)
    if wanted is None:
        return Measured(file=file, computed=NOTHING)
    computed, findings = _computed("base", wanted, sources, place=None, store=store)
    return Measured(file=file, computed=_at_base(computed, findings) if isinstance(computed, Lack) else computed)


def candidate_number(gate: Gate, model: Model, measured: Measured) -> float | Lack:
    """The number that a gate judges."""
    if computed_from_predictions(gate, model):
        return _of_computed(gate.metric, measured.computed)
    return _of_file(gate.metric, measured.file)


def comparison(gate: Gate, model: Model, candidate: Measured, base: Measured) -> Pair | Lack:
    """Candidate and base for a gate with a champion, both from the same kind of source."""
    if not computed_from_predictions(gate, model):
        return _pair(_of_file(gate.metric, candidate.file), _of_file(gate.metric, base.file))
    if isinstance(base.computed, Lack) and not base.computed.broken:
        pair = _pair(_of_file(gate.metric, candidate.file), _of_file(gate.metric, base.file))
        if isinstance(pair, Pair):
            aside = (
                f"both numbers from {model.metrics}, since the base's predictions are not there: {base.computed.what}"
            )
            return Pair(candidate=pair.candidate, base=pair.base, aside=aside)
    return _pair(_of_computed(gate.metric, candidate.computed), _of_computed(gate.metric, base.computed))


def _pair(candidate: float | Lack, base: float | Lack) -> Pair | Lack:
    if isinstance(candidate, Lack):
        return candidate
    if isinstance(base, float):
        return Pair(candidate=candidate, base=base)
    if base.verdict is not Verdict.FAIL:
        return base
    # Whatever is wrong with the base's number, the candidate did not fail by it.
    do = "let one change mend or add the metric, the next one compare it; or set `mode: warn` meanwhile"
    return Lack(what=f"at the base, {base.what}", found=base.found, verdict=Verdict.INCONCLUSIVE, do=do)


def _of_file(metric: str, file: MetricsFile | Lack) -> float | Lack:
    if isinstance(file, Lack):
        return file
    number = number_of(file, metric)
    if isinstance(number, NoNumber):
        return Lack(what=number.what, verdict=Verdict.FAIL, found=number.found, expected=number.expected, do=number.do)
    return number


def _of_computed(metric: str, computed: Computed | Lack) -> float | Lack:
    if isinstance(computed, Lack):
        return computed
    cell = Cell(metric=metric)
    if cell in computed.values:
        return computed.values[cell]
    return Lack(
        what=f"{metric} can't be computed from the predictions", verdict=Verdict.FAIL, found=computed.undefined[cell],
        expected="predictions on which the metric has a value", do="mend the predictions, or judge by another metric",
    )  # fmt: skip


def _file(
    name: str, path: PurePosixPath | None, content: bytes | Absent, place: Place | None
) -> tuple[MetricsFile | Lack, tuple[Finding, ...]]:  # fmt: skip
    if path is None:
        return NOTHING, ()
    if isinstance(content, Absent):
        return _absent(content), (_absence("MC-MODEL-009", name, str(path), content, place),)
    try:
        return read_metrics(content, path), ()
    except UsageError as error:
        return Lack(what=f"{path} can't be read", verdict=Verdict.ERROR, told=True, broken=True), error.findings


def _computed(
    name: str, wanted: Wanted, sources: Sources, *, place: Place | None, store: MetricStore
) -> tuple[Computed | Lack, tuple[Finding, ...]]:  # fmt: skip
    path = str(wanted.settings.path)
    file = sources.predictions
    answer = file if isinstance(file, Absent) else evidence(file, wanted, store)
    if isinstance(answer, Computed):
        return answer, ()
    if isinstance(answer, Absent):
        return _absent(answer), (_absence("MC-MODEL-010", name, path, answer, place),)
    findings = tuple(problem.finding(name, path, place) for problem in answer)
    unreadable = any(finding.exit is ExitCode.USAGE for finding in findings)
    verdict = Verdict.ERROR if unreadable else Verdict.FAIL
    return Lack(what=f"{path} is no evidence", verdict=verdict, told=True, broken=True), findings


def _absent(absent: Absent) -> Lack:
    return Lack(what=absent.why, verdict=absent.verdict, do=absent.do, told=True)


def _absence(code: str, name: str, path: str, absent: Absent, place: Place | None) -> Finding:
    exits = {Verdict.FAIL: ExitCode.FAIL, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}
    asked = exits.get(absent.verdict, ExitCode.PASS)
    return Finding(
        code=code, subject=name, what=f"{path} is not there", exit=asked, place=place, found=absent.why,
        severity=Severity.NOTE if asked is ExitCode.PASS else Severity.ERROR, expected=path,
        do=absent.do or "run the stage that writes it, or name another file in mlops-ci.yaml",
    )  # fmt: skip


def _at_base(lack: Lack, findings: tuple[Finding, ...]) -> Lack:
    """At the base, evidence that is there but bad, and evidence that ought to be there, can't decide anything."""
    if lack.verdict is Verdict.NOT_APPLICABLE:
        return Lack(what=lack.what, verdict=lack.verdict, do=lack.do)
    what = "; ".join(finding.what for finding in findings) if lack.broken else lack.what
    found = "; ".join(finding.found for finding in findings if finding.found) if lack.broken else lack.found
    return Lack(what=what, found=found, verdict=Verdict.INCONCLUSIVE, do=lack.do, broken=lack.broken)
