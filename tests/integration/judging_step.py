"""The step of `actions/validate-model` as the runner starts it, and what it leaves."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Left:
    """How a step ended. log: all that it printed. outputs: by name. summary: of the job."""

    exit: int
    log: str
    outputs: Mapping[str, str]
    summary: str


def judging_step(root: Path, temp: Path, **variables: str) -> subprocess.Popen[str]:
    """Start it in a repository, after the steps that plan and install. temp: the runner's."""
    (temp / "mlops-ci/tool").mkdir(parents=True)
    (temp / "mlops-ci/plan.json").write_text(json.dumps({"key": "environments-base-x", "state-key": "state-base-y"}))
    files = {"GITHUB_OUTPUT": temp / "outputs", "GITHUB_STEP_SUMMARY": temp / "summary"}
    for file in files.values():
        file.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_CI_"))}
    own = {"RUNNER_TEMP": str(temp), **{name: str(file) for name, file in files.items()}, **variables}
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "actions.check.validate_model"], cwd=root, env={**kept, **own}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finished(step: subprocess.Popen[str], temp: Path) -> Left:
    """What it left when it had ended."""
    log, _ = step.communicate(timeout=120)
    found = re.findall(r"^([a-z-]+)<<(\S+)\n(.*?)\n\2$", (temp / "outputs").read_text(), re.MULTILINE | re.DOTALL)
    outputs = {name: value for name, _, value in found}
    return Left(exit=step.returncode, log=log, outputs=outputs, summary=(temp / "summary").read_text())
