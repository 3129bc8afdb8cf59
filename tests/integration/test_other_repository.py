"""Variables with which git names a repository to its hooks do not lead a command into another one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import git
from tests.integration.dvc_scratch import apart
from tests.integration.registered import checked

pytestmark = pytest.mark.slow


def test_a_checkout_within_a_hook_moves_nothing_of_the_clone_that_the_hook_is_of(tmp_path: Path) -> None:
    project = checked(tmp_path)
    project.must("run", "record", "--push")
    (project.root / "data.txt").write_text("data 2\n")
    git(project.root, "commit", "-qam", "later")
    before = (git(project.root, "rev-parse", "main"), git(project.root, "status", "--porcelain"))
    folder = str(project.root / ".git")
    run = project.must("run", "list", "--json").facts["runs"][0]["id"]
    command = [
        sys.executable,
        "-m",
        "mlops_ci",
        "run",
        "checkout",
        run,
        str(tmp_path / "then"),
        "-C",
        str(project.root),
    ]
    of_a_hook = {"GIT_DIR": folder, "GIT_INDEX_FILE": f"{folder}/index", "GIT_WORK_TREE": str(project.root)}
    done = subprocess.run(
        command, check=False, capture_output=True, env={**os.environ, **apart(project.root), **of_a_hook}
    )
    assert done.returncode == 0, done.stderr
    assert (git(project.root, "rev-parse", "main"), git(project.root, "status", "--porcelain")) == before
