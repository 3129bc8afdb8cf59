"""Repositories on a GitHub of this disk, as their authors pushed them, and pull requests to them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.by_hand import Project
from tests.actions.hub import Hub, copied
from tests.factories import commit_all, git, lay, repository

WORKFLOW = ".github/workflows/pull-request.yml"
NOTHING = {"README.md": "# A word more\n"}


def prepared(project: Project, folder: Path) -> Path:
    """A hub for each side, whose main was run by its author, who pushed everything; made once in a folder."""
    if (folder / "done").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    (first, workflow), *others = project.workflows().items()
    _first(project, folder / first, workflow)
    for side, another in others:
        _like(folder / first, folder / side, another)
    (folder / "done").touch()
    return folder


def opened(side: Path, at: Path, change: Mapping[str, str], *, warm: bool) -> tuple[Hub, dict[str, Any]]:
    """A pull request to a copy of a side's repository, with what main's runs cached or with nothing."""
    shutil.rmtree(at, ignore_errors=True)
    hub = copied(Hub(folder=side), at)
    if warm and (side / "cache").exists():
        shutil.copytree(side / "cache", at / "cache", copy_function=os.link)
    return hub, hub.pull_request(change, reproduce=False)


def _first(project: Project, folder: Path, workflow: str) -> None:
    """Written, reproduced and pushed as an author does."""
    store = folder.parent / "dvc-remote"
    store.mkdir(parents=True)
    files = {name: text.replace("{store}", str(store)) for name, text in project.files.items()}
    clone = repository(folder / "clone", {**files, WORKFLOW: workflow})
    _in_shell(_author(project), clone)
    shutil.rmtree(clone / ".venv")
    commit_all(clone, "reproduced")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    git(clone, "remote", "add", "origin", str(folder / "remote.git"))
    git(clone, "push", "--quiet", "origin", "main")


def _like(first: Path, folder: Path, workflow: str) -> None:
    """The same with another workflow."""
    hub = copied(Hub(folder=first), folder)
    lay(hub.clone, {WORKFLOW: workflow})
    commit_all(hub.clone, "another workflow")
    git(hub.clone, "push", "--quiet", "origin", "main")


def _author(project: Project) -> str:
    """What the author does. Raw data are DVC's; a stage's source never holds bytecode, which would make it stale."""
    install = "\n".join(f"uv pip install --quiet {line}" for line in project.install)
    return f"""set -eu
export PYTHONDONTWRITEBYTECODE=1
uv venv --quiet --python python3 .venv
. .venv/bin/activate
{install}
if [ -e data/raw.csv ]; then git rm --quiet --cached data/raw.csv; dvc add --quiet data/raw.csv; fi
dvc repro --quiet
dvc push --quiet
"""


def _in_shell(script: str, folder: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "VIRTUAL_ENV"))}
    command = [shutil.which("bash") or "bash", "-c", script]
    subprocess.run(command, cwd=folder, env={**kept, "DVC_NO_ANALYTICS": "1"}, check=True)
