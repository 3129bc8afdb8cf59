"""Programs that some tests need and not every machine has: a skip with its reason, or, with all tests, a failure."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

# Each with what brings it; `.ci/run` runs these lines.
PROGRAMS = {
    "act": "go install github.com/nektos/act@v0.2.89",
    "actionlint": "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
    "chromium": "apt-get install chromium",
    "node": "install Node.js 20 or newer",
    "npm": "install Node.js 20 or newer",
    "ssh-keygen": "apt-get install openssh-client",
    "sshd": "apt-get install openssh-server",
}


def needs(program: str) -> Path:
    """The program, from PATH, from where Go puts what it installs, or from where daemons are.

    Without it the test is skipped; where MLOPS_CI_ALL_TESTS is set to 1, it fails.
    """
    go = [os.environ.get("GOBIN", ""), str(Path.home() / "go" / "bin")]
    elsewhere = os.pathsep.join(filter(None, [*go, "/usr/sbin"]))
    found = shutil.which(program) or shutil.which(program, path=elsewhere)
    if found is None:
        absent(f"{program} is not installed: {PROGRAMS[program]}")
    return Path(found)


def absent(reason: str) -> NoReturn:
    """Skip the running test for this reason; with all tests, fail it."""
    if os.environ.get("MLOPS_CI_ALL_TESTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
