"""What kind of machine this is, in words: what a measurement of time or memory holds for."""

import platform
from pathlib import Path

from mlops_ci.tools.machine import Machine

_GIB = 2**30


def machine_kind(machine: Machine) -> str:
    """Like `Linux x86_64, 4 CPUs (AMD EPYC 7763 64-Core Processor), 16 GiB`. No name of the machine is in it."""
    processor = _processor()
    named = f" ({processor})" if processor else ""
    memory = f", {round(machine.memory / _GIB)} GiB" if machine.memory is not None else ""
    cpus = f"{machine.cpus} CPU{'' if machine.cpus == 1 else 's'}"
    return f"{platform.system()} {platform.machine()}, {cpus}{named}{memory}"


def _processor() -> str:
    """The processor's name; empty where the kernel does not tell it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2] for line in lines if line.startswith("model name"))
    return " ".join(next(found, "").split())
