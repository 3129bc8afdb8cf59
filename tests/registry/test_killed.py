"""kill -9 before and after each command of git's that registering calls: nothing half, and the repeat converges."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.registry.killing import steps, wrong_after_kill
from tests.registry.racing import MODEL, Ground, begin, call, moved, wrong_runs, wrong_versions

pytestmark = pytest.mark.slow

REGISTER = ("model", "register", MODEL, "--json")


@pytest.fixture(scope="module")
def commands(prepared: Ground, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many commands of git a whole registration calls."""
    return steps(prepared, tmp_path_factory.mktemp("whole"), REGISTER)


@pytest.mark.parametrize(("share", "when"), [(0.4, "before"), (0.75, "after"), (0.9, "before"), (1.0, "after")])
def test_a_killed_registration_leaves_nothing_half(
    prepared: Ground, commands: int, tmp_path: Path, share: float, when: str
) -> None:
    at = max(1, round(commands * share))
    assert wrong_after_kill(prepared, tmp_path, REGISTER, at, when) == []


def test_a_registration_killed_while_bytes_are_sent_leaves_nothing_half(prepared: Ground, tmp_path: Path) -> None:
    of, root = moved(prepared, tmp_path / "killed")
    racer = begin(of, root, *REGISTER)
    while racer.poll() is None and not any(one.is_file() for one in of.remote.rglob("*")):
        time.sleep(0.002)
    with suppress(ProcessLookupError):
        os.killpg(racer.pid, signal.SIGKILL)
    racer.communicate()
    assert (wrong_versions(of, ()), wrong_runs(of, ())) == ([], [])
    again = call(of, root, *REGISTER)
    assert again.returncode == 0, again.stderr
    assert (wrong_versions(of, ()), wrong_runs(of, ()), len(of.tags()), len(of.runs())) == ([], [], 1, 1)
