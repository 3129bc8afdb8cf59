"""The flight pipeline in a scratch clone, for tests that check it, and break it, for real."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.factories import commit_all, git

ROOT = Path(__file__).resolve().parents[2]
# Four months are the fewest that the pipeline takes; with so few to learn from, the floor of the gate is lower.
MONTHS = ("2013-01", "2013-02", "2013-03", "2013-04")
FLOOR = "{metric: roc_auc, min: 0.55}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How a `check` ended: exit code, what it printed, and report.json."""

    exit: int
    output: str
    report: dict[str, Any]

    def findings(self, severity: str = "error") -> list[dict[str, Any]]:
        """The findings of one severity."""
        return [finding for finding in self.report["findings"] if finding["severity"] == severity]

    def finding(self, code: str) -> dict[str, Any]:
        """The one finding with this code."""
        found: dict[str, Any]
        (found,) = [finding for finding in self.report["findings"] if finding["code"] == code]
        return found

    def step(self, name: str) -> dict[str, Any]:
        """One step."""
        found: dict[str, Any]
        (found,) = [step for step in self.report["steps"] if step["name"] == name]
        return found

    def states(self) -> dict[str, str]:
        """The state of each stage."""
        return {stage["name"]: stage["state"] for stage in self.report["stages"]}


def check(folder: Path, *arguments: str, command: str = "check", variables: Mapping[str, str] | None = None) -> Checked:
    """Run the real command line in a repository, with these variables over those that are set."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", *command.split(), *arguments], cwd=folder, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**environment(), **(variables or {})},
    )  # fmt: skip
    path = folder / ".mlops-ci" / "report" / "report.json"
    report = json.loads(path.read_text()) if path.is_file() else {}
    return Checked(exit=done.returncode, output=done.stdout, report=report)


def environment() -> dict[str, str]:
    """This environment without the facts of the CI job that may run these tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "PYTEST_"))}


def dvc(folder: Path, *arguments: str) -> str:
    """Run DVC's own program."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=folder, check=True, capture_output=True, text=True,
        env={**environment(), "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip
    return done.stdout + done.stderr


def clone(folder: Path) -> Path:
    """A clone of this repository in which the pipeline has four months of data; nothing is run yet."""
    git(ROOT, "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder))
    replace_in(folder / "mlops-ci.yaml", "{metric: roc_auc, min: 0.66}", FLOOR)
    months = "".join(f'    - "{month}"\n' for month in MONTHS)
    (folder / "inputs.yaml").write_text(f"flights:\n  months:\n{months}")
    for name in ("dvc.lock", "metrics.json"):  # made from twelve months: nothing to compare with
        (folder / name).unlink()
    as_base(folder, "four months")
    return folder


def as_base(folder: Path, message: str) -> None:
    """Commit everything; the remote's main is said to hold it, so what is changed next is compared with this."""
    commit_all(folder, message)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")


def copy(folder: Path, to: Path) -> Path:
    """The clone as it is, with its caches, for one test to break."""
    shutil.copytree(folder, to, symlinks=True)
    return to


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there exactly once."""
    text = path.read_text()
    if text.count(old) != 1:
        raise AssertionError(f"{path} holds {old!r} {text.count(old)} times")
    path.write_text(text.replace(old, new))


def dirt(folder: Path) -> set[str]:
    """Tracked files that differ from what is committed, and files that git neither tracks nor ignores."""
    lines = git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    return {line.split(maxsplit=1)[1] for line in lines}
