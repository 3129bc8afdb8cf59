"""A command at an engine, killed with SIGKILL when a step of it begins."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.deployment.engine_shop import EngineShop

_PATIENCE = 120.0


def kill_at(
    made: EngineShop, environment: str, step: str, *arguments: str, after: float = 0.0, guards: bool = True
) -> bool:  # fmt: skip
    """Kill a command when a step of it has begun, or seconds later; False: it ended, or was at another one.

    guards: kill the processes, too, that are to remove its containers.
    """
    journal = made.shop.root / ".mlops-ci" / "environments" / environment / "journal.json"
    process, end = made.shop.start(*arguments), time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if _step(journal) == step and (step != "smoke" or _running(made)):
            break
        time.sleep(0.005)
    time.sleep(after)
    for guard in _guards_of(process.pid) if guards else ():
        with suppress(ProcessLookupError):
            os.kill(guard, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL and (after > 0 or _step(journal) == step)


def _step(journal: Path) -> str:
    with suppress(FileNotFoundError, ValueError):
        return str(json.loads(journal.read_bytes())["step"])
    return ""


def _running(made: EngineShop) -> list[str]:
    """Containers of this shop in which a command runs."""
    return made.of_this("ps", "--format", "{{.Image}} {{.ID}}")


def _guards_of(process: int) -> list[int]:
    """The processes that remove a command's containers, should it be killed."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process and b"mlops_ci.tools.docker.guard" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found
