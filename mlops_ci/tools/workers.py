"""Workers: child processes that hold a heavy library and answer requests, one JSON line each.

A worker keeps DVC or Great Expectations out of the tool's own process: its start overlaps with other work, it can
be ended at any time, and what its library prints goes to a log. Requests arrive on its standard input, answers
leave on a descriptor of their own. An orderly parent says so before it closes; a worker whose requests end without
that word has lost its parent, and ends its whole process group.
"""

import json
import os
import queue
import resource
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from mlops_ci.tools.environment import inherited
from mlops_ci.tools.processes import close_quietly, end_group

_NO_MORE = b"null\n"  # the last request: end when what was asked is done
Message = dict[str, Any]  # a decoded JSON object, checked by whoever sent the request
Handler = Callable[[Message], Message]


class WorkerError(Exception):
    """A request failed in the worker. `kind` is the name of the exception there; `trace` its traceback."""

    def __init__(self, kind: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace


class WorkerLostError(Exception):
    """The worker ended before it answered."""


class Worker:
    """The parent's side. Requests are answered in the order in which they were sent."""

    def __init__(
        self, module: str, *, cwd: Path, log: Path, environment: Mapping[str, str] | None = None, grace: float = 4.0
    ) -> None:  # fmt: skip
        """Start `python -I -m module` with the tool's own interpreter, deaf to PYTHONPATH. Imports come later.

        grace: seconds to finish what it is doing when it is closed. GitHub gives a cancelled job ten, all in all.
        """
        self.log = log
        self._grace = grace
        log.parent.mkdir(parents=True, exist_ok=True)
        answers, writing = os.pipe()
        reading, requests = os.pipe()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", module, str(writing)], cwd=cwd, env=inherited(environment),
                pass_fds=[writing], start_new_session=True, stdin=reading, stdout=output, stderr=output,
            )  # fmt: skip
        os.close(writing)
        os.close(reading)
        self._requests = os.fdopen(requests, "wb")
        self._answers = os.fdopen(answers, "rb")
        self._received: dict[int, Message] = {}
        self._sent = self._answered = 0
        self._limit: threading.Timer | None = None

    def send(self, method: str, arguments: Message) -> int:
        """Send a request without waiting. Returns the ticket to `receive` its answer with."""
        self._sent += 1
        line = json.dumps({"id": self._sent, "method": method, "arguments": arguments}) + "\n"
        try:
            self._requests.write(line.encode())
            self._requests.flush()
        except BrokenPipeError as error:
            raise WorkerLostError(f"{method}: see {self.log}") from error
        return self._sent

    def receive(self, ticket: int) -> Message:
        """Wait for an answer. Raises WorkerError when the request failed, WorkerLostError when the worker died."""
        while ticket not in self._received:
            line = self._answers.readline()
            if not line:
                raise WorkerLostError(f"exit {self._process.wait()}: see {self.log}")
            self._take(line)
        answer = self._received.pop(ticket)
        if "error" in answer:
            raise WorkerError(**answer["error"])
        result: Message = answer["result"]
        return result

    def is_ready(self, ticket: int) -> bool:
        """Whether `receive` would return at once, with an answer or with an error."""
        while ticket not in self._received:
            if not self._has_bytes():
                return False
            line = self._answers.readline()
            if not line:
                return True
            self._take(line)
        return True

    def _take(self, line: bytes) -> None:
        answer: Message = json.loads(line)
        self._received[answer["id"]] = answer
        self._answered += 1

    def _has_bytes(self) -> bool:
        """Whether reading would find something at once: the end too, and what was read ahead."""
        if select.select([self._answers], [], [], 0)[0]:
            return True
        os.set_blocking(self._answers.fileno(), False)
        try:
            return bool(self._answers.peek(1))
        finally:
            os.set_blocking(self._answers.fileno(), True)

    def call(self, method: str, arguments: Message) -> Message:
        """Send a request and wait for its answer."""
        return self.receive(self.send(method, arguments))

    def bound(self, *, seconds: float, memory: int) -> None:
        """End it, and all that it started, so many seconds from now; it gets no more than so many bytes of memory."""
        if hasattr(resource, "prlimit"):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (memory, memory))
        self._limit = threading.Timer(seconds, self._end)
        self._limit.daemon = True
        self._limit.start()

    def _end(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let the worker end by itself; end it after a grace period, at once where it has nothing to do."""
        if self._limit is not None:
            self._limit.cancel()
        with suppress(OSError):  # it may have died
            self._requests.write(_NO_MORE)
            self._requests.flush()
        close_quietly(self._requests)
        self._answers.close()
        end_group(self._process, self._grace if self._sent > self._answered else 0.0)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(handlers: Mapping[str, Handler]) -> None:
    """The worker's side: answer requests until standard input closes. Call it from the module's main block.

    SIGTERM ends the commands that the worker started, not the worker itself: what it is writing is written whole.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)  # a handler, since children would inherit that it is ignored
    os.set_inheritable(int(sys.argv[1]), False)
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answers:
        for request in iter(_requests(_take_standard_input()).get, None):
            print(json.dumps(_answer(handlers, request)), file=answers, flush=True)


def _answer(handlers: Mapping[str, Handler], request: Message) -> Message:
    try:
        return {"id": request["id"], "result": handlers[request["method"]](request["arguments"])}
    except Exception as error:  # whatever the library raises is an answer
        import traceback  # noqa: PLC0415 - only when something failed

        trace = traceback.format_exc()
        return {"id": request["id"], "error": {"kind": type(error).__name__, "message": str(error), "trace": trace}}


def _take_standard_input() -> TextIO:
    """Standard input for ourselves alone: what a stage's command reads there is the end of file, not a request."""
    ours = os.fdopen(os.dup(0), encoding="utf-8")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    return ours


def _requests(lines: TextIO) -> "queue.Queue[Message | None]":
    """Requests, and None after the last: read on a thread so that the parent's death is noticed during a long one."""
    waiting: queue.Queue[Message | None] = queue.Queue()

    def read() -> None:
        for line in lines:
            request: Message | None = json.loads(line)
            waiting.put(request)
            if request is None:
                return
        os.killpg(0, signal.SIGKILL)  # by now our parent may or may not have been replaced: its identity tells nothing

    threading.Thread(target=read, daemon=True).start()
    return waiting
