"""What this machine has that a repository may need: programs, plug-ins, the user's own configuration of DVC."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """which: the path of a program on the PATH, None if it is not there (see shutil.which).

    has_module: whether the tool's own environment has a Python module.
    dvc_configs: DVC's configuration files outside of repositories, in the order in which they are read.
    cpus, gpus: how many this process may use. memory: bytes, None where it can't be known.
    """

    which: Callable[[str], str | None]
    has_module: Callable[[str], bool]
    dvc_configs: tuple[Path, ...] = ()
    cpus: int = 1
    gpus: int = 0
    memory: int | None = None


def this_machine(environ: Mapping[str, str] | None = None) -> Machine:
    """The machine that we are on."""
    told = os.environ if environ is None else environ
    system = told.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    home = told.get("XDG_CONFIG_HOME") or str(Path(told.get("HOME") or os.devnull) / ".config")
    return Machine(
        which=lambda name: shutil.which(name, path=told.get("PATH")),
        has_module=lambda name: find_spec(name) is not None,
        dvc_configs=tuple(Path(folder) / "dvc" / "config" for folder in (*system.split(":"), home)),
        cpus=_cpus(),
        gpus=_gpus(told),
        memory=_memory(),
    )


def _cpus() -> int:
    """Cores that this process may run on, less where a container's quota (cgroup v2) allows less."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):  # no quota: it says "max", or is not there
        return cores


def _gpus(environ: Mapping[str, str]) -> int:
    visible = environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([one for one in visible.split(",") if one.strip() and one.strip() != "-1"])
    return sum(path.name[6:].isdigit() for path in Path("/dev").glob("nvidia[0-9]*"))


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
