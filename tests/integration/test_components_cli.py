"""`mlops-ci component` in a real repository."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import commit_all, git, lay, repository

PROJECT = (
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "app-{name}"\nversion = "1"\ndependencies = [{requires}]\n'
    '[tool.hatch.build.targets.wheel]\npackages = ["{name}"]\n'
)
FILES = {
    "mlops-ci.yaml": "version: 1\ncomponents:\n  one: {path: code/one}\n  two: {path: code/two}\n",
    "requirements.txt": "pytest\n",
    "code/one/pyproject.toml": PROJECT.format(name="one", requires=""),
    "code/one/one/__init__.py": "",
    "code/two/pyproject.toml": PROJECT.format(name="two", requires='"app-one"'),
    "code/two/two/__init__.py": "",
}


def called(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlops_ci", "component", *arguments, "-C", str(root)],
        cwd=Path(__file__).parents[2], env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_list_says_which_changed_and_why(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    git(root, "checkout", "--quiet", "-b", "work")
    lay(root, {"code/one/one/more.py": ""})
    commit_all(root, "more")
    told = json.loads(called(root, "list", "--json").stdout)["components"]
    assert {row["name"]: row["why"] for row in told} == {
        "one": "code/one/one/more.py changed", "two": "it depends on one, which is tested",
    }  # fmt: skip
    assert called(root, "list", "--base", "work").stdout.splitlines() == [
        "one  not changed since the base", "two  not changed since the base",
    ]  # fmt: skip


@pytest.mark.slow
def test_build_leaves_wheels_and_nothing_else(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", FILES)
    told = json.loads(called(root, "build", "one", "--json").stdout)
    assert told["findings"] == []
    assert (root / told["wheels"]["one"]).name.startswith("app_one-1-")
    assert git(root, "status", "--porcelain", "--ignored") == "!! .mlops-ci/"


def test_an_unknown_component_is_exit_2(tmp_path: Path) -> None:
    done = called(repository(tmp_path / "r", FILES), "build", "on")
    assert done.returncode == 2
    assert "did you mean one?" in done.stderr
