"""The steps that write, started as their actions start them, in a repository on disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import git, lay, repository

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G16")]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository without any pipeline."""
    return repository(tmp_path / "work", {"metrics.json": "{}\n", ".gitignore": "/.mlops-ci/\n"})


def step(root: Path, module: str, **inputs: str) -> tuple[int, str]:
    """Exit code and log of a step. inputs: as the action's."""
    given = {f"MLOPS_CI_{name.upper()}": value for name, value in inputs.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_"))}
    done = subprocess.run(
        [sys.executable, "-m", f"actions.writing.{module}"], cwd=root, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={
            **kept, **given, "PYTHONPATH": str(ROOT), "RUNNER_TEMP": str(root.parent), "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(root.parent / "output"),
        },
    )  # fmt: skip
    return done.returncode, done.stdout


def shown(log: str) -> str:
    """What the runner shows: all but the masks."""
    return "\n".join(line for line in log.splitlines() if not line.startswith("::add-mask::"))


@pytest.mark.parametrize("name", ["record_run", "register_model", "version_artifacts"])
def test_a_secret_that_cant_be_read_ends_the_step_and_no_value_is_shown(root: Path, name: str) -> None:
    code, log = step(root, name, env="A='canary-4711\n", name="delays")
    assert (code, log) == (
        2, "::error title=mlops-ci::the secret `env` can't be read: line 1: the quote is not closed at the end of the "
        "value\n",
    )  # fmt: skip


@pytest.mark.parametrize("file", ["metrics.json", ".mlops-ci/report/run.json"])
def test_a_run_in_whose_files_a_secret_stands_is_not_recorded(root: Path, file: str) -> None:
    lay(root, {file: '{"login": "canary-4711"}'})
    code, log = step(root, "record_run", env="PASSWORD=canary-4711")
    assert code == 2
    assert f"not recorded: values of the secret `env` are in {file}" in log
    assert "canary" not in shown(log)
    assert git(root, "for-each-ref", "refs/mlops-ci") == ""


def test_a_run_in_which_the_token_stands_is_not_recorded_either(root: Path) -> None:
    lay(root, {"metrics.json": '{"login": "eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5LTQ3MTE="}'})  # x-access-token:canary-4711
    code, log = step(root, "record_run", token="canary-4711")  # noqa: S106 - nobody's
    assert (code, "not recorded" in log) == (2, True)


def test_what_a_command_says_is_no_command_to_the_runner(root: Path) -> None:
    code, log = step(root, "register_model", name="::set-output")
    assert code == 2
    begun = [line for line in log.splitlines() if line.startswith("::stop-commands::")]
    assert len(begun) == sum(line == f"::{one.rpartition('::')[2]}::" for one in begun for line in log.splitlines()) > 0
    assert "error[MC-REG-003]" in log


def test_a_repository_in_which_dvc_keeps_nothing_has_no_bytes_to_push(root: Path) -> None:
    code, log = step(root, "version_artifacts")
    assert (code, "DVC keeps nothing in this repository: no bytes to push" in log) == (0, True), log
