"""A worker for tests of workers: its handlers echo, fail, print, die and have children."""

import os
import subprocess
import sys
import time
from pathlib import Path

from mlops_ci.tools.workers import Message, Worker, serve

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def echo(arguments: Message) -> Message:
    return arguments


def fail(arguments: Message) -> Message:
    raise ValueError(arguments["message"])


def shout(arguments: Message) -> Message:
    print(arguments["text"], flush=True)
    return {}


def read_standard_input(_: Message) -> Message:
    done = subprocess.run(["cat"], capture_output=True, check=True, text=True)
    return {"read": done.stdout}


def die(_: Message) -> Message:
    os._exit(3)


def start_child(_: Message) -> Message:
    return {"pid": subprocess.Popen(_SLEEP).pid}


def start_and_sleep(arguments: Message) -> Message:
    Path(arguments["tell"]).write_text(str(subprocess.Popen(_SLEEP).pid))
    time.sleep(60)
    return {}


def start_worker_that_sleeps(arguments: Message) -> Message:
    """A process that holds a worker that holds a child: killing the process must end both others."""
    tell = Path(arguments["log"] + ".pid")
    holder = os.fork()
    if holder == 0:
        inner = Worker("tests.doubles.echo_worker", cwd=Path.cwd(), log=Path(arguments["log"]))
        inner.call("start_and_sleep", {"tell": str(tell)})
        os._exit(0)
    while not (tell.exists() and tell.read_text()):
        time.sleep(0.02)
    return {"parent": holder, "child": int(tell.read_text())}


if __name__ == "__main__":
    serve(
        {
            function.__name__: function
            for function in (
                echo, fail, shout, read_standard_input, die, start_child, start_and_sleep, start_worker_that_sleeps,
            )
        }
    )  # fmt: skip
