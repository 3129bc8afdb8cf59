"""A run becomes a commit beside all branches, and nothing of the user's is touched for it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, scratch

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  train: {cmd: cat data.txt params.yaml > model.txt && cp score.json metrics.json, deps: [data.txt, score.json],
    params: [seed], outs: [model.txt], metrics: [metrics.json: {cache: false}]}
"""
FILES = {"dvc.yaml": PIPELINE, "data.txt": "1\n", "params.yaml": "seed: 1\n", "score.json": '{"auc": 0.8}\n'}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a bare remote."""
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    made = scratch(tmp_path / "work", FILES)
    git(made, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(made, "push", "-q", "origin", "HEAD:refs/heads/main")
    return made


def mlops_ci(
    root: Path, *arguments: str, expected: int = 0, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", *arguments, "-C", str(root)], check=False, capture_output=True, text=True,
        env={**os.environ, **apart(root), **(environment or {})},
    )  # fmt: skip
    assert done.returncode == expected, done.stdout + done.stderr
    return done


def recorded(root: Path) -> tuple[str, dict[str, Any]]:
    """The only run that the remote has: its reference and its record."""
    lines = git(root, "ls-remote", "origin", "refs/mlops-ci/runs/*").splitlines()
    assert len(lines) == 1, lines
    commit, ref = lines[0].split("\t")
    record: dict[str, Any] = json.loads(git(root.parent / "origin.git", "show", f"{commit}:.mlops-ci/run.json"))
    return ref, record


def state(root: Path) -> tuple[str, ...]:
    """What git says of the work tree, HEAD, branches and index."""
    names = (("status", "--porcelain=v2", "--branch"), ("for-each-ref", "refs/heads", "refs/tags"), ("ls-files", "-s"))
    return tuple(git(root, *name) for name in names)


def test_a_run_is_a_commit_of_what_was_run_and_what_it_made(root: Path) -> None:
    mlops_ci(root, "check", "--record", "--push")
    ref, record = recorded(root)
    origin, head = root.parent / "origin.git", git(root, "rev-parse", "HEAD")
    assert git(origin, "rev-parse", f"{ref}^") == head
    changed = git(origin, "diff", "--name-only", head, ref).split()
    assert changed == [".mlops-ci/run.json", "dvc.lock", "metrics.json"]
    assert (
        ref == f"refs/mlops-ci/runs/{record['started'][:19].replace('-', '').replace(':', '')}Z-{head[:10]}-{ref[-12:]}"
    )
    assert (record["verdict"], record["source"]["diff"], record["params"]) == (
        "pass",
        None,
        {"params.yaml": {"seed": 1}},
    )
    assert [(one["name"], one["state"], one["exit"]) for one in record["stages"]] == [("train", "ran", 0)]
    assert {one["path"]: one["stage"] for one in record["artifacts"]} == {
        "data.txt": None, "score.json": None, "model.txt": "train", "metrics.json": "train"
    }  # fmt: skip


def test_recording_touches_neither_work_tree_nor_index_nor_branches_and_runs_no_hook(root: Path) -> None:
    for hook in ("pre-commit", "post-commit", "pre-push", "reference-transaction"):
        file = root / ".git/hooks" / hook
        file.write_text("#!/bin/sh\ntouch hooked\nexit 1\n")
        file.chmod(0o755)
    git(root, "config", "commit.gpgSign", "true")
    (root / "loose.txt").write_text("mine\n")
    mlops_ci(root, "check")
    before, files = state(root), sorted(root.glob("*"))
    mlops_ci(root, "run", "record", "--push")
    assert (state(root), sorted(root.glob("*"))) == (before, files)


def test_changes_are_in_the_tree_and_told_and_what_git_does_not_track_is_not(root: Path) -> None:
    (root / "params.yaml").write_text("seed: 2\n")
    (root / "loose.txt").write_text("mine\n")
    (root / ".env").write_text("TOKEN=secret\n")
    mlops_ci(root, "check", "--record", "--push")
    ref, record = recorded(root)
    origin = root.parent / "origin.git"
    assert record["source"]["diff"].startswith("sha256:")
    assert git(origin, "show", f"{ref}:params.yaml") == "seed: 2"
    assert not {"loose.txt", ".env"} & set(git(origin, "ls-tree", "-r", "--name-only", ref).split())


@pytest.mark.parametrize("change", ["tracked", "lock", "commit"])
def test_what_was_not_run_is_not_recorded(root: Path, change: str) -> None:
    mlops_ci(root, "check")
    if change == "tracked":
        (root / "data.txt").write_text("2\n")
    elif change == "lock":
        (root / "dvc.lock").write_text((root / "dvc.lock").read_text() + "\n")
    else:
        commit_all(root, "more")
    said = mlops_ci(root, "run", "record", "--push", expected=2).stderr
    assert "error[MC-RUN-003]: run: the work tree is no longer the one that was run" in said
    assert git(root, "ls-remote", "origin", "refs/mlops-ci/*") == ""


def test_the_same_run_is_recorded_once_however_often(root: Path) -> None:
    mlops_ci(root, "check", "--record")
    assert git(root, "ls-remote", "origin", "refs/mlops-ci/*") == ""
    names = {json.loads(mlops_ci(root, "run", "record", "--push", "--json").stdout)["id"] for _ in range(3)}
    assert len(names) == 1
    recorded(root)


def test_a_failed_check_is_recorded_as_one_and_an_interrupted_or_absent_one_is_not(root: Path) -> None:
    said = mlops_ci(root, "run", "record", expected=2).stderr
    assert "nothing was run in this work tree yet" in said
    (root / "mlops-ci.yaml").write_text(
        "models: {m: {metrics: metrics.json, gates: {floor: {metric: auc, min: 0.9}}}}\n"
    )
    commit_all(root, "gate")
    mlops_ci(root, "check", "--record", "--push", expected=1)
    _, record = recorded(root)
    assert (record["verdict"], record["exit"], record["gates"][0]["verdict"]) == ("fail", 1, "fail")


def test_secrets_are_in_no_record(root: Path) -> None:
    (root / "params.yaml").write_text("seed: hunter2-very-secret\n")
    mlops_ci(root, "check", "--record", "--push", environment={"MLOPS_CI_SECRETS": "CANARY", "CANARY": "PATH-hunter2"})
    _, record = recorded(root)
    assert "PATH-hunter2" not in json.dumps(record)


def test_in_ci_a_run_is_recorded_where_the_token_may_write_and_nothing_is_said_where_not(root: Path) -> None:
    facts = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_ACTOR": "ann"}
    hook = root.parent / "origin.git/hooks/pre-receive"
    mlops_ci(root, "check", "--no-record", environment=facts)
    assert git(root, "ls-remote", "origin", "refs/mlops-ci/*") == ""
    git(root, "remote", "set-url", "--push", "origin", str(root.parent / "gone.git"))
    mlops_ci(root, "check", environment=facts)
    assert git(root, "ls-remote", "origin", "refs/mlops-ci/*") == ""
    assert not hook.exists()
    git(root, "remote", "set-url", "--push", "origin", str(root.parent / "origin.git"))
    mlops_ci(root, "check", environment=facts)
    _, record = recorded(root)
    assert (record["trigger"]["kind"], record["trigger"]["actor"]) == ("push", "ann")
