"""What a job installs and caches, decided before anything is installed."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from actions.setup.plan import cache_scopes, candidates, find_python, lock_names
from tests.factories import git, lay, repository

PLAN = Path(__file__).resolve().parents[2] / "actions/setup/plan.py"


def planned(tmp_path: Path, root: Path, what: str = "check", event: object = None, **environ: str) -> dict[str, str]:
    """The outputs of the step."""
    temp = tmp_path / "temp"
    temp.mkdir(exist_ok=True)
    (tmp_path / "event.json").write_text(json.dumps(event or {}))
    (tmp_path / "outputs").write_text("")
    own = {
        "RUNNER_TEMP": str(temp),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
    }
    subprocess.run([sys.executable, str(PLAN), what], cwd=root, env={**os.environ, **own, **environ}, check=True)
    outputs: dict[str, str] = {}
    for block in (tmp_path / "outputs").read_text().split("\nend-of-"):
        head, separator, value = block.partition("<<end-of-")
        if separator:
            outputs[head.splitlines()[-1]] = value.partition("\n")[2]
    return outputs


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["dvc", "runtime"]),
        ({"mlops-ci.yaml": "datasets: {a: {path: a}}\n"}, ["data", "dvc", "runtime"]),
        ({"mlops-ci.yaml": "models: {a: {artifact: a}}\n"}, ["dvc", "models", "runtime"]),
        ({".dvc/config": "['remote \"a\"']\n    url = s3://bucket/x\n"}, ["dvc", "runtime", "s3"]),
        ({"sub dir/.dvc/config": "url=sftp://host/x\n  url = gs://b\n"}, ["dvc", "gs", "runtime", "ssh"]),
        ({".dvc/config": "# url = s3://no\n    url = ../store\n    url = https://host/x\n"}, ["dvc", "runtime"]),
    ],
)
def test_only_what_the_repository_needs_is_installed(
    tmp_path: Path, files: Mapping[str, str], expected: list[str]
) -> None:
    assert lock_names("", repository(tmp_path / "r", files)) == expected


def test_what_is_asked_for_is_installed_and_nothing_else(tmp_path: Path) -> None:
    assert lock_names("data, s3", tmp_path) == ["core", "data", "s3"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"pull_request": {"number": 7}}, ["pr7", "base"]),
        ({"merge_group": {"base_sha": "x"}}, ["queue", "base"]),
        ({"workflow_run": {"event": "pull_request"}}, ["other", "base"]),
        ({"issue": {"number": 7}, "comment": {}}, ["other", "base"]),
        ({"ref": "refs/heads/main"}, ["base"]),
        ({}, ["base"]),
    ],
)
def test_only_runs_without_a_strangers_code_write_what_others_read(
    event: dict[str, object], expected: list[str]
) -> None:
    assert cache_scopes(event) == expected


def test_the_runners_pythons_come_first_the_newest_that_is_whole(tmp_path: Path) -> None:
    for version in ("3.10.9", "3.11.9", "3.12.2", "3.12.11", "3.12.12", "3.13.1"):
        lay(tmp_path, {f"Python/{version}/x64/bin/python3": ""})
        if version != "3.12.12":  # its unpacking was cut off
            lay(tmp_path, {f"Python/{version}/x64.complete": ""})
    found = list(candidates({"RUNNER_TOOL_CACHE": str(tmp_path), "PATH": ""}))
    assert [Path(path).parts[-4] for path in found] == ["3.12.11", "3.12.2", "3.11.9"]


def test_a_python_that_does_not_fit_is_passed_over(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "python").symlink_to(sys.executable)
    assert find_python({"PATH": str(tmp_path)})[0] == str(tmp_path / "python")
    assert find_python({"PATH": ""})[0] == sys.executable  # then uv brings one


def test_the_environments_key_changes_with_locks_and_not_with_data(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"requirements.txt": "iniconfig\n", "dvc.lock": "a", "mlops-ci.yaml": ""})
    first = planned(tmp_path, root)
    lay(root, {"dvc.lock": "b", "README.md": "b"})
    git(root, "add", "--all")
    assert planned(tmp_path, root)["key"] == first["key"]
    lay(root, {"requirements.txt": "iniconfig==2.0.0\n"})
    git(root, "add", "--all")
    assert planned(tmp_path, root)["key"] != first["key"]


def test_a_pull_request_reads_the_bases_caches_and_writes_its_own(tmp_path: Path) -> None:
    outputs = planned(tmp_path, repository(tmp_path / "r", {}), event={"pull_request": {"number": 7}})
    assert outputs["key"].startswith("mlops-ci-environments-pr7-")
    assert [key.split("-")[3] for key in outputs["keys"].splitlines()] == ["pr7", "base"]
    assert [key.split("-")[3] for key in outputs["state-keys"].splitlines()] == ["pr7", "base"]


def test_everything_lies_in_the_runners_folder_and_in_ours(tmp_path: Path) -> None:
    outputs = planned(tmp_path, repository(tmp_path / "r", {}))
    temp = str(tmp_path / "temp")
    assert [path.replace(temp, "TEMP") for path in outputs["paths"].splitlines()] == [
        "TEMP/mlops-ci/tool", "TEMP/mlops-ci/python", ".mlops-ci/runtime"
    ]  # fmt: skip
