"""Where the commands of stages run: as processes of this machine, below a supervisor."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mlops_ci.errors import ServiceError
from mlops_ci.tools.dvc.values import Ended, Job
from mlops_ci.tools.environment import inherited
from mlops_ci.tools.processes import close_quietly

_MODULE = "mlops_ci.tools.supervisor"


class ProcessExecutor:
    """Runs jobs side by side. Nothing of them is left when it is closed, or when this process dies, however it dies."""

    def __init__(self, log: Path, *, grace: float = 3.0) -> None:
        """log: what the supervisor itself says. grace: seconds between SIGTERM and SIGKILL."""
        self._log = log
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._pending = b""

    def start(self, job: Job, *, log: Path) -> None:
        """Begin a job and return at once. Its output goes to `log`."""
        request: dict[str, object] = {
            "address": job.address,
            "commands": job.commands,
            "cwd": str(job.cwd),
            "environment": dict(job.environment),
            "log": str(log.absolute()),
            "header": job.header,
        }
        self._send(self._started(), request)

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        """Jobs that have ended, waited for at most so long (None: until one ends). Raises ServiceError."""
        if self._process is None:
            return ()
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            if not selector.select(seconds):
                return ()
        read = os.read(self._answers, 65536)
        if not read:
            raise self._lost()
        *lines, self._pending = (self._pending + read).split(b"\n")
        return tuple(Ended(**json.loads(line)) for line in lines)

    def close(self) -> None:
        """End what runs: SIGTERM, the grace, SIGKILL. No job is left when this returns."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            close_quietly(process.stdin)
        try:
            process.wait(self._grace + 5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(self._answers)

    def __enter__(self) -> "ProcessExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            self._answers, writing = os.pipe()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-m", _MODULE, str(writing), str(self._grace)], pass_fds=[writing],
                    env=inherited(), start_new_session=True, stdin=subprocess.PIPE, stdout=log, stderr=log,
                )  # fmt: skip
            os.close(writing)
        return self._process

    def _send(self, process: "subprocess.Popen[bytes]", request: dict[str, object]) -> None:
        if process.stdin is None:
            raise self._lost()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._lost() from error

    def _lost(self) -> ServiceError:
        return ServiceError.at(
            "MC-PIPE-120", "stages", "the process that runs the commands of stages is gone",
            found=f"it ended before its stages did, see {self._log.name}", expected="to live as long as the run",
            do="run this again; finished stages are not run a second time",
        )  # fmt: skip
