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


def test_a_run_of_changes_that_were_never_committed_is_no_base(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.told("check", "--record", "--push")
    (here.root / "score.json").write_text('{"auc": 0.1}\n')
    here.told("check", "--record", "--push", expected=1)
    assert len(git(there.root, "ls-remote", "origin", "refs/mlops-ci/runs/*").splitlines()) == 2
    (gate,) = there.told("check", expected=1)["gates"]
    assert "0.700 is worse than the base's 0.800" in gate["words"]


def test_a_run_whose_files_are_not_what_it_recorded_is_no_base(clones: tuple[Clone, Clone]) -> None:
    here, there = clones
    here.told("check", "--record")
    run, head = (
        git(here.root, "for-each-ref", "--format=%(refname)", "refs/mlops-ci"),
        git(here.root, "rev-parse", "HEAD"),
    )
    git(here.root, "switch", "-qf", "--detach", run)
    (here.root / "metrics.json").write_text('{"auc": 0.1}\n')
    git(here.root, "add", "-f", "metrics.json")
    forged = git(here.root, "commit-tree", git(here.root, "write-tree"), "-p", head, "-m", "forged")
    git(here.root, "push", "-q", "origin", f"{forged}:{run}")
    report = there.told("check")
    assert report["gates"][0]["verdict"] == "not applicable"
    assert report["base"]["why"].endswith("; no dvc.lock is committed there, and no run of it is recorded")
