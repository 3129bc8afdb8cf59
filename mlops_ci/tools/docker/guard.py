"""A process that removes the containers of a run when the process that began them is killed.

`python -I -m mlops_ci.tools.docker.guard RUN`, the engine in DOCKER_HOST; it waits for standard input to end. A line on
it says that nothing is left to do. It is begun early and imports late, since it is almost never needed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from mlops_ci.tools.environment import inherited

_MODULE = "mlops_ci.tools.docker.guard"


@contextmanager
def guarded(host: str) -> Iterator[str]:
    """A name for a run at an engine: whatever carries it there is removed should this process be killed."""
    run = uuid4().hex
    with subprocess.Popen(
        [sys.executable, "-I", "-m", _MODULE, run], env=inherited({"DOCKER_HOST": host}), start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield run
        finally:
            with suppress(OSError):
                process.communicate(b"done\n", timeout=10)


def main() -> None:
    """Wait, then remove what there is."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.readline():
        return
    from mlops_ci.tools.docker.containers import remove_of_run  # noqa: PLC0415 - see above
    from mlops_ci.tools.docker.engine import open_engine  # noqa: PLC0415

    with open_engine(None, dict(os.environ)) as engine:
        remove_of_run(engine, sys.argv[1])


if __name__ == "__main__":
    main()
