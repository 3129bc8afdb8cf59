"""Processes that nobody runs."""

from collections.abc import Callable
from pathlib import Path

from mlops_ci.tools.processes import Command, Completed

Answer = Callable[[Command], Completed]


def completed(output: str = "", *, exit_code: int | None = 0, seconds: float = 0.1) -> Completed:
    """How a command ended: well, unless said otherwise."""
    return Completed(exit=exit_code, output=output, seconds=seconds)


class ScriptedProcesses:
    """Implements tools.processes.Processes: keeps each command and lets `answer` say how it ended."""

    def __init__(self, answer: Answer = lambda _: completed()) -> None:
        self.commands: list[Command] = []
        self._answer = answer

    def run(self, command: Command, *, log: Path | None = None) -> Completed:
        """See Processes.run."""
        self.commands.append(command)
        done = self._answer(command)
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.output, encoding="utf-8")
        return done
