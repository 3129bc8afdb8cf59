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
    """

    which: Callable[[str], str | None]
    has_module: Callable[[str], bool]
    dvc_configs: tuple[Path, ...] = ()


def this_machine(environ: Mapping[str, str] | None = None) -> Machine:
    """The machine that we are on."""
    told = os.environ if environ is None else environ
    system = told.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    home = told.get("XDG_CONFIG_HOME") or str(Path(told.get("HOME") or os.devnull) / ".config")
    return Machine(
        which=lambda name: shutil.which(name, path=told.get("PATH")),
        has_module=lambda name: find_spec(name) is not None,
        dvc_configs=tuple(Path(folder) / "dvc" / "config" for folder in (*system.split(":"), home)),
    )
