"""Commands of stages in containers of a real engine: as processes are run, measured, limited, and never left over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from mlops_ci.tools.docker.containers import Limits
from mlops_ci.tools.docker.engine import Engine, open_engine
from mlops_ci.tools.docker.executor import ContainerExecutor
from mlops_ci.tools.docker.stage_container import Place
from mlops_ci.tools.dvc.values import Ended, Job
from tests.docker.engine import Ground

pytestmark = pytest.mark.slow

LIMIT = 30.0
MIB = 2**20


@pytest.fixture(scope="module")
def engine(ground: Ground) -> Iterator[Engine]:
    with open_engine(ground.engine, dict(os.environ)) as opened:
        yield opened


class Bench:
    """An executor over a folder, and the logs of its jobs."""

    def __init__(self, engine: Engine, folder: Path, place: Place) -> None:
        self.folder = folder / "check out"
        self.folder.mkdir()
        self.logs = folder
        self.environ = dict(os.environ)
        self.executor = ContainerExecutor(
            engine, lambda _: place, checkout=self.folder, environ=self.environ, grace=1.0
        )

    def start(self, *commands: str, address: str = "one", extra: Mapping[str, str] | None = None) -> None:
        argv = tuple(("/bin/zsh", "-c", command) for command in commands)  # a shell that the image has not
        job = Job(
            address=address,
            commands=argv,
            cwd=self.folder,
            environment={**self.environ, **(extra or {})},
            header="# h\n",
        )
        self.executor.start(job, log=self.logs / f"{address}.log")

    def ended(self, number: int = 1) -> Sequence[Ended]:
        found: list[Ended] = []
        limit = time.monotonic() + LIMIT
        while len(found) < number and time.monotonic() < limit:
            found += self.executor.wait(1.0)
        return found

    def log(self, address: str = "one") -> str:
        return (self.logs / f"{address}.log").read_text()


@pytest.fixture
def bench(engine: Engine, ground: Ground, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as held:
        made = Bench(engine, tmp_path, Place(image=ground.base, limits=Limits(memory=100 * MIB, cpus=1.0)))
        held.enter_context(made.executor)
        yield made
    assert ground.docker("ps", "--all", "--quiet", "--filter", f"label=mlops-ci.run={made.executor._run}") == ""


def test_commands_run_one_after_the_other_until_one_fails(bench: Bench) -> None:
    bench.start("echo first", "echo second > written; echo second >&2; exit 3", "echo never")
    (end,) = bench.ended()
    assert (end.address, end.exit) == ("one", 3)
    assert bench.log() == "# h\nfirst\nsecond\n"
    assert (bench.folder / "written").stat().st_uid == bench.folder.stat().st_uid


def test_jobs_run_side_by_side_and_their_output_appears_as_it_comes(bench: Bench) -> None:
    bench.start("echo begun; while [ ! -e go ]; do sleep 0.02; done", address="a")
    limit = time.monotonic() + LIMIT
    while "begun" not in bench.log("a") if (bench.logs / "a.log").exists() else True:
        assert time.monotonic() < limit
        time.sleep(0.02)
    bench.start("touch go", address="b")
    assert sorted((one.address, one.exit) for one in bench.ended(2)) == [("a", 0), ("b", 0)]


def test_processor_and_memory_are_measured(bench: Bench) -> None:
    bench.start("python3 -c 'x = bytearray(60_000_000); sum(i * i for i in range(2_000_000))'")
    (end,) = bench.ended()
    assert end.cpu is not None
    assert 0.05 < end.cpu < end.seconds
    assert end.memory is not None
    assert 60_000_000 < end.memory < 100 * MIB


def test_who_takes_more_memory_than_allowed_is_ended_and_told_why(bench: Bench) -> None:
    bench.start("python3 -c 'x = bytearray(300_000_000)'")
    (end,) = bench.ended()
    assert end.exit == -signal.SIGKILL
    assert end.trouble == "it took more memory than the 100 MiB of `memory`, so the kernel ended it"
    assert bench.log().endswith(f"{end.trouble}\n")


def test_a_container_has_no_network_no_privilege_and_nothing_of_this_machine(bench: Bench) -> None:
    bench.start("cat /proc/net/dev | wc -l; grep CapEff /proc/self/status; env", extra={"GIVEN": "yes"})
    bench.ended()
    lines = bench.log().splitlines()
    assert lines[1:3] == ["3", "CapEff:\t0000000000000000"]  # two lines of headings, and lo
    given = {line.partition("=")[0] for line in lines[3:]}
    assert "GIVEN" in given
    assert given - {"PATH", "HOME", "HOSTNAME", "PWD", "GIVEN", "PYTHONDONTWRITEBYTECODE", "SHLVL", "LC_CTYPE"} == set()


def test_a_command_that_is_not_there_and_an_image_that_is_not_there(bench: Bench, ground: Ground) -> None:
    bench.start("no-such-program")
    assert bench.ended()[0].exit == 127
    bench.executor._place_of = lambda _: Place(image=f"{ground.registry}/none:1")
    bench.start("true")
    (end,) = bench.ended()
    assert end.exit is None
    assert end.trouble.startswith(f"there is no such image: {ground.registry}/none:1 (")


def test_closing_gives_commands_time_to_end_and_then_none(bench: Bench) -> None:
    bench.start("trap 'echo asked; exit 7' TERM; echo begun; while true; do sleep 0.05; done", address="polite")
    bench.start("trap '' TERM; echo begun; while true; do sleep 0.05; done", address="deaf")
    limit = time.monotonic() + LIMIT
    for address in ("polite", "deaf"):
        while not (bench.logs / f"{address}.log").exists() or "begun" not in bench.log(address):
            assert time.monotonic() < limit
            time.sleep(0.05)
    begin = time.monotonic()
    bench.executor.close()
    assert time.monotonic() - begin < 8
    assert "asked\n" in bench.log("polite")


KILLED = """
import os, sys, time
from pathlib import Path
from mlops_ci.tools.docker.engine import open_engine
from mlops_ci.tools.docker.executor import ContainerExecutor
from mlops_ci.tools.docker.stage_container import Place
from mlops_ci.tools.dvc.values import Job
folder = Path(sys.argv[2])
with open_engine(None, dict(os.environ)) as engine:
    executor = ContainerExecutor(engine, lambda _: Place(image=sys.argv[1]), checkout=folder, environ=dict(os.environ))
    job = Job(address="one", commands=(("/bin/sh", "-c", "echo begun; sleep 600"),), cwd=folder, environment={})
    executor.start(job, log=folder / "log")
    while not (folder / "log").exists() or not (folder / "log").stat().st_size:
        time.sleep(0.05)
    print(executor._run, flush=True)
    time.sleep(600)
"""


def killed(ground: Ground, folder: Path, *, guard_too: bool) -> str:
    """The run of an executor that was killed while its job ran."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, ground.base, str(folder)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "DOCKER_HOST": ground.engine},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        if guard_too:
            (guard,) = [pid for pid in Path("/proc").glob("[0-9]*") if _says(pid, run)]
            os.kill(int(guard.name), signal.SIGKILL)
        process.kill()
    return run


def _says(process: Path, run: str) -> bool:
    try:
        return run.encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False


def test_when_the_tool_is_killed_its_guard_removes_the_container(ground: Ground, tmp_path: Path) -> None:
    run = killed(ground, tmp_path, guard_too=False)
    limit = time.monotonic() + LIMIT
    while ground.docker("ps", "--all", "--quiet", "--filter", f"label=mlops-ci.run={run}"):
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_when_the_guard_is_killed_too_the_next_executor_does(ground: Ground, tmp_path: Path, bench: Bench) -> None:
    run = killed(ground, tmp_path, guard_too=True)
    assert ground.docker("ps", "--quiet", "--filter", f"label=mlops-ci.run={run}")
    bench.start("true")
    bench.ended()
    assert ground.docker("ps", "--all", "--quiet", "--filter", f"label=mlops-ci.run={run}") == ""
