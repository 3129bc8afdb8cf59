"""Where a number comes from: the predictions where they exist, else the metrics file, and both sides the same."""

import json
from pathlib import Path

import pytest

from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.verdicts import ExitCode, Verdict, worst_exit
from mlops_ci.gates.values import GateVerdict, ModelVerdict
from mlops_ci.models.sources import Absent, PredictionsFile, Sources
from tests.doubles.metric_store import AnsweringStore
from tests.model_factories import PREDICTIONS, a_model, judged

FLOOR = {"floor": {"metric": "roc_auc", "min": 0.75}}
CHAMPION = {"not-worse": {"metric": "roc_auc", "champion": "base"}}


def never() -> Path | Absent:
    raise AssertionError("the predictions were fetched, though their metrics are known")


FILE = PredictionsFile(digest=digest_of_bytes(b"predictions"), fetch=never)


def known(**values: float | str) -> AnsweringStore:
    """A store that knows these metrics of every table; a text is why a metric is undefined."""
    facts: dict[str, int | float | str] = {"rows": 100}
    for name, value in values.items():
        facts[json.dumps(["undefined" if isinstance(value, str) else "value", name, None])] = value
    return AnsweringStore(facts)


def exit_of(verdict: ModelVerdict) -> ExitCode:
    return worst_exit(finding.exit for finding in verdict.findings)


def only(verdict: ModelVerdict) -> Finding:
    (finding,) = verdict.findings
    return finding


def test_metrics_of_predictions_come_before_those_of_the_file() -> None:
    model = a_model(gates=FLOOR, predictions=PREDICTIONS)
    candidate = Sources(metrics=b'{"roc_auc": 0.99, "loss": 0.5}', predictions=FILE)
    verdict = judged(model, candidate, store=known(roc_auc=0.7))
    assert verdict.verdicts[0].verdict is Verdict.FAIL
    assert [(row.name, row.candidate) for row in verdict.metrics] == [("roc_auc", 0.7), ("loss", 0.5)]
    disagreement, missed = verdict.findings
    assert disagreement.severity is Severity.NOTE
    assert missed.evidence == {
        "metric": "roc_auc", "value": 0.7, "source": "predictions.csv", "rows": 100, "predictions": str(FILE.digest),
    }  # fmt: skip


def test_a_rounded_number_in_the_file_does_not_disagree() -> None:
    model = a_model(gates=FLOOR, predictions=PREDICTIONS)
    candidate = Sources(metrics=b'{"roc_auc": 0.81}', predictions=FILE)
    assert judged(model, candidate, store=known(roc_auc=0.8123)).findings == ()


@pytest.mark.guarantee("G12")
def test_an_undefined_metric_fails_with_its_reason() -> None:
    model = a_model(gates=FLOOR, predictions=PREDICTIONS)
    store = known(roc_auc="the truth holds a single class in 3 rows")
    finding = only(judged(model, Sources(metrics=b'{"roc_auc": 0.9}', predictions=FILE), store=store))
    assert (finding.code, finding.exit) == ("MC-GATE-004", ExitCode.FAIL)
    assert finding.found == "the truth holds a single class in 3 rows"


@pytest.mark.guarantee("G12")
def test_absent_predictions_are_not_replaced_by_the_metrics_file() -> None:
    model = a_model(gates=FLOOR, predictions=PREDICTIONS)
    candidate = Sources(metrics=b'{"roc_auc": 0.9}', predictions=Absent(why="no stage wrote them"))
    verdict = judged(model, candidate)
    assert exit_of(verdict) is ExitCode.FAIL
    assert verdict.verdicts[0].verdict is Verdict.FAIL


@pytest.mark.parametrize("absence", [Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE])
def test_without_the_bases_predictions_the_two_metrics_files_are_compared_and_it_says_so(absence: Verdict) -> None:
    model = a_model(gates=CHAMPION, predictions=PREDICTIONS)
    candidate = Sources(metrics=b'{"roc_auc": 0.6}', predictions=FILE)
    base = Sources(metrics=b'{"roc_auc": 0.7}', predictions=Absent(why="the remote lacks them", verdict=absence))
    verdict = judged(model, candidate, base=base, store=known(roc_auc=0.6))
    assert verdict.verdicts[0].verdict is Verdict.FAIL
    assert "both numbers from metrics.json" in verdict.verdicts[0].words
    assert "the remote lacks them" in only(verdict).found
    assert "both numbers from metrics.json" in str(only(verdict).evidence["source"])


def test_the_evidence_of_two_metrics_files_that_are_compared_names_them() -> None:
    absent = Absent(why="the base never had them", verdict=Verdict.NOT_APPLICABLE)
    base = Sources(metrics=b'{"roc_auc": 0.7}', predictions=absent)

    def found(metrics: bytes) -> GateVerdict:
        candidate = Sources(metrics=metrics, predictions=FILE)
        model = a_model(gates=CHAMPION, predictions=PREDICTIONS)
        return judged(model, candidate, base=base, store=known(roc_auc=0.8)).verdicts[0]

    same, again, other = map(found, (b'{"roc_auc": 0.7}', b'{"roc_auc": 0.7}', b'{"roc_auc": 0.6999}'))
    assert set(same.judged) == {"predictions", "metrics", "base metrics"}
    assert same.verdict is other.verdict is Verdict.PASS
    assert same.evidence == again.evidence != other.evidence


def test_numbers_from_different_sources_are_never_compared() -> None:
    model = a_model(gates=CHAMPION, predictions=PREDICTIONS)
    absent = Absent(why="the remote lacks them", verdict=Verdict.INCONCLUSIVE)
    for candidate_file, base_file in ((b'{"roc_auc": 0.9}', b"{}"), (b"{}", b'{"roc_auc": 0.1}')):
        candidate = Sources(metrics=candidate_file, predictions=FILE)
        base = Sources(metrics=base_file, predictions=absent)
        verdict = judged(model, candidate, base=base, store=known(roc_auc=0.9))
        assert exit_of(verdict) is ExitCode.INCONCLUSIVE


def test_predictions_that_no_gate_reads_are_not_fetched() -> None:
    verdict = judged(a_model(predictions=PREDICTIONS), Sources(metrics=b"{}", predictions=FILE))
    assert verdict.findings == ()


def test_stored_facts_that_do_not_answer_are_not_believed() -> None:
    model = a_model(gates=FLOOR, predictions=PREDICTIONS)
    with pytest.raises(AssertionError, match="fetched"):
        judged(model, Sources(metrics=b"{}", predictions=FILE), store=known(accuracy=0.9))
