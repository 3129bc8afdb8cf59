"""A git that kills its caller before or after its k-th call, and what is wrong after that."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.registry.racing import Ground, begin, call, moved, wrong_runs, wrong_versions

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


def steps(template: Ground, folder: Path, arguments: Sequence[str]) -> int:
    """How many commands of git a command calls."""
    of, root = moved(template, folder / "whole")
    path, count = counting(folder / "bin"), folder / "count"
    done = call(of, root, *arguments, PATH=path, COUNT=str(count), KILL_AT="0", KILL_WHEN="never")
    assert done.returncode == 0, done.stderr
    return int(count.read_text())


def wrong_after_kill(template: Ground, folder: Path, arguments: Sequence[str], at: int, when: str) -> list[str]:
    """What is wrong after a command was killed at a step, and after it was repeated."""
    of, root = moved(template, folder / "killed")
    path, count = counting(folder / "bin"), folder / "count"
    killed = begin(of, root, *arguments, PATH=path, COUNT=str(count), KILL_AT=str(at), KILL_WHEN=when)
    killed.communicate()
    if killed.returncode not in (-signal.SIGKILL, 0):
        return [f"exit {killed.returncode}"]
    wrong = [*wrong_versions(of, ()), *wrong_runs(of, ())]
    again = call(of, root, *arguments)
    wrong += [again.stderr] * bool(again.returncode) + wrong_versions(of, ()) + wrong_runs(of, ())
    found = (len(of.runs()), len(of.tags()))
    return wrong + ([] if found == (1, int("register" in arguments)) else [f"runs and versions: {found}"])


def counting(folder: Path) -> str:
    """A PATH on which that git comes first."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(GIT.replace("REAL", str(shutil.which("git"))))
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
