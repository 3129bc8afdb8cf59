"""Processes: a command is a value, one runner carries it out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from mlops_ci.tools import death_watch
from mlops_ci.tools.environment import inherited

_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is to be run: never a shell string.

    environment: laid over this process's own; with `inherit` false it is all that the command gets, which is how
    variables of the tool's own environment are kept from the pipeline's.
    """

    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    inherit: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a command ended. `exit` is negative for a signal, None when the time-out ended it."""

    exit: int | None
    output: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the command ended by itself with exit code 0."""
        return self.exit == 0


class Processes(Protocol):
    """The port through which rooms run commands."""

    def run(self, command: Command, *, log: Path | None = None) -> Completed:
        """Run to the end. Standard output and error come together, in `log` too where one is named.

        Raises FileNotFoundError when the program does not exist.
        """


class HostProcesses:
    """Commands run on this machine, each in a process group of its own, so that nothing is left behind.

    That holds also where this process is killed on the way.
    """

    def run(self, command: Command, *, log: Path | None = None) -> Completed:
        """See Processes.run."""
        begin = time.monotonic()
        with subprocess.Popen(
            command.argv, cwd=command.cwd, env=_environment(command), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process, _watched(process.pid):  # fmt: skip
            output, code = _finish(process, command.timeout)
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_bytes(output)
        text = output.decode("utf-8", "replace")
        return Completed(exit=code, output=text, seconds=time.monotonic() - begin)


def _environment(command: Command) -> dict[str, str]:
    return inherited(command.environment) if command.inherit else dict(command.environment)


@contextmanager
def _watched(group: int) -> Iterator[None]:
    """While this runs somebody else ends the process group if we are killed: see death_watch."""
    with subprocess.Popen(
        (sys.executable, "-I", "-S", death_watch.__file__, str(group)), start_new_session=True, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={},
    ) as watch:  # fmt: skip
        try:
            yield
        finally:
            watch.kill()  # first: where its input ends it ends the group


def _finish(process: subprocess.Popen[bytes], timeout: float | None) -> tuple[bytes, int | None]:
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
        output, _ = process.communicate()
        return output, None
    except BaseException:
        end_group(process)
        raise
    return output, process.returncode


def end_group(process: subprocess.Popen[bytes], grace: float = _GRACE_SECONDS) -> None:
    """End a process and all that it started: SIGTERM, `grace` seconds, SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def close_quietly(stream: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    with suppress(BrokenPipeError):
        stream.close()
