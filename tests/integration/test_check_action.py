"""The step of the action as the runner sees it: one process, which ends in order when it is signalled."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories import repository

FILES = {
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    "dvc.yaml": "stages:\n  long:\n    cmd: echo $$ > started; exec sleep 300\n    outs: [never.txt]\n",
    ".gitignore": "/started\n/never.txt\n",
}


def step(root: Path, temp: Path, **inputs: str) -> subprocess.Popen[str]:
    """Start the step."""
    (temp / "mlops-ci/tool").mkdir(parents=True)
    (temp / "mlops-ci/plan.json").write_text(json.dumps({"key": "environments-base-x", "state-key": "state-base-y"}))
    outputs = temp / "outputs"
    outputs.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_CI_"))}
    own = {"RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(outputs), **inputs}
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "actions.check.run"], cwd=root, env={**kept, **own}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_step_ends_what_runs(tmp_path: Path, number: signal.Signals) -> None:
    root = repository(tmp_path / "r", FILES)
    process = step(root, tmp_path / "temp")
    deadline = time.monotonic() + 120
    while not (root / "started").exists() or not (root / "started").read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(number)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130, told
    with pytest.raises(ProcessLookupError):
        os.kill(int((root / "started").read_text()), 0)


def test_secrets_that_cannot_be_read_are_a_usage_error_that_shows_none(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"README.md": ""})
    process = step(root, tmp_path / "temp", MLOPS_CI_ENV="TOKEN=canary-1\ncanary-2\n")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert told == "::error title=mlops-ci::the secret `env` can't be read: line 2: expected NAME=value\n"


def test_a_repository_without_pipelines_is_checked_and_its_report_named_for_upload(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"README.md": ""})
    process = step(root, tmp_path / "temp", MLOPS_CI_DIRECTORY=".")
    told, _ = process.communicate(timeout=60)
    outputs = (tmp_path / "temp/outputs").read_text()
    assert "artifact<<end-of-artifact\nmlops-ci-report\nend-of-artifact\n" in outputs, told
    assert f"{root}/.mlops-ci/report/report.json\n" in outputs
    assert "environments<<end-of-environments\nenvironments-base-x\n" in outputs
    assert "state<<" not in outputs
