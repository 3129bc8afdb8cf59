"""Seconds, and memory, of processes; and what a case of a benchmark has to say."""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # installed with DVC

from benchmarks.pipelines import Ground

DVC = (sys.executable, "-m", "dvc")
ENGINE = (sys.executable, "-m", "mlops_ci", "pipeline")
_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One comparison. bound: what the ratio has to reach at most, None where the figure is only stated.

    limits: where the time goes, in words and measured figures. cpu, against_cpu: seconds of processor time of all
    processes, which a busy machine changes less.
    """

    case: str
    what: str
    value: float
    against: str
    against_value: float
    bound: float | None = None
    unit: str = "s"
    limits: str = ""
    cpu: float | None = None
    against_cpu: float | None = None

    @property
    def ratio(self) -> float:
        """How much of the other it takes."""
        return self.value / self.against_value if self.against_value else float("nan")

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without one. NaN keeps none."""
        return None if self.bound is None else self.ratio <= self.bound


@dataclass(frozen=True, slots=True)
class Ran:
    """How one process went. cpu: seconds, with all that it started. peak: bytes, of all its processes together;
    own_peak: without the stages' commands.
    """

    seconds: float
    output: str = ""
    cpu: float | None = None
    peak: int = 0
    own_peak: int = 0

    def answer(self) -> Any:
        """What it printed with `--json`."""
        return json.loads(self.output)


def run(at: Ground, *argv: str, environment: dict[str, str] | None = None) -> Ran:
    """One process in a repository. Its failure ends the benchmark, with what it said."""
    begin, before = time.perf_counter(), _cpu()
    done = subprocess.run(
        argv, cwd=at.root, env=environment or at.environment, check=False, capture_output=True, text=True
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"{' '.join(argv)} in {at.root}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Ran(seconds, done.stdout, _cpu() - before)


def run_watched(at: Ground, *argv: str) -> Ran:
    """The same, with the memory of the process and of all that it started, looked at twenty times a second."""
    begin = time.perf_counter()
    log = at.root.parent / "watched.log"
    with log.open("wb") as output:
        process = subprocess.Popen(argv, cwd=at.root, env=at.environment, stdout=output, stderr=subprocess.STDOUT)
        peaks = _peaks(psutil.Process(process.pid), process)
    if process.returncode:
        sys.exit(f"{' '.join(argv)}: exit {process.returncode}\n{log.read_text()[-2000:]}")
    return Ran(time.perf_counter() - begin, log.read_text(), None, *peaks)


def _peaks(root: psutil.Process, process: "subprocess.Popen[bytes]") -> tuple[int, int]:
    peak = own_peak = 0
    while process.poll() is None:
        time.sleep(_SAMPLE_SECONDS)
        sizes = _sizes(root)
        peak = max(peak, sum(size for size, _ in sizes))
        own_peak = max(own_peak, sum(size for size, own in sizes if own))
    return peak, own_peak


def _sizes(root: psutil.Process) -> list[tuple[int, bool]]:
    """Resident bytes of each process, and whether it is Python's: the stages here run the shell."""
    sizes = []
    try:
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    for one in family:
        try:
            sizes.append((one.memory_info().rss, "python" in Path(one.exe()).name))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return sizes


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))
