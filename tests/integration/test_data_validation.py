"""Real Great Expectations, in one worker for all of these: its import is what takes the time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_ci.config.schema import Dataset
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.validation import DatasetVerdict, Validation, ValidationWorker, great_expectations_worker
from mlops_ci.metadata.verdicts import VerdictStore
from tests.doubles.validation_worker import Starts
from tests.factories import lay

Expectations = list[dict[str, Any]]

BETWEEN: dict[str, Any] = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "distance", "min_value": 0},
}
NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "carrier"}}
JANUARY = "flight_id,carrier,distance\n1,UA,1400\n2,AA,1089\n"


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValidationWorker]:
    root = tmp_path_factory.mktemp("worker")
    running = great_expectations_worker(root)()
    yield running
    running.close()
    assert [path.name for path in root.iterdir()] == [".mlops-ci"], "the repository is not written into"


@pytest.fixture
def judge(tmp_path: Path, worker: ValidationWorker) -> Iterator["Judge"]:
    judge = Judge(tmp_path, worker)
    yield judge
    assert judge.here() == judge.laid, "judging writes nothing but verdicts"


class Judge:
    def __init__(self, root: Path, worker: ValidationWorker) -> None:
        self.root = root
        self.worker = worker
        self.laid: set[Path] = set()

    def here(self) -> set[Path]:
        return {found for found in self.root.rglob("*") if "verdicts" not in found.parts}

    def __call__(
        self, files: dict[str, str | bytes], *expectations: dict[str, Any], path: str = "data", **more: Any
    ) -> DatasetVerdict:
        lay(self.root, {**files, "suite.json": json.dumps({"expectations": expectations, **more}, indent=1)})
        self.laid = self.here()
        return self.validation(path).result("flights")

    def validation(self, path: str = "data", worker: Any = None) -> Validation:
        dataset = Dataset.model_validate_json(
            json.dumps({"path": path, "suites": ["suite.json"], "key": ["flight_id"]})
        )
        return Validation(
            root=self.root, datasets={"flights": dataset}, store=VerdictStore(self.root / "verdicts"),
            worker=worker or (lambda: self.worker), version="0.1.0",
        )  # fmt: skip


def only(verdict: DatasetVerdict) -> Finding:
    assert len(verdict.findings) == 1, [finding.what for finding in verdict.findings]
    return verdict.findings[0]


def test_good_data_passes_and_the_second_time_no_worker_is_started(judge: Judge) -> None:
    verdict = judge({"data/01.csv": JANUARY}, BETWEEN, NOT_NULL)
    assert (verdict.exit, verdict.rows, verdict.expectations, verdict.findings) == (ExitCode.PASS, 2, 2, ())
    never = Starts(AssertionError("a worker was started"))
    assert judge.validation(worker=never).result("flights").from_cache


def test_a_negative_value_is_told_with_file_line_and_row_and_its_key_only_locally(judge: Judge) -> None:
    february = "flight_id,carrier,distance\n3,UA,1400\n\n4,AA,-55\n"
    finding = only(judge({"data/01.csv": JANUARY, "data/02.csv": february}, BETWEEN, NOT_NULL))
    assert finding.what == "column 'distance' has 1 value below 0 of 4"
    assert str(finding.place) == "data/02.csv:4"
    assert (finding.evidence["files"], finding.evidence["rows"]) == (("data/02.csv",), (2,))
    assert finding.rows == ({"file": "data/02.csv", "row": 2, "flight_id": 4, "distance": -55},)
    assert finding.exit is ExitCode.FAIL


def test_rows_are_right_under_a_condition_too(judge: Judge, tmp_path: Path) -> None:
    pd.DataFrame({"carrier": ["A", "B", "B"], "distance": [-1, 2, -3]}).to_parquet(tmp_path / "a.parquet")
    kwargs = {**BETWEEN["kwargs"], "row_condition": "carrier == 'B'", "condition_parser": "pandas"}
    finding = only(judge({}, {**BETWEEN, "kwargs": kwargs}, path="a.parquet"))
    assert finding.evidence["rows"] == (3,)


def test_a_renamed_column_is_one_finding_with_the_new_name(judge: Judge) -> None:
    more = {"type": "expect_column_to_exist", "kwargs": {"column": "distance"}}
    finding = only(judge({"data/01.csv": JANUARY.replace("distance", "distance_mi")}, BETWEEN, more, NOT_NULL))
    assert finding.what == "column 'distance' is missing, and 2 expectations need it"
    assert "'distance_mi': renamed?" in finding.found
    assert (finding.exit, str(finding.place)) == (ExitCode.FAIL, "suite.json:3")


def test_a_missing_value_is_told(judge: Judge) -> None:
    finding = only(judge({"data/01.csv": JANUARY.replace("AA", "")}, NOT_NULL))
    assert (finding.what, finding.evidence["rows"]) == ("column 'carrier' has 1 value missing of 2", (2,))


def test_text_in_a_column_of_numbers_is_told_once_with_its_row(judge: Judge) -> None:
    mean = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "distance", "min_value": 1}}
    finding = only(judge({"data/01.csv": JANUARY.replace("1089", "far")}, BETWEEN, mean))
    assert finding.what == "column 'distance' holds text where numbers are expected: 1 of 2 values"
    assert (finding.exit, str(finding.place)) == (ExitCode.FAIL, "data/01.csv:3")


def test_a_partition_with_other_columns_is_named(judge: Judge) -> None:
    other = JANUARY.replace("distance", "miles")
    files: dict[str, str | bytes] = {"data/01.csv": JANUARY, "data/02.csv": other, "data/03.csv": JANUARY}
    finding = only(judge(files, BETWEEN))
    assert (str(finding.place), finding.exit) == ("data/02.csv", ExitCode.FAIL)


@pytest.mark.parametrize(
    ("name", "content", "exit_code"),
    [
        ("a.csv", b"", ExitCode.USAGE),
        ("a.csv", b"flight_id,carrier,distance\n", ExitCode.FAIL),
        ("a.csv", b"flight_id,carrier,distance\n1,UA\n", ExitCode.USAGE),
        ("a.csv", b"flight_id,carrier,distance\n1,\xe9,3\n", ExitCode.USAGE),
        ("a.csv.gz", b"\x1f\x8b\x08\x00", ExitCode.USAGE),
        ("a.parquet", b"PAR1 and then nothing", ExitCode.USAGE),
    ],
)
def test_bad_files_never_pass_and_never_end_the_worker(
    judge: Judge, name: str, content: bytes, exit_code: ExitCode
) -> None:
    assert only(judge({f"data/{name}": content}, BETWEEN)).exit is exit_code


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_be_between", {"min_value": 0}),
        ("expect_column_values_to_be_unique", {}),
        ("expect_column_sum_to_be_between", {"min_value": 0}),
        ("expect_column_distinct_values_to_be_in_set", {"value_set": [1]}),
    ],
)
def test_a_column_without_values_passes_nothing(judge: Judge, kind: str, kwargs: dict[str, Any]) -> None:
    files: dict[str, str | bytes] = {"data/a.csv": "n,m\n,1\n,2\n"}
    assert only(judge(files, {"type": kind, "kwargs": {"column": "n", **kwargs}})).exit is ExitCode.INCONCLUSIVE


@pytest.mark.guarantee("G12")
def test_an_infinite_mean_passes_no_lower_bound(judge: Judge) -> None:
    mean = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "n", "min_value": 0}}
    assert only(judge({"data/a.csv": "n\n1\ninf\n"}, mean)).exit is ExitCode.FAIL


@pytest.mark.parametrize(
    "expectation",
    [
        {"type": "expect_colum_to_exist", "kwargs": {"column": "carrier"}},
        {"type": "expect_column_to_exist", "kwargs": {"colum": "carrier"}},
        {**BETWEEN, "kwargs": {"column": "distance", "min_value": 5, "max_value": 1}},
        {**BETWEEN, "kwargs": {"column": "distance", "min_value": {"$PARAMETER": "nowhere"}}},
        {**BETWEEN, "kwargs": {**BETWEEN["kwargs"], "row_condition": "dist > 0", "condition_parser": "pandas"}},
    ],
)
def test_an_expectation_that_can_not_be_evaluated_is_an_error_and_the_others_are_judged(
    judge: Judge, expectation: dict[str, Any]
) -> None:
    verdict = judge({"data/01.csv": JANUARY.replace("AA", "")}, expectation, NOT_NULL)
    assert [finding.exit for finding in verdict.findings] == [ExitCode.USAGE, ExitCode.FAIL]
    assert str(verdict.findings[0].place) == "suite.json:3"


def test_parameters_of_a_suite_are_filled_in(judge: Judge) -> None:
    low = {**BETWEEN, "kwargs": {"column": "distance", "min_value": {"$PARAMETER": "low"}}}
    finding = only(judge({"data/01.csv": JANUARY}, low, suite_parameters={"low": 1200}))
    assert finding.evidence["unexpected"] == 1


def test_times_are_compared_as_the_cure_says(judge: Judge, tmp_path: Path) -> None:
    pd.DataFrame({"at": pd.to_datetime(["2013-01-01", "2013-06-01"])}).to_parquet(tmp_path / "a.parquet")
    kwargs = {"column": "at", "min_value": "2013-02-01"}
    finding = only(judge({}, {**BETWEEN, "kwargs": kwargs}, path="a.parquet"))
    assert "time of day" in finding.do
    kwargs["min_value"] += "T00:00:00"
    assert only(judge({}, {**BETWEEN, "kwargs": kwargs}, path="a.parquet")).evidence["unexpected"] == 1


@pytest.mark.parametrize("type_", ["str", "object"])
def test_text_is_text_by_the_names_that_suites_use(judge: Judge, type_: str) -> None:
    text = {"type": "expect_column_values_to_be_of_type", "kwargs": {"column": "carrier", "type_": type_}}
    assert judge({"data/01.csv": JANUARY}, text).exit is ExitCode.PASS
