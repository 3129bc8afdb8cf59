from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.report.contract import DatasetRow, Report
from mlops_ci.report.junit import render_junit
from tests.unit.report.reports import HOSTILE, a_finding, a_gate, a_report, everything, stages


def parsed(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(render_junit(report))  # noqa: S314 - bytes of our own making


def test_a_suite_is_a_step_and_a_finding_is_a_case() -> None:
    suite = parsed(a_report(judged(StepName.DATA, "1 suite", (a_finding(),), seconds=0.5)))[0]
    assert suite.attrib == {
        "name": "data",
        "time": "0.500",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
    }
    failure = suite[1][0]
    assert (suite[1].attrib["name"], failure.tag) == ("flights: column 'dep_delay' holds text", "failure")
    assert failure.attrib == {"type": "MC-DATA-004", "message": "column 'dep_delay' holds text"}
    assert "  do this   declare na_values" in (failure.text or "")


def test_only_a_fail_is_a_failure_and_what_was_not_judged_never_passes() -> None:
    steps = (
        judged(StepName.MODEL, "x", (a_finding(exit=ExitCode.INCONCLUSIVE), a_finding(exit=ExitCode.SERVICE))),
        unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "no datasets"),
        Step(name=StepName.PIPELINE, verdict=Verdict.INCONCLUSIVE, why="the time limit came"),
    )
    outcomes = [[case[0].tag for case in suite] for suite in parsed(a_report(*steps))]
    assert outcomes == [["system-out", "error", "error"], ["skipped"], ["error"]]


def test_the_stages_are_cases_of_the_pipeline() -> None:
    suite = parsed(a_report(judged(StepName.PIPELINE, "3 stages", ()), stages=stages(2)))[0]
    assert [case.attrib["name"] for case in suite] == ["pipeline", "ingest@0", "ingest@1", "features"]


def test_gates_and_datasets_are_cases_unless_findings_tell_of_them() -> None:
    report = a_report(
        judged(StepName.DATA, "x", ()), judged(StepName.MODEL, "x", ()),
        gates=(a_gate(), a_gate(gate="loss", verdict=Verdict.SKIPPED), a_gate(gate="told", verdict=Verdict.FAIL)),
        datasets=(DatasetRow(name="flights", verdict=Verdict.PASS, rows=1, expectations=2, cached=True),),
    )  # fmt: skip
    cases = [[(case.attrib["name"], case[0].tag, case[0].text) for case in suite] for suite in parsed(report)]
    assert cases == [
        [("data", "system-out", "x"), ("flights", "system-out", "1 row, 2 expectations, from cache")],
        [
            ("model", "system-out", "x"),
            ("delays.auc-floor", "system-out", "roc_auc 0.710 is at least 0.660"),
            ("delays.loss", "skipped", None),
        ],
    ]


def test_values_of_rows_are_not_in_it() -> None:
    assert b"SECRET-ROW-VALUE" not in render_junit(everything())


@settings(max_examples=50)
@given(st.text(min_size=1))
def test_it_is_valid_xml_whatever_the_text(text: str) -> None:
    assert len(parsed(everything(text))) == 5
    assert len(parsed(everything(f"\ufffe{text}\U0001ffff"))) == 5


def test_hostile_text_adds_no_element() -> None:
    names = [element.tag for element in parsed(everything(HOSTILE)).iter()]
    assert names == [element.tag for element in parsed(everything("x")).iter()]
