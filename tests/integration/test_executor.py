"""Commands of stages as processes: side by side, measured, and none of them outlives whoever began it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mlops_ci.errors import ServiceError
from mlops_ci.tools.dvc.values import Ended, Job
from mlops_ci.tools.executor import ProcessExecutor
from tests.integration.dvc_scratch import environment
from tests.integration.ended import is_gone

LIMIT = 15.0


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[ProcessExecutor]:
    with ProcessExecutor(tmp_path / "executor.log", grace=0.5) as made:
        yield made


def job(folder: Path, *commands: str, address: str = "one") -> Job:
    argv = tuple(("/bin/sh", "-c", command) for command in commands)
    return Job(address=address, commands=argv, cwd=folder, environment=environment(), header=f"# {address}\n")


def ended(executor: ProcessExecutor, number: int = 1) -> Sequence[Ended]:
    found: list[Ended] = []
    limit = time.monotonic() + LIMIT
    while len(found) < number and time.monotonic() < limit:
        found += executor.wait(1.0)
    return found


def test_commands_run_one_after_the_other_until_one_fails(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.start(job(tmp_path, "echo first", "echo second; exit 3", "echo never"), log=tmp_path / "log")
    (end,) = ended(executor)
    assert (end.address, end.exit) == ("one", 3)
    assert (tmp_path / "log").read_text() == "# one\nfirst\nsecond\n"


def test_jobs_run_side_by_side(executor: ProcessExecutor, tmp_path: Path) -> None:
    meet = "echo > {0}; while [ ! -e {1} ]; do sleep 0.02; done"  # each waits for the other
    executor.start(job(tmp_path, meet.format("a", "b"), address="a"), log=tmp_path / "a.log")
    executor.start(job(tmp_path, meet.format("b", "a"), address="b"), log=tmp_path / "b.log")
    assert sorted((one.address, one.exit) for one in ended(executor, 2)) == [("a", 0), ("b", 0)]


def test_time_processor_and_memory_are_measured_with_those_of_children(
    executor: ProcessExecutor, tmp_path: Path
) -> None:  # fmt: skip
    busy = f"{sys.executable} -I -c 'x = bytearray(80_000_000); sum(i * i for i in range(2_000_000))'"
    executor.start(job(tmp_path, busy), log=tmp_path / "log")
    (end,) = ended(executor)
    assert end.exit == 0
    assert end.cpu is not None and end.memory is not None  # noqa: PT018
    assert end.cpu > 0.02
    assert 0.02 < end.seconds < LIMIT
    assert 80_000_000 < end.memory < 1_000_000_000


def test_a_command_that_cannot_be_started_says_why(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.start(job(tmp_path / "gone", "true"), log=tmp_path / "log")
    (end,) = ended(executor)
    assert end.exit is None
    assert "gone" in end.trouble


def test_a_signal_is_told_as_a_negative_exit(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.start(job(tmp_path, "kill -9 $$"), log=tmp_path / "log")
    assert ended(executor)[0].exit == -signal.SIGKILL


def _runaway(folder: Path) -> str:
    """A command with a child in a session of its own, which tells its number and sleeps, deaf to SIGTERM."""
    deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN)"
    (folder / "child.py").write_text(f"{deaf}; open('pid', 'w').write(str(os.getpid())); time.sleep(60)")
    return f"setsid {sys.executable} -I child.py & sleep 60"


def _pid(folder: Path) -> int:
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        text = (folder / "pid").read_text() if (folder / "pid").exists() else ""
        if text:
            return int(text)
        time.sleep(0.02)
    raise AssertionError("the child has not begun")


def test_closing_ends_children_in_sessions_of_their_own_too(tmp_path: Path) -> None:
    with ProcessExecutor(tmp_path / "executor.log", grace=0.5) as executor:
        executor.start(job(tmp_path, _runaway(tmp_path)), log=tmp_path / "log")
        child = _pid(tmp_path)
    assert is_gone(child, within=LIMIT)


@pytest.mark.parametrize("who", ["guard", "supervisor"])
def test_when_one_of_the_two_supervising_processes_is_killed_the_other_ends_all(tmp_path: Path, who: str) -> None:
    with ProcessExecutor(tmp_path / "executor.log", grace=0.5) as executor:
        executor.start(job(tmp_path, _runaway(tmp_path)), log=tmp_path / "log")
        child = _pid(tmp_path)
        guard, supervisor = _supervising()
        os.kill(guard if who == "guard" else supervisor, signal.SIGKILL)
        assert is_gone(child, within=LIMIT)
        with pytest.raises(ServiceError) as caught:
            ended(executor)
    assert caught.value.findings[0].code == "MC-PIPE-120"


def _supervising() -> tuple[int, int]:
    """The guard and the supervisor of the executor of this process."""
    guard = next(one for one in _children(os.getpid()) if "mlops_ci.tools.supervisor" in _words(one))
    return guard, _children(guard)[0]


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _words(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()


HOLDER = """
import sys, time
from pathlib import Path
from mlops_ci.tools.executor import ProcessExecutor
from mlops_ci.tools.dvc.values import Job
folder, command = Path(sys.argv[1]), sys.argv[2]
executor = ProcessExecutor(folder / "executor.log", grace=0.5)
commands = (("/bin/sh", "-c", command),)
executor.start(Job(address="one", commands=commands, cwd=folder, environment={"PATH": sys.argv[3]}), log=folder / "log")
time.sleep(60)
"""


def test_nothing_outlives_a_tool_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "holder.py").write_text(HOLDER)
    arguments = [str(tmp_path), _runaway(tmp_path), os.environ["PATH"]]
    here = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, str(tmp_path / "holder.py"), *arguments], env=here) as holder:
        child = _pid(tmp_path)
        holder.kill()
    assert is_gone(child, within=LIMIT)
