"""`pipeline plan` on folders, `wdir`, frozen stages and broken files; and the command that shows it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.metadata.timings import Timing, record
from mlops_ci.pipelines.planned import Action
from mlops_ci.stories.plan import plan_pipelines
from mlops_ci.tools.processes import HostProcesses
from tests.factories import git
from tests.integration.dvc_scratch import apart, dvc, scratch
from tests.integration.plans import CHAIN, FILES, actions, causes, cloned, of, planned, reproduced

SUB = """
stages:
  use:
    wdir: work
    cmd:
      - cp ../../data.txt x.txt
      - echo >> x.txt
    deps: [../../data.txt]
    outs: [x.txt]
"""
FOLDERS = """
stages:
  part:
    foreach: [a, b]
    do:
      cmd: mkdir -p parts && echo ${item} > parts/${item}.txt
      outs: ['parts/${item}.txt']
  many:
    cmd: mkdir -p many/sub && echo 1 > many/x && echo 2 > many/sub/y
    outs: [many]
  join:
    cmd: cat parts/*.txt many/x > all.txt
    deps: [parts, many]
    outs: [all.txt]
  one:
    cmd: cp many/sub/y one.txt
    deps: [many/sub/y]
    outs: [one.txt]
"""


def test_folders_are_composed_from_digests_in_a_fresh_clone(tmp_path: Path) -> None:
    clone = cloned(reproduced(tmp_path / "one", {"dvc.yaml": FOLDERS}))
    plan = planned(clone, ask=False)
    assert actions(plan) == {
        "part@a": "up-to-date", "part@b": "up-to-date", "many": "up-to-date", "join": "up-to-date",
        "one": "run-if-changed",
    }  # fmt: skip
    assert causes(of(plan, "one")) == [("unknown", "many/sub/y")]
    # What a folder holds is no data: its listing is brought, and then that digest is known too.
    assert set(actions(planned(clone)).values()) == {"up-to-date"}


def test_one_changed_part_makes_the_folder_new(tmp_path: Path) -> None:
    clone = cloned(reproduced(tmp_path / "one", {"dvc.yaml": FOLDERS}))
    (clone / "dvc.yaml").write_text(FOLDERS.replace("parts/*.txt many/x", "parts/*.txt"))
    plan = planned(clone, "join")
    assert actions(plan) == {
        "part@a": "up-to-date", "part@b": "up-to-date", "many": "up-to-date", "join": "run",
    }  # fmt: skip
    assert of(plan, "join").fetch.files == 4
    assert of(plan, "join").fetch.bytes == 8


def test_frozen_stages_stay_and_always_changed_ones_run(root: Path) -> None:
    text = CHAIN.replace("    cmd: cat data", "    always_changed: true\n    cmd: cat data")
    text = text.replace("    cmd: tr", "    frozen: true\n    cmd: tr")
    (root / "dvc.yaml").write_text(text)
    (root / "raw.txt").write_text("other\n")
    plan = planned(root)
    assert actions(plan)["prepare"] == "up-to-date"
    assert (actions(plan)["train"], causes(of(plan, "train"))) == ("run", [("always-changed", "")])


def test_several_dvc_yaml_wdir_and_a_command_list_are_planned(tmp_path: Path) -> None:
    root = reproduced(tmp_path / "one", {**FILES, "sub/dvc.yaml": SUB, "sub/work/.keep": ""})
    clone = cloned(root)
    (clone / "sub/dvc.yaml").write_text(SUB.replace("echo >>", "date >>"))
    plan = planned(clone)
    assert actions(plan)["sub/dvc.yaml:use"] == "run"
    assert [str(one.path) for one in plan.fetched] == ["data.txt"]
    assert set(actions(planned(clone, "sub/dvc.yaml"))) == {"prepare", "sub/dvc.yaml:use"}


def test_nothing_in_the_work_tree_changes(clone: Path) -> None:
    (clone / "params.yaml").write_text("lr: 2\n")
    before = git(clone, "status", "--porcelain", "--ignored")
    planned(clone)
    after = git(clone, "status", "--porcelain", "--ignored")
    assert {line for line in after.splitlines() if ".dvc/" not in line} == set(before.splitlines())


@pytest.mark.parametrize("edit", ["params.yaml", "raw.txt", "dvc.yaml"])
def test_what_runs_for_certain_is_what_dvc_status_calls_changed(root: Path, edit: str) -> None:
    texts = {"params.yaml": "lr: 3\n", "raw.txt": "new\n", "dvc.yaml": CHAIN.replace("wc -c", "wc -w")}
    (root / edit).write_text(texts[edit])
    status = dvc(root, "status")
    plan = planned(root)
    assert {one.stage.address for one in plan.stages if one.action is Action.RUN} == {
        line.rstrip(":") for line in status.splitlines() if line and not line[0].isspace()
    }


def shown(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mlops_ci", "pipeline", "plan", "-C", str(root), *arguments], capture_output=True,
        text=True, env={**os.environ, **apart(root)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_shows_the_plan_with_recorded_timings(clone: Path) -> None:
    now = datetime.now(UTC)
    timings = clone / ".mlops-ci" / "timings.jsonl"
    record(
        timings, [Timing(stage=name, command="", seconds=s, at=now) for name, s in (("train", 90.0), ("evaluate", 2.0))]
    )
    (clone / "params.yaml").write_text("lr: 2\n")
    lines = shown(clone).splitlines()
    assert lines[0] == "3 stages: 1 to run, 1 to run if what they read changes, 1 up to date"
    assert "  train     runs             1 min 30 s    6 B  params.yaml:lr 1 -> 2" in lines
    assert "to fetch: 1 file, 6 B, from the remote: data.txt" in lines
    assert "in sequence: 1 min 32 s; longest chain: 1 min 32 s (train > evaluate)" in lines


def test_the_command_writes_json_and_a_diagram(clone: Path) -> None:
    (clone / "params.yaml").write_text("lr: 2\n")
    told = json.loads(shown(clone, "--json", "train"))
    assert [(one["address"], one["action"]) for one in told["stages"]] == [("prepare", "up-to-date"), ("train", "run")]
    assert told["fetch"]["bytes"] == 6
    assert shown(clone, "--mermaid").startswith("flowchart LR\n")


def test_a_broken_file_is_exit_2_and_the_others_are_planned(clone: Path) -> None:
    (clone / "old").mkdir()
    (clone / "old/dvc.yaml").write_text("stages:\n  x:\n    live: 1\n    cmd: x\n")
    drawn = plan_pipelines(clone, processes=HostProcesses())
    assert [finding.subject for finding in drawn.findings] == ["old/dvc.yaml"]
    assert drawn.exit == 2
    assert len(drawn.plan.stages) == 3


def test_a_pipeline_outside_of_every_dvc_repository_is_named(tmp_path: Path) -> None:
    inside = {f"ml/{name}": text for name, text in FILES.items()}
    root = scratch(tmp_path / "one", {**inside, "dvc.yaml": CHAIN}, dvc="ml")
    drawn = plan_pipelines(root, processes=HostProcesses())
    assert [(finding.code, finding.subject) for finding in drawn.findings] == [("MC-PLAN-003", "dvc.yaml")]
    assert drawn.plan.stages[0].stage.address == "ml/dvc.yaml:prepare"


def test_a_repository_without_a_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no pipeline here"):
        plan_pipelines(scratch(tmp_path / "one", {"README.md": "hello"}), processes=HostProcesses())
