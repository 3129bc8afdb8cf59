"""`pipeline plan` on real DVC repositories, from digests alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.metadata.timings import Timing, record
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.plan import make_plan
from mlops_ci.pipelines.planned import Action, Cause, Plan, StagePlan
from mlops_ci.pipelines.targets import stages_of
from mlops_ci.stories.plan import plan_pipelines
from mlops_ci.tools.dvc.facts import Looks, Where
from mlops_ci.tools.processes import HostProcesses
from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, dvc, emptied, opened, scratch, with_remote

CHAIN = """
stages:
  prepare:
    cmd: tr a-z A-Z < raw.txt > data.txt
    deps: [raw.txt]
    outs: [data.txt]
  train:
    cmd: cat data.txt params.yaml > model.txt
    deps: [data.txt]
    params: [lr]
    outs: [model.txt]
  evaluate:
    cmd: wc -c < model.txt > metrics.json
    deps: [model.txt]
    metrics:
      - metrics.json: {cache: false}
"""
FILES = {"dvc.yaml": CHAIN, "raw.txt": "hello\n", "params.yaml": "lr: 1\n"}


def reproduced(folder: Path, files: dict[str, str]) -> Path:
    """A scratch repository with a remote, brought up to date and committed by DVC and git."""
    root = scratch(folder, files)
    with_remote(root)
    dvc(root, "repro")
    dvc(root, "push", "--run-cache")
    commit_all(root, "done")
    return root


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    reproduced(folder / "one", FILES)
    return folder


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    """A repository that is up to date, its remote beside it."""
    shutil.copytree(original / "remote", tmp_path / "remote")
    return shutil.copytree(original / "one", tmp_path / "one")


@pytest.fixture
def clone(root: Path) -> Path:
    """A fresh clone of it: the same remote, no data."""
    return cloned(root)


def cloned(root: Path, name: str = "clone") -> Path:
    """A fresh clone beside it: the same remote, no data."""
    clone = root.parent / name
    git(root.parent, "clone", "-q", str(root), str(clone))
    return clone


def planned(root: Path, *targets: str, ask: bool = True, pull: bool = True) -> Plan:
    with opened(root) as repository:
        graph = graph_of(repository.stages())
        return make_plan(
            graph, repository, wanted=stages_of(targets, graph) if targets else None, looks=Looks(ask=ask), pull=pull
        )


def actions(plan: Plan) -> dict[str, str]:
    return {one.stage.address: str(one.action) for one in plan.stages}


def of(plan: Plan, address: str) -> StagePlan:
    return next(one for one in plan.stages if one.stage.address == address)


def causes(one: StagePlan) -> Sequence[tuple[str, str]]:
    return [(str(reason.cause), reason.subject) for reason in one.reasons]


def test_nothing_would_run_in_a_repository_that_is_up_to_date(root: Path) -> None:
    plan = planned(root)
    assert set(actions(plan).values()) == {"up-to-date"}
    assert plan.fetched == ()


def test_a_fresh_clone_without_data_is_up_to_date_and_fetches_nothing(clone: Path) -> None:
    assert not (clone / "data.txt").exists()
    plan = planned(clone)
    assert set(actions(plan).values()) == {"up-to-date"}
    assert plan.fetched == ()


def test_a_changed_parameter_runs_its_stage_in_a_fresh_clone_and_fetches_only_what_that_reads(clone: Path) -> None:
    (clone / "params.yaml").write_text("lr: 2\n")
    plan = planned(clone)
    assert actions(plan) == {"prepare": "up-to-date", "train": "run", "evaluate": "run-if-changed"}
    reason = of(plan, "train").reasons[0]
    assert (reason.cause, reason.subject, reason.before, reason.now) == (Cause.PARAMETER, "params.yaml:lr", "1", "2")
    assert causes(of(plan, "evaluate")) == [("upstream", "model.txt")]
    assert [(str(one.path), one.at, one.size.bytes) for one in plan.fetched] == [("data.txt", Where.REMOTE, 6)]
    assert not (clone / "data.txt").exists()


def test_of_a_mapping_of_parameters_the_key_that_changed_is_told(tmp_path: Path) -> None:
    stages = "stages:\n  s:\n    cmd: echo > o\n    params: [model, other]\n    outs: [o]\n"
    before = "model: {depth: 1, tree: {leaves: 5, gone: 1}}\nother: null\n"
    root = reproduced(tmp_path / "one", {"dvc.yaml": stages, "params.yaml": before})
    (root / "params.yaml").write_text("model: {depth: 1, tree: {leaves: 6, new: x}}\nother: 0\n")
    assert [(reason.subject, reason.before, reason.now) for reason in of(planned(root), "s").reasons] == [
        ("params.yaml:model.tree.leaves", "5", "6"), ("params.yaml:model.tree.gone", "1", None),
        ("params.yaml:model.tree.new", None, '"x"'), ("params.yaml:other", "null", "0"),
    ]  # fmt: skip


def test_a_changed_dependency_runs_everything_after_it(clone: Path) -> None:
    (clone / "raw.txt").write_text("other\n")
    plan = planned(clone)
    assert actions(plan) == {"prepare": "run", "train": "run-if-changed", "evaluate": "run-if-changed"}
    reason = of(plan, "prepare").reasons[0]
    assert reason.cause is Cause.DEPENDENCY
    assert reason.before == "md5:b1946ac92492d2347c6235b4d2611184"
    assert plan.fetched == ()
    assert plan.chain.stages == ("prepare", "train", "evaluate")


def test_a_file_that_was_locked_on_windows_is_told_from_one_that_changed(clone: Path) -> None:
    (clone / "raw.txt").write_bytes(b"hello\r\n")
    (reason,) = of(planned(clone), "prepare").reasons
    assert "line ends" in reason.trouble


def test_a_changed_command_says_from_what_to_what(clone: Path) -> None:
    (clone / "dvc.yaml").write_text(CHAIN.replace("tr a-z A-Z", "cat"))
    reason = of(planned(clone), "prepare").reasons[0]
    assert (reason.cause, reason.before, reason.now) == (
        Cause.COMMAND, "tr a-z A-Z < raw.txt > data.txt", "cat < raw.txt > data.txt",
    )  # fmt: skip


def test_what_the_local_run_cache_knows_is_not_run_nor_is_what_follows(root: Path) -> None:
    (root / "params.yaml").write_text("lr: 2\n")
    dvc(root, "repro")
    (root / "params.yaml").write_text("lr: 1\n")
    plan = planned(root)
    assert actions(plan)["train"] == "run-cache"
    assert actions(plan)["evaluate"] in ("run-cache", "restore", "up-to-date")
    assert not any(one.busy for one in plan.stages)


def test_what_a_colleague_ran_is_known_from_the_remote(root: Path, clone: Path) -> None:
    (root / "params.yaml").write_text("lr: 2\n")
    dvc(root, "repro")
    dvc(root, "push", "--run-cache")
    (clone / "params.yaml").write_text("lr: 2\n")
    plan = planned(clone)
    # `dvc push` leaves out what is not cached, the metrics: so they are made again, from the model of the run cache.
    assert actions(plan) == {"prepare": "up-to-date", "train": "run-cache", "evaluate": "run"}
    assert [(str(one.path), one.at, one.size.files) for one in plan.fetched] == [("model.txt", Where.REMOTE, 1)]
    assert not (clone / "model.txt").exists()
    assert not (clone / ".dvc/cache/files").exists()


def test_without_asking_the_remote_the_same_would_run(root: Path, clone: Path) -> None:
    (root / "params.yaml").write_text("lr: 2\n")
    dvc(root, "repro")
    dvc(root, "push", "--run-cache")
    (clone / "params.yaml").write_text("lr: 2\n")
    plan = planned(clone, ask=False)
    assert actions(plan)["train"] == "run"
    assert [(str(one.path), one.at) for one in plan.fetched] == [("data.txt", Where.UNASKED)]


def test_an_output_that_was_changed_by_hand_is_restored_from_the_cache(root: Path) -> None:
    (root / "data.txt").unlink()
    (root / "data.txt").write_text("tampered\n")
    plan = planned(root)
    assert actions(plan) == {"prepare": "restore", "train": "up-to-date", "evaluate": "up-to-date"}


def test_a_run_without_pull_makes_again_what_only_the_remote_has(root: Path, clone: Path) -> None:
    plan = planned(clone, pull=False)
    assert actions(plan) == {"prepare": "run", "train": "run", "evaluate": "run-if-changed"}
    assert plan.fetched == ()
    assert set(actions(planned(root, pull=False)).values()) == {"up-to-date"}
    emptied(root / ".dvc/cache/files")
    assert set(actions(planned(root)).values()) == {"up-to-date"}
    assert actions(planned(root, pull=False)) == {"prepare": "run", "train": "run", "evaluate": "run-if-changed"}


def test_a_missing_input_is_named_with_who_reads_it(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", {name: text for name, text in FILES.items() if name != "raw.txt"})
    plan = planned(root)
    assert actions(plan) == {"prepare": "blocked", "train": "blocked", "evaluate": "blocked"}
    assert [(one.path, one.stages) for one in plan.missing] == [("raw.txt", ("prepare",))]


def test_without_a_remote_a_fresh_clone_runs_what_is_nowhere_to_be_had(tmp_path: Path) -> None:
    root = scratch(tmp_path / "one", FILES)
    dvc(root, "repro")
    commit_all(root, "done")
    plan = planned(cloned(root))
    assert actions(plan)["prepare"] == "run"
    assert of(plan, "prepare").reasons[0].cause is Cause.OUTPUT


def test_what_the_remote_has_lost_is_made_again_by_its_stage(root: Path, clone: Path, tmp_path: Path) -> None:
    emptied(tmp_path / "remote" / "files")
    (clone / "params.yaml").write_text("lr: 2\n")
    plan = planned(clone)
    assert actions(plan) == {"prepare": "run", "train": "run", "evaluate": "run-if-changed"}
    assert "is in no cache" in of(plan, "prepare").reasons[0].trouble


def test_data_added_by_hand_that_the_remote_lacks_is_missing(tmp_path: Path) -> None:
    stages = "stages:\n  use:\n    cmd: cp raw.txt out.txt\n    deps: [raw.txt]\n    outs: [out.txt]\n"
    root = scratch(tmp_path / "one", {"dvc.yaml": stages, "raw.txt": "hello\n"})
    with_remote(root)
    git(root, "rm", "-q", "--cached", "raw.txt")
    dvc(root, "add", "raw.txt")
    commit_all(root, "done")
    plan = planned(cloned(root))
    assert actions(plan) == {"use": "blocked"}
    assert [(one.path, one.why) for one in plan.missing] == [
        ("raw.txt", "raw.txt.dvc is to bring it, and the remote lacks it")
    ]
    dvc(root, "push")
    plan = planned(cloned(root, "again"))
    assert actions(plan) == {"use": "run"}
    assert [(str(one.path), one.at, one.size.bytes) for one in plan.fetched] == [("raw.txt", Where.REMOTE, 6)]


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
