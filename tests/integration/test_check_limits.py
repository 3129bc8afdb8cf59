"""What `check` leaves undone is never a pass: heavy stages, and what the time limit left."""

from pathlib import Path

import pytest

from tests.factories import repository
from tests.integration.flights import check

PIPELINE = """\
stages:
  train:
    cmd: {train}
    deps: [data.txt]
    outs: [model.txt]
  evaluate:
    cmd: |
      printf '{{"auc": 0.9}}' > metrics.json
    deps: [model.txt]
    metrics:
      - metrics.json: {{cache: false}}
"""
CONFIG = """\
version: 1
pipeline: {{run: run{pipeline}}}
models:
  small:
    metrics: metrics.json
    gates: {{auc: {{metric: auc, min: 0.5}}}}
"""


def scratch(folder: Path, *, train: str = "cp data.txt model.txt", pipeline: str = "") -> Path:
    """A repository with two stages and a gate on what the second measures."""
    return repository(
        folder / "scratch",
        {
            ".dvc/config": "",
            ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
            ".gitignore": "/model.txt\n",
            "data.txt": "1\n",
            "dvc.yaml": PIPELINE.format(train=train),
            "mlops-ci.yaml": CONFIG.format(pipeline=pipeline),
        },
    )


def test_a_gate_on_what_was_just_made_is_judged(tmp_path: Path) -> None:
    checked = check(scratch(tmp_path))
    assert (checked.exit, checked.states()) == (0, {"train": "ran", "evaluate": "ran"}), checked.output


def test_a_heavy_stage_is_not_run_and_what_hangs_on_it_is_inconclusive(tmp_path: Path) -> None:
    folder = scratch(tmp_path, pipeline=", stages: {train: {heavy: true}}")
    checked = check(folder)
    assert (checked.exit, checked.states()) == (3, {"train": "skipped", "evaluate": "skipped"}), checked.output
    assert checked.step("model")["verdict"] == "inconclusive"
    assert checked.finding("MC-PIPE-106")["found"] == "train"
    assert not (folder / "model.txt").exists()


@pytest.mark.slow
def test_after_the_time_limit_nothing_more_starts_and_the_report_says_what_was_left(tmp_path: Path) -> None:
    folder = scratch(tmp_path, train="sleep 5 && cp data.txt model.txt")
    checked = check(folder, "--time-limit", "4s")
    assert (checked.exit, checked.states()) == (3, {"train": "ran", "evaluate": "skipped"}), checked.output
    assert "evaluate" in checked.finding("MC-PIPE-102")["found"]


def test_without_anything_to_judge_the_headline_says_so(tmp_path: Path) -> None:
    checked = check(scratch(tmp_path), "--pipeline", "off", "--only", "components")
    assert checked.exit == 0
    assert "nothing was judged" in checked.output or checked.step("preflight")["verdict"] == "pass"


def test_an_unknown_model_is_answered_with_the_nearest(tmp_path: Path) -> None:
    checked = check(scratch(tmp_path), "smal", command="model validate")
    assert checked.exit == 2
    assert checked.finding("MC-CLI-002")["do"] == "did you mean small?"
