from typing import Any

import pytest

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.outcomes import Asked, OddRow, Outcome, finding_of, invalid, missing_column, text_among_numbers


def asked(kind: str = "expect_column_values_to_be_between", severity: str = "critical", **kwargs: Any) -> Asked:
    return Asked(
        dataset="flights", suite="suites/flights.json", number=2, line=7, type=kind, severity=severity,
        kwargs=kwargs or {"column": "distance", "min_value": 0},
    )  # fmt: skip


def found(each: Asked, **outcome: Any) -> Finding:
    finding = finding_of(each, Outcome(**{"success": False, "result": {}, **outcome}))
    assert finding is not None
    return finding


NEGATIVE = {"element_count": 10, "missing_count": 1, "unexpected_count": 3}
ROWS = [OddRow(file="data/2013-07.csv", row=4, line=5, values={"distance": -3.25, "flight_id": "x17"})]


def test_unexpected_values_are_told_in_words_with_file_and_row() -> None:
    finding = found(asked(), result=NEGATIVE, rows=ROWS)
    assert finding.what == "column 'distance' has 3 values below 0 of 9"
    assert str(finding.place) == "data/2013-07.csv:5"
    assert finding.found == "3 of 9, in 2013-07.csv row 4"
    assert finding.evidence["percent"] == 33.3333
    assert (finding.evidence["files"], finding.evidence["rows"]) == (("data/2013-07.csv",), (4,))
    assert finding.exit is ExitCode.FAIL
    assert "suites/flights.json:7" in finding.do


def test_values_are_in_the_rows_and_nowhere_else() -> None:
    told = [
        found(asked(), result=NEGATIVE, rows=ROWS),
        text_among_numbers(asked(), "distance", ROWS, odd=1, of=9),
        found(asked("expect_column_max_to_be_between", column="distance"), result={"observed_value": -3.25}),
        found(asked("expect_column_distinct_values_to_be_in_set", column="distance"),
              result={"observed_value": None, "unexpected_count": 1, "partial_unexpected_list": [-3.25]}),
        found(asked(), error=("ValueError", "could not convert string to float: '-3.25 miles'")),
    ]  # fmt: skip
    for finding in told:
        public = (finding.what, finding.found, finding.expected, finding.do, dict(finding.evidence))
        assert "3.25" in str(finding.rows)
        assert "3.25" not in str(public)
        assert "x17" not in str(public)


def test_what_is_met_makes_no_finding() -> None:
    met = {"element_count": 10, "missing_count": 1, "unexpected_count": 0}
    assert finding_of(asked(), Outcome(success=True, result=met)) is None
    assert (
        finding_of(asked("expect_column_to_exist", column="n"), Outcome(success=True, result={}, empty=["n"])) is None
    )


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(success=True, result={"element_count": 0, "missing_count": 0}),
        Outcome(success=True, result={"element_count": 7, "missing_count": 7}),
        Outcome(success=True, result={"observed_value": 0}, empty=["distance"]),
        Outcome(success=True, result={"observed_value": 0}, judged=0),
    ],
)
def test_an_expectation_that_judged_no_value_does_not_pass(outcome: Outcome) -> None:
    finding = finding_of(asked(), outcome)
    assert finding is not None
    assert finding.exit is ExitCode.INCONCLUSIVE


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("observed", [float("inf"), float("-inf"), float("nan")])
def test_a_measure_that_is_not_finite_does_not_pass(observed: float) -> None:
    finding = finding_of(asked(), Outcome(success=True, result={"observed_value": observed}))
    assert finding is not None
    assert finding.exit is ExitCode.FAIL


@pytest.mark.parametrize(("severity", "quiet"), [("warning", Severity.WARNING), ("info", Severity.NOTE)])
def test_a_suites_own_severity_is_kept_and_said_to_block_nothing(severity: str, quiet: Severity) -> None:
    finding = found(asked(severity=severity), result=NEGATIVE, rows=ROWS)
    assert (finding.severity, finding.exit) == (quiet, ExitCode.PASS)
    assert "does not block" in finding.what


def test_a_renamed_column_is_told_with_the_name_that_it_probably_has_now() -> None:
    finding = missing_column(asked(), "distance", ["distanse", "carrier"], unjudged=3)
    assert finding.what == "column 'distance' is missing, and 3 expectations need it"
    assert "'distanse': renamed?" in finding.found
    assert "suites/flights.json:7" in finding.do
    assert finding.exit is ExitCode.FAIL


def test_an_expectation_that_does_not_exist_is_answered_with_the_nearest() -> None:
    finding = invalid(asked("expect_colum_to_exist"), "not found", ["expect_column_to_exist"])
    assert finding.do == "write 'expect_column_to_exist'"
    assert finding.exit is ExitCode.USAGE


@pytest.mark.parametrize(
    ("kind", "kwargs", "result", "what", "seen"),
    [
        ("expect_table_row_count_to_be_between", {"min_value": 1000}, {"observed_value": 5},
         "the table's row count is below 1,000", "5"),
        ("expect_column_mean_to_be_between", {"column": "d", "max_value": 2}, {"observed_value": 3.5},
         "the mean of column 'd' is above 2", "3.5"),
        ("expect_column_mean_to_be_between", {"column": "d", "max_value": 2}, {"observed_value": None},
         "the mean of column 'd' has no value", "nothing that can be judged"),
        ("expect_table_columns_to_match_set", {"column_set": ["a"]},
         {"observed_value": ["b"], "details": {"mismatched": {"unexpected": ["b"], "missing": ["a"]}}},
         "expect_table_columns_to_match_set(column_set=['a']) is not met", "columns: missing 'a'; unexpected 'b'"),
    ],
)  # fmt: skip
def test_a_measure_that_is_missed_says_what_was_found(
    kind: str, kwargs: dict[str, Any], result: dict[str, Any], what: str, seen: str
) -> None:
    finding = found(asked(kind, **kwargs), result=result)
    assert (finding.what, finding.found) == (what, seen)


@pytest.mark.parametrize(
    ("kind", "kwargs", "what"),
    [
        ("expect_column_values_to_not_be_null", {"column": "a"}, "column 'a' has 3 values missing of 9"),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "max_value": 5000, "mostly": 0.9},
         "column 'a' has 3 values outside 0 to 5,000 of 9 (at least 90 % have to be as expected)"),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["x"]},
         "column 'a' has 3 values outside the set ['x'] of 9"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]},
         "3 rows that share 'a', 'b' with another row of 9"),
        ("expect_column_values_to_be_dateutil_parseable", {"column": "a"},
         "column 'a' has 3 values that do not meet expect_column_values_to_be_dateutil_parseable(column='a') of 9"),
    ],
)  # fmt: skip
def test_expectations_are_told_in_words(kind: str, kwargs: dict[str, Any], what: str) -> None:
    assert found(asked(kind, **kwargs), result=NEGATIVE, rows=ROWS).what == what
