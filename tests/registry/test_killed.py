"""kill -9 before and after each command of git's that registering calls: nothing half, and the repeat converges."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.registry.racing import MODEL, Ground, begin, call, clone, ground, wrong_runs, wrong_versions

pytestmark = pytest.mark.slow

# A git that counts its calls, and kills its caller's process group before or after one of them.
GIT = """#!/bin/sh
n=$(($(cat "$COUNT" 2>/dev/null || echo 0) + 1))
echo $n > "$COUNT"
[ "$n $KILL_WHEN" = "$KILL_AT before" ] && kill -9 -$(ps -o pgid= -p $PPID | tr -d ' ') && exit 1
REAL "$@"
code=$?
[ "$n $KILL_WHEN" = "$KILL_AT after" ] && kill -9 -$(ps -o pgid= -p $PPID | tr -d ' ')
exit $code
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shared repository and a clone with a run that can be registered."""
    of = ground(tmp_path_factory.mktemp("template"))
    clone(of, "clone", f"file://{of.origin}", data="data")
    return of


def counting(folder: Path) -> str:
    """A PATH on which that git comes first."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(GIT.replace("REAL", str(shutil.which("git"))))
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def moved(of: Ground, to: Path) -> tuple[Ground, Path]:
    """A copy of all of it, with the address of the remote changed."""
    shutil.copytree(of.folder, to, symlinks=True)
    copy = Ground(folder=to)
    file = to / "clone/.git/config"
    file.write_text(file.read_text().replace(str(of.folder), str(to)))
    return copy, to / "clone"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.9, 1.0])
def test_a_killed_registration_leaves_nothing_half(template: Ground, tmp_path: Path, share: float, when: str) -> None:
    whole, root = moved(template, tmp_path / "whole")
    path, count = counting(tmp_path / "bin"), tmp_path / "count"
    done = call(whole, root, "model", "register", MODEL, PATH=path, COUNT=str(count), KILL_AT="0", KILL_WHEN="never")
    assert done.returncode == 0, done.stderr
    at = max(1, round(int(count.read_text()) * share))
    count.unlink()
    of, root = moved(template, tmp_path / "killed")
    killed = begin(
        of, root, "model", "register", MODEL, PATH=path, COUNT=str(count), KILL_AT=str(at), KILL_WHEN=when
    )  # fmt: skip
    killed.communicate()
    assert killed.returncode in (-signal.SIGKILL, 0), at
    assert (wrong_versions(of, ()), wrong_runs(of, ())) == ([], [])
    again = call(of, root, "model", "register", MODEL, "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["version"] == "v1.0.0"
    assert (wrong_versions(of, ()), wrong_runs(of, ()), len(of.tags()), len(of.runs())) == ([], [], 1, 1)
