"""The process that runs the commands of stages, so that nothing of them outlives us, however we end.

Two processes, one the guard of the other; on Linux both are subreapers, so that a child that makes a session of its
own, or loses its parent, stays below them. Whoever of the three, with the tool itself, is killed: another one sees its
pipe close, and kills all that is below it. `python -I -m mlops_ci.tools.supervisor ANSWERS GRACE`, requests as JSON
lines on standard input, answers on the descriptor ANSWERS.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 50


@dataclass(slots=True)
class _Running:
    """One stage: the command that runs now, and those that come after it."""

    process: subprocess.Popen[bytes]
    request: dict[str, Any]
    left: list[list[str]]
    log: IO[bytes]
    begin: float
    cpu: float = 0.0
    memory: int = 0


@dataclass(slots=True)
class _Stages:
    """What runs, by the process of its command."""

    answers: int
    running: dict[int, _Running] = field(default_factory=dict)

    def begin(self, request: dict[str, Any]) -> None:
        """Start the first command of a stage."""
        path = Path(request["log"])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            log = path.open("wb", buffering=0)
            log.write(request["header"].encode("utf-8", "surrogateescape"))
        except OSError as error:
            self._answer(request, {"exit": None, "seconds": 0.0, "trouble": str(error)})
            return
        self._next(request, list(request["commands"]), log, time.monotonic(), 0.0, 0)

    def reap(self) -> None:
        """Take the ends of all processes that have ended; orphans that came to us are only buried."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            stage = self.running.pop(pid, None)
            if stage is not None:
                stage.process.returncode = os.waitstatus_to_exitcode(status)
                cpu = stage.cpu + usage.ru_utime + usage.ru_stime
                memory = max(stage.memory, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
                self._ended(stage, stage.process.returncode, cpu, memory)

    def stop(self, grace: float) -> None:
        """SIGTERM to all that runs, also in sessions of its own, time to end, SIGKILL to all that is left."""
        for pid in (*(-group for group in self.running), *_descendants(os.getpid())):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + grace
        while _descendants(os.getpid()) and time.monotonic() < end:
            self.reap()
            time.sleep(0.02)
        kill_all_below()
        self.reap()

    def _ended(self, stage: _Running, code: int, cpu: float, memory: int) -> None:
        if code == 0 and stage.left:
            self._next(stage.request, stage.left, stage.log, stage.begin, cpu, memory)
            return
        stage.log.close()
        seconds = time.monotonic() - stage.begin
        self._answer(stage.request, {"exit": code, "seconds": seconds, "cpu": cpu, "memory": memory})

    def _next(
        self, request: dict[str, Any], commands: list[list[str]], log: IO[bytes], begin: float, cpu: float, memory: int
    ) -> None:
        try:
            process = subprocess.Popen(
                commands[0], cwd=request["cwd"], env=request["environment"], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        except OSError as error:
            log.close()
            self._answer(request, {"exit": None, "seconds": time.monotonic() - begin, "trouble": str(error)})
            return
        self.running[process.pid] = _Running(process, request, commands[1:], log, begin, cpu, memory)

    def _answer(self, request: dict[str, Any], ended: dict[str, Any]) -> None:
        line = json.dumps({"address": request["address"], **ended}) + "\n"
        with suppress(OSError):  # nobody is there any more
            os.write(self.answers, line.encode())


def supervise(answers: int, grace: float) -> None:
    """Run what is asked for until standard input closes; then end what still runs."""
    os.set_inheritable(answers, False)
    requests = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    stages = _Stages(answers)
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                read = os.read(key.fd, 65536)
                if key.fd == requests:
                    if not read:
                        stages.stop(grace)
                        return
                    *lines, pending = (pending + read).split(b"\n")
                    for line in lines:
                        _obey(stages, json.loads(line), grace)
            stages.reap()


def _obey(stages: _Stages, request: dict[str, Any], grace: float) -> None:
    if request.get("stop"):
        stages.stop(grace)
    else:
        stages.begin(request)


def kill_all_below() -> None:
    """SIGKILL to every descendant, again and again until none is left, since a dying one may still have a child."""
    for _ in range(_ROUNDS):
        below = _descendants(os.getpid())
        if not below:
            return
        for process in below:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _descendants(ancestor: int) -> set[int]:
    """Processes below one, the dead that nobody has buried left out. Empty where there is no /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            state, parent = entry.read_bytes().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                parents[int(entry.parent.name)] = int(parent)
    below: set[int] = set()
    fresh = {ancestor}
    while fresh:
        fresh = {process for process, parent in parents.items() if parent in fresh}
        below |= fresh
    return below


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _guard(supervisor: int, answers: int) -> NoReturn:
    """Wait for the supervisor's end; what it could not end itself is ended here."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    os.close(0)
    os.close(answers)
    _, status = os.waitpid(supervisor, 0)
    kill_all_below()
    os._exit(0 if status == 0 else 1)


def main() -> None:
    """Become the guard, and below it the supervisor."""
    answers, grace = int(sys.argv[1]), float(sys.argv[2])
    _adopt_orphans()
    alive, held = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        _guard(child, answers)
    os.close(held)
    _adopt_orphans()
    _end_with_guard(alive, answers)
    supervise(answers, grace)


def _end_with_guard(alive: int, answers: int) -> None:
    """When the guard is killed, this process sees the pipe close, and a thread that waits for it ends all.

    First it lets go of the answers: that stages were killed then is no result of theirs.
    """
    import threading  # noqa: PLC0415 - after the fork

    def wait() -> None:
        os.read(alive, 1)
        os.close(answers)
        kill_all_below()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main()
