"""Which process this is, so that another one of the same machine can tell later whether it still runs."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_STATE, _BEGAN = 0, 19  # fields of /proc/<pid>/stat, counted from behind the name of the program
_DEAD = frozenset("ZX")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMark:
    """A process of some machine.

    begin: ticks after the machine's start. boot: that start itself. space: the namespace in which `pid` counts. Texts
    are empty where the system does not say.
    """

    host: str
    pid: int
    begin: str = ""
    boot: str = ""
    space: str = ""


def this_process() -> ProcessMark:
    """The process that asks."""
    return ProcessMark(
        host=socket.gethostname(), pid=os.getpid(), begin=_stat(os.getpid())[1], boot=_boot(), space=_space()
    )


def is_gone(mark: ProcessMark) -> bool:
    """Whether that process has certainly ended. False for what is of another machine, or of another container."""
    if not mark.begin or not mark.boot or (mark.boot, mark.space) != (_boot(), _space()):
        return False
    try:
        os.kill(mark.pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    state, begin = _stat(mark.pid)
    return state in _DEAD or begin not in ("", mark.begin)


def _stat(pid: int) -> tuple[str, str]:
    """State and begin of a process; empty where nobody says."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return fields[_STATE], fields[_BEGAN]
    return "", ""


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def _space() -> str:
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""
