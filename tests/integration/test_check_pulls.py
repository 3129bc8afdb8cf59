"""`check` takes from the DVC remote what it can, and takes no harm from one that does not answer."""

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.clones import Clone, states, two_clones

pytestmark = pytest.mark.slow

DATASET = """version: 1
datasets:
  cleaned: {path: clean.csv, suites: [suite.json]}
"""
TABLE = """
stages:
  clean: {cmd: echo clean >> $RAN && cat raw.txt > clean.csv, deps: [raw.txt], outs: [clean.csv]}
  train: {cmd: echo train >> $RAN && cat clean.csv > model.txt, deps: [clean.csv], params: [seed], outs: [model.txt]}
"""


def suite(*, most: int) -> str:
    """The column `a` is at most so large."""
    expectation = {"type": "expect_column_max_to_be_between", "kwargs": {"column": "a", "max_value": most}}
    return json.dumps({"name": "cleaned", "expectations": [expectation]})


def table(tmp_path: Path, *, most: int) -> tuple[Clone, Clone]:
    """Two clones whose dataset a stage makes and another one reads."""
    laid = {"dvc.yaml": TABLE, "raw.txt": "a\n1\n2\n", "mlops-ci.yaml": DATASET, "suite.json": suite(most=most)}
    return two_clones(tmp_path, laid)


def test_what_ran_elsewhere_is_not_run_by_check(tmp_path: Path) -> None:
    here, there = two_clones(tmp_path)
    here.run("--push")
    assert set(states(there.told("check")).values()) == {"cached"}
    assert there.ran == []


def test_a_remote_that_does_not_answer_costs_time_and_no_verdict(tmp_path: Path) -> None:
    here, there = two_clones(tmp_path)
    here.run("--push")
    shutil.rmtree(tmp_path / "remote")
    report = there.told("check")
    assert set(states(report).values()) == {"ran"}
    (told,) = [one for one in report["findings"] if one["code"] == "MC-PIPE-113"]
    assert "is taken from the DVC remote" in told["what"]
    assert told["severity"] == "note"


def test_a_dataset_that_is_elsewhere_is_brought_and_judged_before_a_stage_reads_it(tmp_path: Path) -> None:
    here, there = table(tmp_path, most=2)
    here.run("--push")
    (there.root / "params.yaml").write_text("seed: 2\n")
    report = there.told("check")
    assert states(report) == {"clean": "cached", "train": "ran"}
    assert [(one["name"], one["verdict"], one["rows"]) for one in report["datasets"]] == [("cleaned", "pass", 2)]
    assert (there.root / "clean.csv").read_text() == "a\n1\n2\n"


def test_bad_data_that_is_elsewhere_stops_what_would_read_it(tmp_path: Path) -> None:
    here, there = table(tmp_path, most=1)
    here.run("--push")
    (there.root / "params.yaml").write_text("seed: 2\n")
    assert states(there.told("check", expected=1)) == {"clean": "cached", "train": "skipped"}
    assert there.ran == []
