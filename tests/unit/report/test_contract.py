import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.core.findings import warning
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.report.contract import json_schema, to_json, told, worst_first
from tests.unit.report.reports import HOSTILE, a_finding, a_report, everything


def valid(record: Any) -> Any:
    written = json.loads(json.dumps(record, allow_nan=False, ensure_ascii=False).encode())
    jsonschema.Draft202012Validator(json_schema()).validate(written)
    return written


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("report", [a_report(), everything(), everything(HOSTILE)], ids=["pass", "all", "hostile"])
def test_reports_fit_the_schema_as_utf_8_with_finite_numbers(report: Any) -> None:
    valid(to_json(report))


@settings(max_examples=30)
@given(st.text(min_size=1))
def test_whatever_the_text_the_report_fits_the_schema(text: str) -> None:
    valid(to_json(everything(text)))


def test_readers_may_meet_keys_that_they_do_not_know() -> None:
    record = valid(to_json(everything()))
    for part in (record, record["steps"][0], record["findings"][0], record["stages"][0], record["gates"][0]):
        part["new-in-1.7"] = {"x": 1}
    valid({**record, "schema": "1.7"})


@pytest.mark.parametrize("broken", [{"schema": "2.0"}, {"verdict": "fine"}, {"seconds": "long"}, {"exit": 6}])
def test_the_schema_refuses_what_is_no_report(broken: dict[str, Any]) -> None:
    record = json.loads(json.dumps(to_json(a_report())))
    with pytest.raises(jsonschema.ValidationError):
        valid({**record, **broken})


def test_gates_and_datasets_are_told_and_plots_and_logs_are_not() -> None:
    record = valid(to_json(everything("x")))
    assert record["gates"][1] == {
        "model": "delays", "gate": "auc-floor", "verdict": "skipped", "words": "x", "blocks": False,
        "conditions": [],
    }  # fmt: skip
    assert record["datasets"] == [{"name": "x", "verdict": "pass", "rows": 3, "expectations": 2, "cached": True}]
    assert {"plots", "logs"}.isdisjoint(record)


def test_what_a_stage_took_is_told_and_null_where_it_was_not_measured() -> None:
    first, second = valid(to_json(everything("x")))["stages"]
    assert (first["began"], first["cpu"], first["memory"]) == (0.5, 1.5, 2_500_000)
    assert (second["began"], second["cpu"], second["memory"]) == (1.5, None, None)


def test_a_report_of_an_earlier_version_is_still_a_report() -> None:
    record = valid(to_json(everything()))
    del record["gates"], record["datasets"]
    for stage in record["stages"]:
        del stage["began"], stage["cpu"], stage["memory"]
    valid({**record, "schema": "1.0"})


def test_numbers_that_are_none_become_null() -> None:
    record = valid(to_json(everything("x")))
    assert record["seconds"] is None
    assert record["metrics"][1]["candidate"] is None
    assert record["findings"][2]["evidence"] == {"x": ["x", None]}


def test_ids_are_unique_and_findings_name_their_step() -> None:
    twice = a_finding()
    report = a_report(judged(StepName.DATA, "x", (twice, twice)), judged(StepName.MODEL, "x", (twice,)))
    found = valid(to_json(report))["findings"]
    assert [one["id"] for one in found] == [twice.id, f"{twice.id}-2", f"{twice.id}-3"]
    assert [one["step"] for one in found] == ["data", "data", "model"]


def test_values_of_rows_are_not_in_the_contract() -> None:
    assert "SECRET-ROW-VALUE" not in json.dumps(to_json(everything()))


def test_the_whole_is_as_bad_as_its_worst_step() -> None:
    fail = judged(StepName.DATA, "x", (a_finding(),))
    error = judged(StepName.PIPELINE, "x", (a_finding(exit=ExitCode.SERVICE),))
    skipped = unjudged(StepName.COMPONENTS, Verdict.SKIPPED, "x")
    assert (a_report(fail, skipped).verdict, a_report(fail, skipped).exit) == (Verdict.FAIL, ExitCode.FAIL)
    assert (a_report(fail, error).verdict, a_report(fail, error).exit) == (Verdict.ERROR, ExitCode.SERVICE)


def test_where_nothing_was_judged_there_is_no_pass_and_exit_0() -> None:
    report = a_report(unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "no datasets"))
    assert (report.verdict, report.exit) == (Verdict.NOT_APPLICABLE, ExitCode.PASS)


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR])
def test_a_step_that_did_not_pass_never_ends_in_exit_0(verdict: Verdict) -> None:
    assert a_report(Step(name=StepName.DATA, verdict=verdict, why="no finding says why")).exit is not ExitCode.PASS


@pytest.mark.guarantee("G12")
def test_a_step_with_an_error_never_passes() -> None:
    report = a_report(replace(judged(StepName.DATA, "x", (a_finding(),)), verdict=Verdict.PASS))
    assert report.verdict is Verdict.FAIL


def test_findings_are_ranked_errors_by_their_exit_code_then_warnings() -> None:
    inconclusive, fail = a_finding(exit=ExitCode.INCONCLUSIVE), a_finding(exit=ExitCode.FAIL)
    integrity = a_finding(exit=ExitCode.INTEGRITY)
    report = a_report(judged(StepName.DATA, "x", (warning("MC-X-001", "s", "w"), inconclusive, fail, integrity)))
    ranked = [one.finding.exit for one in worst_first(report)]
    assert ranked == [ExitCode.INTEGRITY, ExitCode.FAIL, ExitCode.INCONCLUSIVE, ExitCode.PASS]
    assert len(told(report)) == 4
