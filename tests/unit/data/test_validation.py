import json
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.config.schema import Dataset
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.validation import Validation
from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.metadata.verdicts import VerdictStore
from mlops_ci.tools.workers import WorkerError, WorkerLostError
from tests.doubles.validation_worker import DeadValidationWorker, FakeValidationWorker, Starts
from tests.factories import lay

SUITE = '{"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "n"}}]}'
FILES = {"data/a.csv": "n\n1\n", "suite.json": SUITE, "bare.json": '{"expectations": []}'}


def validation(root: Path, starts: Starts, *suites: str, **changes: Any) -> Validation:
    dataset = Dataset.model_validate_json(json.dumps({"path": "data", "suites": suites, "key": ["id"]}))
    return Validation(**{
        "root": root, "datasets": {"flights": dataset}, "store": VerdictStore(root / "verdicts"), "worker": starts,
        "version": "0.1.0", **changes,
    })  # fmt: skip


@pytest.fixture
def worker(tmp_path: Path) -> FakeValidationWorker:
    lay(tmp_path, FILES)
    return FakeValidationWorker(tmp_path / "data.log")


def test_the_worker_gets_files_suites_and_key_and_its_answer_is_the_verdict(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    verdict = validation(tmp_path, Starts(worker), "suite.json").result("flights")
    (request,) = worker.requests
    assert request["files"] == [[str(tmp_path / "data/a.csv"), "data/a.csv"]]
    assert request["suites"][0]["expectations"][0] == {
        "type": "expect_column_to_exist", "kwargs": {"column": "n"}, "severity": "critical", "line": 1,
    }  # fmt: skip
    assert request["key"] == ["id"]
    assert (verdict.rows, verdict.expectations, verdict.from_cache, verdict.exit) == (5, 1, False, ExitCode.PASS)


def test_what_did_not_change_is_taken_from_the_cache_and_starts_no_worker(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    validation(tmp_path, Starts(worker), "suite.json").result("flights")
    again = Starts(worker)
    verdict = validation(tmp_path, again, "suite.json").result("flights")
    assert (again.count, verdict.from_cache, verdict.rows, verdict.expectations) == (0, True, 5, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"data/a.csv": "n\n2\n"},
        {"data/b.csv": "n\n1\n"},
        {"suite.json": SUITE.replace('"n"', '"m"')},
        {"suite.json": f"\n{SUITE}"},
    ],
)
def test_other_data_or_another_suite_is_judged_anew(
    tmp_path: Path, worker: FakeValidationWorker, change: dict[str, str]
) -> None:
    validation(tmp_path, Starts(worker), "suite.json").result("flights")
    lay(tmp_path, change)
    assert not validation(tmp_path, Starts(worker), "suite.json").result("flights").from_cache


def test_another_version_of_the_tool_judges_anew(tmp_path: Path, worker: FakeValidationWorker) -> None:
    validation(tmp_path, Starts(worker), "suite.json").result("flights")
    assert not validation(tmp_path, Starts(worker), "suite.json", version="0.2.0").result("flights").from_cache


def test_a_known_digest_finds_the_verdict_of_data_that_is_not_here(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    digest = Digest("md5", "1234.dir")
    first = validation(tmp_path, Starts(worker), "suite.json")
    first.begin("flights", digest)
    first.result("flights")
    (tmp_path / "data/a.csv").unlink()
    later = validation(tmp_path, Starts(worker), "suite.json")
    later.begin("flights", digest)
    assert later.result("flights").from_cache
    assert validation(tmp_path, Starts(worker), "suite.json").result("flights").exit is ExitCode.INCONCLUSIVE


def test_the_worker_is_started_once_however_often_it_is_asked(tmp_path: Path, worker: FakeValidationWorker) -> None:
    starts = Starts(worker)
    with validation(tmp_path, starts, "suite.json") as both:
        both.warm()
        both.begin("flights")
        both.begin("flights")
        both.result("flights")
        both.result("flights")
    assert (starts.count, len(worker.requests), worker.closed) == (1, 1, True)


def test_findings_come_with_rows_the_first_time_and_without_from_the_cache(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    finding = Finding(code="MC-DATA-020", subject="flights", what="is bad")
    told = {**finding_to_json(finding), "rows": [{"n": -3}]}
    bad = FakeValidationWorker(worker.log, {"findings": [told], "rows": 1, "expectations": 1, "seconds": 0.1})
    verdict = validation(tmp_path, Starts(bad), "suite.json").result("flights")
    assert (verdict.exit, verdict.findings[0].rows) == (ExitCode.FAIL, ({"n": -3},))
    cached = validation(tmp_path, Starts(bad), "suite.json").result("flights")
    assert (cached.exit, cached.from_cache, cached.findings[0].rows) == (ExitCode.FAIL, True, ())


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (WorkerLostError("exit -9"), "ended before it answered"),
        (WorkerError("MemoryError", "", "Traceback\n"), "does not fit in memory"),
        (WorkerError("KeyError", "secret value", "Traceback\n"), "Great Expectations failed"),
    ],
)
def test_a_worker_that_fails_is_told_with_its_log_and_asked_again_next_time(
    tmp_path: Path, worker: FakeValidationWorker, answer: Exception, what: str
) -> None:
    broken = FakeValidationWorker(worker.log, answer=answer)
    verdict = validation(tmp_path, Starts(broken), "suite.json").result("flights")
    assert verdict.exit is ExitCode.SERVICE
    assert what in verdict.findings[0].what
    assert "secret" not in str(verdict.findings)
    assert not validation(tmp_path, Starts(worker), "suite.json").result("flights").from_cache


def test_a_worker_that_is_dead_already_is_told(tmp_path: Path, worker: FakeValidationWorker) -> None:
    verdict = validation(tmp_path, Starts(DeadValidationWorker(worker.log)), "suite.json").result("flights")
    assert verdict.exit is ExitCode.SERVICE
    assert "data.log" in verdict.findings[0].do


def test_a_missing_extra_is_a_finding_of_each_dataset_with_its_cure(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    refusing = Starts(ServiceError.at("MC-DATA-031", "data", "not installed", do="pip install 'mlops-ci[data]'"))
    with validation(tmp_path, refusing, "suite.json") as judging:
        judging.warm()
        verdict = judging.result("flights")
    assert (verdict.exit, refusing.count) == (ExitCode.SERVICE, 1)
    assert verdict.findings[0].do == "pip install 'mlops-ci[data]'"


def test_a_suite_that_can_not_be_read_is_a_finding_and_starts_no_worker(
    tmp_path: Path, worker: FakeValidationWorker
) -> None:
    starts = Starts(worker)
    verdict = validation(tmp_path, starts, "gone.json").result("flights")
    assert (verdict.exit, starts.count) == (ExitCode.USAGE, 0)


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("suites", [("bare.json",), ("bare.json", "suite.json")])
def test_a_suite_without_expectations_is_inconclusive(
    tmp_path: Path, worker: FakeValidationWorker, suites: tuple[str, ...]
) -> None:
    for _ in range(2):  # the second time from the cache
        assert validation(tmp_path, Starts(worker), *suites).result("flights").exit is ExitCode.INCONCLUSIVE


def test_a_dataset_without_suites_is_not_judged_and_says_so(tmp_path: Path, worker: FakeValidationWorker) -> None:
    verdict = validation(tmp_path, Starts(worker)).result("flights")
    assert (verdict.judged, verdict.exit, len(verdict.findings)) == (False, ExitCode.PASS, 1)


def test_an_unknown_dataset_is_answered_with_the_nearest(tmp_path: Path, worker: FakeValidationWorker) -> None:
    with pytest.raises(UsageError) as raised:
        validation(tmp_path, Starts(worker), "suite.json").begin("flight")
    assert raised.value.findings[0].do == "write flights"


def test_a_verdict_that_can_not_be_stored_is_a_verdict_still(tmp_path: Path, worker: FakeValidationWorker) -> None:
    (tmp_path / "verdicts").write_text("a file where the folder should be")
    verdict = validation(tmp_path, Starts(worker), "suite.json").result("flights")
    assert (verdict.exit, [finding.code for finding in verdict.findings]) == (ExitCode.PASS, ["MC-DATA-034"])
