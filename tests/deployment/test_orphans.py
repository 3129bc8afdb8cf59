"""What a command had started ends with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.processes import left_of

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from pathlib import Path
from mlops_ci.tools.processes import Command, HostProcesses

HostProcesses().run(Command(argv=("sh", "-c", "sleep 300 & touch begun; sleep 300"), cwd=Path(sys.argv[1])))
"""


def test_what_a_killed_process_had_started_is_ended_with_all_below_it(tmp_path: Path) -> None:
    process = subprocess.Popen((sys.executable, "-c", PROGRAM, str(tmp_path)), start_new_session=True)
    end = time.monotonic() + 30
    while not (tmp_path / "begun").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert left_of(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while left_of(tmp_path) and time.monotonic() < end:
        time.sleep(0.01)
    assert left_of(tmp_path) == []
