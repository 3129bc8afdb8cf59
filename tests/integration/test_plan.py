"""`pipeline plan` on real DVC repositories, from digests alone."""

from pathlib import Path

from mlops_ci.pipelines.planned import Cause
from mlops_ci.tools.dvc.facts import Where
from tests.factories import commit_all, git
from tests.integration.dvc_scratch import dvc, emptied, scratch, with_remote
from tests.integration.plans import CHAIN, FILES, actions, causes, cloned, of, planned, reproduced


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
