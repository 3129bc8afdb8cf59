"""Command lines that start in no time: their modules are imported once, each command runs in a fork.

`python -m tests.engine.fork_server MODULE` imports MODULE and answers requests, one JSON line each, with exit codes.
Each command has a process of its own, as from a shell; only the imports are shared.
"""

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
MAINS = {"dvc": "dvc.cli", "mlops-ci": "mlops_ci.cli.main"}


class Programs:
    """A command line whose modules are imported already."""

    def __init__(self, program: str) -> None:
        """program: `dvc` or `mlops-ci`."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.fork_server", program], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "DVC_NO_ANALYTICS": "1"},
        )  # fmt: skip

    def start(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Run a command in `folder`, and don't wait: `wait` does. What it prints is appended to `log`."""
        request = {
            "folder": str(folder),
            "arguments": list(arguments),
            "environment": dict(environment),
            "log": str(log),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        """The exit code of the command that was started."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the fork server has ended")
        return int(line)

    def run(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Run a command and wait for its exit code."""
        self.start(folder, arguments, environment, log)
        return self.wait()

    def close(self) -> None:
        """End the server."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self) -> "Programs":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _serve(program: str) -> None:
    module = importlib.import_module(MAINS[program])
    if program == "dvc":
        for name in ("dvc.repo", "dvc.repo.reproduce", "dvc.commands.repro", "dvc.stage.cache", "dvc.parsing"):
            importlib.import_module(name)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(module.main, program, json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, file=answers, flush=True)


def _run(main: object, program: str, request: dict[str, object]) -> None:
    """Be the program; never returns."""
    code: object = 70
    try:
        log = os.open(str(request["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for given, wanted in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(given, wanted)
        os.chdir(str(request["folder"]))
        os.environ.update(request["environment"])  # type: ignore[call-overload]
        sys.argv = [program, *request["arguments"]]  # type: ignore[misc]
        assert callable(main)
        code = main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1 if code else 0)


if __name__ == "__main__":
    _serve(sys.argv[1])
