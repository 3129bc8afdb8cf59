from pathlib import PurePosixPath

import pytest

from mlops_ci.core.findings import Finding, Place, Severity
from mlops_ci.core.records import finding_from_json, finding_to_json
from mlops_ci.core.verdicts import ExitCode

FINDING = Finding(
    code="MC-DATA-020", subject="flights", what="column 'distance' has 3 values below 0",
    exit=ExitCode.FAIL, place=Place(path=PurePosixPath("data/flights/2013-07.csv"), line=12), found="3", expected="0",
    do="mend it", reproduce="mlops-ci data validate x", evidence={"unexpected": 3, "rows": (1, 5), "percent": 0.5},
    rows=({"distance": -3},),
)  # fmt: skip


def test_a_finding_comes_back_as_it_was_but_without_rows() -> None:
    record = finding_to_json(FINDING)
    back = finding_from_json(record)
    assert back.rows == ()
    assert finding_to_json(back) == record
    assert back.place == FINDING.place
    assert back.evidence == FINDING.evidence


def test_row_values_are_in_no_record() -> None:
    assert set(finding_to_json(FINDING)) == {
        "id", "code", "subject", "severity", "exit", "what", "place", "found", "expected", "do", "reproduce",
        "evidence",
    }  # fmt: skip


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_become_null(number: float) -> None:
    finding = Finding(code="X", subject="x", what="x", evidence={"auc": number, "all": (1.0, number)})
    assert finding_to_json(finding)["evidence"] == {"auc": None, "all": [1.0, None]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"exit": 9}, {"exit": True}, {"exit": None}, {"severity": "loud"}, {"severity": "warning"}, {"what": None},
        {"code": 4}, {"place": "here"}, {"place": {"path": "x", "line": 0}}, {"place": {"path": None}},
        {"evidence": []}, {"evidence": {"a": {"b": 1}}},
    ],
)  # fmt: skip
def test_a_record_that_no_finding_could_have_made_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        finding_from_json({**finding_to_json(FINDING), **wrong})


def test_unknown_keys_are_ignored_so_that_a_newer_minor_can_be_read() -> None:
    warning = Finding(code="X", subject="x", what="x", severity=Severity.WARNING, exit=ExitCode.PASS)
    assert finding_from_json({**finding_to_json(warning), "since": "2.0"}) == warning
