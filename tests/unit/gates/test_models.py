"""Judging a model: what passes, what never does, and what is said."""

import json
from typing import Any

import pytest

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict, worst_exit
from mlops_ci.gates.values import ModelVerdict
from mlops_ci.models.sources import Absent, Sources
from tests.model_factories import NO_BASE, a_model, judged, metrics

FLOOR = {"floor": {"metric": "roc_auc", "min": 0.75}}
CHAMPION = {"not-worse": {"metric": "roc_auc", "champion": "base"}}
WARNS = {"floor": {"metric": "roc_auc", "min": 0.75, "mode": "warn"}}


def exit_of(verdict: ModelVerdict) -> ExitCode:
    return worst_exit(finding.exit for finding in verdict.findings)


def only(verdict: ModelVerdict) -> Finding:
    (finding,) = verdict.findings
    return finding


def test_a_gate_that_holds_passes_without_a_finding() -> None:
    verdict = judged(a_model(gates=FLOOR), metrics(roc_auc=0.8))
    assert verdict.findings == ()
    assert verdict.judged == 1
    assert [(gate.verdict, gate.words) for gate in verdict.verdicts] == [
        (Verdict.PASS, "roc_auc 0.800 is at least 0.750 (judged on the point)")
    ]


def test_a_missed_gate_tells_where_what_and_how_to_see_it() -> None:
    finding = only(judged(a_model(gates=FLOOR), metrics(roc_auc=0.712)))
    assert (finding.subject, finding.code, finding.exit) == ("delays.floor", "MC-GATE-001", ExitCode.FAIL)
    assert str(finding.place) == "mlops-ci.yaml:4"
    assert (finding.found, finding.expected) == ("0.712", "at least 0.750")
    assert finding.reproduce == "mlops-ci model validate delays"
    assert finding.evidence == {"metric": "roc_auc", "value": 0.712, "source": "metrics.json"}


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    "written",
    ["NaN", "Infinity", "-Infinity", "null", '"0.9"', "true", "1" + "0" * 400, "[]", "[0.9]", '{"value": 0.9}'],
)
@pytest.mark.parametrize("gate", [{"min": 0.0}, {"max": 1.0}, {"champion": "base"}])
def test_a_metric_that_is_no_finite_number_fails(written: str, gate: dict[str, Any]) -> None:
    model = a_model(gates={"floor": {"metric": "roc_auc", **gate}})
    candidate = Sources(metrics=f'{{"roc_auc": {written}}}'.encode())
    if gate == {"champion": "base"}:
        assert judged(model, candidate, base=metrics(roc_auc=0.1)).verdicts[0].verdict is Verdict.FAIL
    verdict = judged(model, candidate)
    assert exit_of(verdict) is ExitCode.FAIL
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.FAIL]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"roc_auc": 0.9, "roc_auc": 0.1}'])
def test_a_metrics_file_that_cannot_be_read_is_exit_2_and_told_once(content: bytes) -> None:
    gates = {"floor": {"metric": "roc_auc", "min": 0.1}, "ceiling": {"metric": "roc_auc", "max": 0.9}}
    verdict = judged(a_model(gates=gates), Sources(metrics=content))
    assert only(verdict).exit is ExitCode.USAGE
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.ERROR, Verdict.ERROR]
    assert verdict.judged == 0


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("absence", "asked", "verdict"),
    [
        (Verdict.FAIL, ExitCode.FAIL, Verdict.FAIL),
        (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (Verdict.SKIPPED, ExitCode.PASS, Verdict.SKIPPED),
    ],
)
def test_a_metrics_file_that_is_not_there_never_passes(absence: Verdict, asked: ExitCode, verdict: Verdict) -> None:
    found = judged(a_model(gates=FLOOR), Sources(metrics=Absent(why="its stage did not run", verdict=absence)))
    assert only(found).exit is asked
    assert "its stage did not run" in only(found).found
    assert [gate.verdict for gate in found.verdicts] == [verdict]


@pytest.mark.parametrize(
    ("now", "then", "verdict"),
    [(0.72, 0.7, Verdict.PASS), (0.69, 0.7, Verdict.PASS), (0.68, 0.7, Verdict.FAIL)],
)
def test_a_champion_is_the_base(now: float, then: float, verdict: Verdict) -> None:
    found = judged(a_model(gates=CHAMPION), metrics(roc_auc=now), base=metrics(roc_auc=then))
    assert [gate.verdict for gate in found.verdicts] == [verdict]


def test_the_direction_of_a_metric_outside_the_table_is_the_gates() -> None:
    gates = {"cost": {"metric": "euros", "champion": "base", "better": "lower", "margin": 5}}
    verdict = judged(a_model(gates=gates), metrics(euros=106), base=metrics(euros=100))
    assert only(verdict).expected == "at most 105.000"
    assert only(verdict).evidence["base"] == 100.0


def test_without_a_base_a_comparison_is_not_applicable_and_says_so_loudly() -> None:
    verdict = judged(a_model(gates=CHAMPION), metrics(roc_auc=0.8), base=NO_BASE)
    finding = only(verdict)
    assert (finding.severity, finding.exit) == (Severity.WARNING, ExitCode.PASS)
    assert "NOT APPLICABLE" in finding.what
    assert "commit dvc.lock or record runs" in finding.do
    assert verdict.judged == 0
    assert verdict.verdicts[0].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    "base",
    [
        Sources(metrics=Absent(why="the remote lacks it", verdict=Verdict.INCONCLUSIVE)),
        Sources(metrics=Absent(why="it ought to be there", verdict=Verdict.FAIL)),
        Sources(metrics=b"{"),
        Sources(metrics=b""),
        Sources(metrics=b'{"roc_auc": NaN}'),
        Sources(metrics=b'{"roc_auc": null}'),
        Sources(metrics=b'{"other": 0.7}'),
    ],
)
def test_a_base_whose_evidence_cannot_be_read_is_inconclusive(base: Sources) -> None:
    verdict = judged(a_model(gates=CHAMPION), metrics(roc_auc=0.8), base=base)
    assert only(verdict).exit is ExitCode.INCONCLUSIVE
    assert verdict.judged == 0


def test_a_bound_beside_a_comparison_is_judged_without_a_base() -> None:
    gates = {"both": {"metric": "roc_auc", "min": 0.75, "champion": "base"}}
    assert judged(a_model(gates=gates), metrics(roc_auc=0.8)).verdicts[0].verdict is Verdict.PASS
    assert judged(a_model(gates=gates), metrics(roc_auc=0.7)).verdicts[0].verdict is Verdict.FAIL


@pytest.mark.parametrize("written", ["0.7", "NaN", "null"])
def test_a_gate_that_warns_does_not_block_and_says_so(written: str) -> None:
    verdict = judged(a_model(gates=WARNS), Sources(metrics=f'{{"roc_auc": {written}}}'.encode()))
    assert (only(verdict).severity, only(verdict).exit) == (Severity.WARNING, ExitCode.PASS)
    assert "DOES NOT BLOCK" in only(verdict).what
    assert (verdict.verdicts[0].verdict, verdict.verdicts[0].blocks) == (Verdict.FAIL, False)
    assert "DOES NOT BLOCK" in verdict.verdicts[0].words


def test_a_file_that_only_warning_gates_read_does_not_block_by_its_absence() -> None:
    verdict = judged(a_model(gates=WARNS), Sources(metrics=Absent(why="no stage wrote it")))
    assert only(verdict).exit is ExitCode.PASS
    assert "DOES NOT BLOCK" in only(verdict).what


def test_a_file_that_cannot_be_read_blocks_whoever_reads_it() -> None:
    assert exit_of(judged(a_model(gates=WARNS), Sources(metrics=b"{"))) is ExitCode.USAGE


def test_a_misconfigured_gate_is_exit_2_and_the_others_are_judged() -> None:
    gates = {"percent": {"metric": "roc_auc", "min": 75}, **FLOOR}
    verdict = judged(a_model(gates=gates), metrics(roc_auc=0.8))
    assert only(verdict).exit is ExitCode.USAGE
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.ERROR, Verdict.PASS]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("written", ["NaN", "Infinity", "1e999"])
def test_a_nan_that_no_gate_reads_fails_too(written: str) -> None:
    verdict = judged(a_model(gates=FLOOR), Sources(metrics=f'{{"roc_auc": 0.8,\n"loss": {written}}}'.encode()))
    finding = only(verdict)
    assert (finding.code, finding.exit, str(finding.place)) == ("MC-MODEL-007", ExitCode.FAIL, "metrics.json:2")


def test_text_that_no_gate_reads_is_a_note() -> None:
    verdict = judged(a_model(), Sources(metrics=b'{"trained": "on Monday", "notes": null, "auc": 0.7}'))
    assert only(verdict).severity is Severity.NOTE
    assert only(verdict).what == "no numbers, so not compared: trained, notes"


def test_every_number_of_the_files_is_listed_at_the_base_and_now() -> None:
    verdict = judged(a_model(), metrics(test={"f1": 0.5}, new=1), base=metrics(test={"f1": 0.4}, old=2))
    assert {(row.name, row.base, row.candidate) for row in verdict.metrics} == {
        ("test.f1", 0.4, 0.5), ("new", None, 1.0), ("old", 2.0, None),
    }  # fmt: skip
    assert verdict.judged == 0


def test_a_model_with_nothing_has_nothing_to_say() -> None:
    assert judged(a_model(metrics=None), Sources()) == ModelVerdict(model="delays")


def test_a_report_is_not_flooded_with_numbers() -> None:
    content = json.dumps({f"m{number}": number for number in range(1000)}).encode()
    verdict = judged(a_model(), Sources(metrics=content))
    assert len(verdict.metrics) == 300
    assert only(verdict).what == "700 more numbers are not listed in the report"
