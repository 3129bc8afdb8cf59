"""Failed stages, told so that the reader knows what to do."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import ServiceError
from mlops_ci.pipelines.findings import Surroundings, findings_of
from mlops_ci.tools.dvc.values import Output, Stage, StageResult, StageState

ROOT = Path("/repository")
TRAIN = Stage(
    address="ml/dvc.yaml:train", definition=PurePosixPath("ml/dvc.yaml"), line=3, command=("python train.py",)
)  # fmt: skip
RAW = Stage(
    address="ml/raw.csv.dvc", definition=PurePosixPath("ml/raw.csv.dvc"),
    outs=(Output(path=PurePosixPath("ml/raw.csv")),),
)  # fmt: skip
STAGES = {stage.address: stage for stage in (TRAIN, RAW)}


def surroundings(log: str = "", *files: str, prefix: str = "") -> Surroundings:
    return Surroundings(
        root=ROOT, tail=lambda _: log, folder=PurePosixPath("ml"), files=frozenset(map(PurePosixPath, files)),
        runtime=lambda _: "requirements.txt", prefix=lambda _: prefix,
    )  # fmt: skip


def failure(code: int | None = 1, why: str = "exit 1") -> StageResult:
    log = ROOT / ".mlops-ci/logs/train.log"
    return StageResult(address=TRAIN.address, state=StageState.FAILED, why=why, exit=code, log=log)


def test_a_failed_stage_says_where_what_and_how_to_see_it_again() -> None:
    (finding,) = findings_of([failure()], STAGES, surroundings("Traceback\nValueError: no", prefix="PATH=x:$PATH"))
    assert (finding.code, finding.exit, str(finding.place)) == ("MC-PIPE-101", ExitCode.FAIL, "ml/dvc.yaml:3")
    assert finding.found == "exit 1\nTraceback\nValueError: no"
    assert finding.reproduce == "(cd ml && PATH=x:$PATH dvc repro -s train)"
    assert ".mlops-ci/logs/train.log" in finding.do
    assert finding.evidence == {"exit": 1, "log": ".mlops-ci/logs/train.log"}


@pytest.mark.parametrize(
    ("files", "cure"),
    [
        (["src/shop/__init__.py"], "PYTHONPATH: src}"),
        (["shop/prices.py", "old/shop/x.py"], "PYTHONPATH: .}"),
        (["tools/shop.py"], "PYTHONPATH: tools}"),
        (["docs/shop/readme.md", "shop.txt"], "module shop is not in requirements.txt: add what provides it"),
    ],
)
def test_a_module_that_is_not_found_is_looked_for_in_the_repository(files: list[str], cure: str) -> None:
    log = "ModuleNotFoundError: No module named 'shop.prices'"
    (finding,) = findings_of([failure()], STAGES, surroundings(log, *files))
    assert cure in finding.do


@pytest.mark.parametrize(
    ("code", "said"),
    [(127, "add it to requirements.txt"), (126, "chmod"), (-9, "memory"), (None, "mend what is named here")],
)
def test_exit_codes_that_say_something_have_their_cure(code: int | None, said: str) -> None:
    (finding,) = findings_of([failure(code)], STAGES, surroundings())
    assert said in finding.do


def test_a_stage_that_could_not_be_run_has_the_findings_of_its_error() -> None:
    error = ServiceError.at("MC-RUNTIME-001", "runtime", "no index answers")
    result = StageResult(address=TRAIN.address, state=StageState.FAILED, why="x", findings=error.findings)
    (finding,) = findings_of([result], STAGES, surroundings())
    assert (finding.code, finding.exit, str(finding.place)) == ("MC-RUNTIME-001", ExitCode.SERVICE, "ml/dvc.yaml:3")


def test_an_error_that_kept_several_stages_from_being_run_is_told_once() -> None:
    other = replace(TRAIN, address="ml/dvc.yaml:other", line=7)
    error = ServiceError.at("MC-RUNTIME-011", "requirements.txt", "it could not be made")
    results = [
        StageResult(address=stage.address, state=StageState.FAILED, why="x", findings=error.findings)
        for stage in (TRAIN, other)
    ]
    (finding,) = findings_of(results, {**STAGES, other.address: other}, surroundings())
    assert str(finding.place) == "ml/dvc.yaml:3"


def test_an_output_that_was_not_written_is_no_matter_of_the_log() -> None:
    (finding,) = findings_of([failure(0, "did not write x")], STAGES, surroundings())
    assert "`outs:`" in finding.do


def test_an_import_that_is_absent_needs_no_remote_of_ones_own() -> None:
    imported = replace(RAW, imported=True)
    result = StageResult(address=RAW.address, state=StageState.FAILED, why="ml/raw.csv is not here")
    (finding,) = findings_of([result], {imported.address: imported}, surroundings())
    assert "imported from" in finding.do


def test_absent_data_is_inconclusive_and_says_how_to_get_it() -> None:
    result = StageResult(address=RAW.address, state=StageState.FAILED, why="ml/raw.csv is not here")
    (finding,) = findings_of([result], STAGES, surroundings())
    assert (finding.code, finding.exit) == ("MC-PIPE-103", ExitCode.INCONCLUSIVE)
    assert "`(cd ml && dvc pull raw.csv.dvc)`" in finding.do


def test_the_time_limit_is_told_once_with_all_that_was_left() -> None:
    left = [StageResult(address=name, state=StageState.SKIPPED, why="time limit") for name in STAGES]
    other = StageResult(address=TRAIN.address, state=StageState.SKIPPED, why="x failed")
    (finding,) = findings_of([*left, other], STAGES, surroundings())
    assert (finding.code, finding.exit) == ("MC-PIPE-102", ExitCode.INCONCLUSIVE)
    assert finding.found == "not run: ml/dvc.yaml:train, ml/raw.csv.dvc"
