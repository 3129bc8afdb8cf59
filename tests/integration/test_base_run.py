"""Without a committed dvc.lock a change is compared with what the base's recorded run has made."""

from pathlib import Path

import pytest

from tests.factories import commit_all, git
from tests.integration.clones import Clone, two_clones

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  train: {cmd: echo train >> $RAN && cp score.json metrics.json && cp score.json model.bin, deps: [score.json],
    outs: [model.bin], metrics: [metrics.json: {cache: false}]}
"""
CONFIG = """models:
  m: {metrics: metrics.json, gates: {not-worse: {metric: auc, champion: base, margin: 0.01, better: higher}}}
"""


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Clone, Clone]:
    """Two clones of a shared repository, `there` on a branch that makes the model worse."""
    here, there = two_clones(tmp_path, {"dvc.yaml": PIPELINE, "mlops-ci.yaml": CONFIG, "score.json": '{"auc": 0.8}\n'})
    git(there.root, "switch", "-qc", "topic")
    (there.root / "score.json").write_text('{"auc": 0.7}\n')
    commit_all(there.root, "worse")
    return here, there


def test_a_worse_model_fails_against_the_recorded_run_of_the_merge_base(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.told("check", "--record", "--push")
    report = there.told("check", expected=1)
    (gate,) = report["gates"]
    assert (gate["verdict"], "0.700 is worse than the base's 0.800" in gate["words"]) == ("fail", True)
    assert "; its run 2" in report["base"]["why"]


def test_without_a_recorded_run_nothing_is_compared(clones: tuple[Clone, Clone]) -> None:
    _, there = clones
    (gate,) = there.told("check")["gates"]
    assert gate["verdict"] == "not applicable"


def test_a_remote_that_cannot_be_asked_is_a_note(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.told("check", "--record", "--push")
    git(there.root, "remote", "set-url", "origin", str(there.root / "gone"))
    report = there.told("check")
    assert [one["severity"] for one in report["findings"] if one["code"] == "MC-BASE-003"] == ["note"]
