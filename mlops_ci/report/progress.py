"""Progress of what takes long, through one small port. What animates is in live.py."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mlops_ci.core.steps import Step
from mlops_ci.report.followed_logs import FollowedLogs
from mlops_ci.report.plain_text import one_line, printable
from mlops_ci.report.wording import duration
from mlops_ci.tools.dvc.values import StageResult

_EVERY = 30.0  # seconds


class Progress(Protocol):
    """Told by stories and rooms what begins and what ends. Names and notes may hold any text."""

    def step_began(self, name: str) -> None:
        """A step of the story begins."""

    def step_ended(self, step: Step) -> None:
        """A step of the story has ended."""

    def stage_began(self, address: str, index: int, total: int) -> None:
        """A stage begins; `index` counts from 1."""

    def stage_ended(self, result: StageResult) -> None:
        """A stage has ended, in whatever state."""

    def stage_runs(self, address: str, log: Path) -> None:
        """A stage's commands run now; what they print goes to `log`."""

    def look_around(self, standing: Callable[[], str]) -> None:
        """Called again and again while stages run. standing: how far they are, in words."""

    def note(self, text: str) -> None:
        """Something worth a line."""


class Silent:
    """Says nothing: for `--json`, and for tests."""

    def step_began(self, name: str) -> None:
        """See Progress.step_began."""

    def step_ended(self, step: Step) -> None:
        """See Progress.step_ended."""

    def stage_began(self, address: str, index: int, total: int) -> None:
        """See Progress.stage_began."""

    def stage_ended(self, result: StageResult) -> None:
        """See Progress.stage_ended."""

    def stage_runs(self, address: str, log: Path) -> None:
        """See Progress.stage_runs."""

    def look_around(self, standing: Callable[[], str]) -> None:
        """See Progress.look_around."""

    def note(self, text: str) -> None:
        """See Progress.note."""


class PlainProgress:
    """A plain line whenever something begins or ends, handed to `say` without an end of line.

    follow: whether lines of stages' logs are told too, each behind its stage's name.
    """

    def __init__(
        self, say: Callable[[str], None], *, follow: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._say = say
        self._clock = clock
        self._told = clock()
        self._logs = FollowedLogs(self._line) if follow else None

    def step_began(self, name: str) -> None:
        """See Progress.step_began."""
        self._line(f"{name} ...")

    def step_ended(self, step: Step) -> None:
        """See Progress.step_ended."""
        self._line(step_words(step))

    def stage_began(self, address: str, index: int, total: int) -> None:
        """See Progress.stage_began."""
        self._line(f"  [{index}/{total}] {address} ...")

    def stage_ended(self, result: StageResult) -> None:
        """See Progress.stage_ended."""
        if self._logs:
            self._logs.end(result.address)
        self._line(stage_words(result))

    def stage_runs(self, address: str, log: Path) -> None:
        """See Progress.stage_runs."""
        if self._logs:
            self._logs.begin(address, log)

    def look_around(self, standing: Callable[[], str]) -> None:
        """See Progress.look_around. How far it is, is a line now and then."""
        if self._logs:
            self._logs.tell()
        if self._clock() - self._told > _EVERY:
            self._told = self._clock()
            self._line(f"  {standing()}")

    def note(self, text: str) -> None:
        """See Progress.note."""
        self._line(f"  {text}")

    def _line(self, text: str) -> None:
        self._say(printable(one_line(text)))


def step_words(step: Step) -> str:
    """`data: pass in 1.2 s`, with the reason where it is no pass."""
    why = "" if step.verdict == "pass" else f": {step.why}"
    return f"{step.name}: {step.verdict} in {duration(step.seconds)}{why}"


def stage_words(result: StageResult) -> str:
    """`  train ran in 1.2 s: params.yaml changed`."""
    return f"  {result.address} {result.state} in {duration(result.seconds)}: {result.why}"
