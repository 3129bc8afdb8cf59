"""Progress on a terminal: what has ended as lines, what is under way as one moving line below them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from mlops_ci.core.steps import Step
from mlops_ci.report.console import encodable, is_screen, print_line
from mlops_ci.report.followed_logs import FollowedLogs
from mlops_ci.report.plain_text import clipped, one_line, printable
from mlops_ci.report.progress import PlainProgress, Progress, stage_words, step_words
from mlops_ci.report.summary import Line, Tone
from mlops_ci.tools.dvc.values import StageResult, StageState

_MOVING_LINE = 60
_STANDING = 100


class LiveProgress:
    """Several stages may be under way at once: each has its moving line with a spinner and the time so far."""

    def __init__(self, console: Console, bar: Bar, *, follow: bool = False) -> None:
        self._console = console
        self._bar = bar
        self._logs = FollowedLogs(lambda line: self._print(line, Tone.PLAIN)) if follow else None
        self._standing = TaskID(-1)
        self._moving: dict[tuple[str, str], TaskID] = {}

    def step_began(self, name: str) -> None:
        """See Progress.step_began."""
        self._begin(("step", name), name)

    def step_ended(self, step: Step) -> None:
        """See Progress.step_ended."""
        self._end(("step", step.name))
        self._print(step_words(step), Tone.PLAIN)

    def stage_began(self, address: str, index: int, total: int) -> None:
        """See Progress.stage_began."""
        self._begin(("stage", address), f"  [{index}/{total}] {address}")

    def stage_ended(self, result: StageResult) -> None:
        """See Progress.stage_ended."""
        self._end(("stage", result.address))
        if self._logs:
            self._logs.end(result.address)
        self._print(stage_words(result), Tone.BAD if result.state is StageState.FAILED else Tone.QUIET)

    def stage_runs(self, address: str, log: Path) -> None:
        """See Progress.stage_runs."""
        if self._logs:
            self._logs.begin(address, log)

    def look_around(self, standing: Callable[[], str]) -> None:
        """See Progress.look_around. How far it is, is the last moving line."""
        if self._logs:
            self._logs.tell()
        if self._standing not in self._bar.task_ids:
            self._standing = self._bar.add_task("", total=None)
        words = encodable(clipped(one_line(standing()), _STANDING), self._console)
        self._bar.update(self._standing, description=f"  {words}")

    def note(self, text: str) -> None:
        """See Progress.note."""
        self._print(f"  {text}", Tone.QUIET)

    def _begin(self, key: tuple[str, str], words: str) -> None:
        self._end(key)
        self._moving[key] = self._bar.add_task(
            encodable(clipped(one_line(words), _MOVING_LINE), self._console), total=None
        )

    def _end(self, key: tuple[str, str]) -> None:
        task = self._moving.pop(key, None)
        if task is not None:
            self._bar.remove_task(task)
            self._bar.refresh()

    def _print(self, text: str, tone: Tone) -> None:
        print_line(Line(printable(one_line(text)), tone), self._console)


@contextmanager
def progress_on(console: Console, *, follow: bool = False) -> Iterator[Progress]:
    """Progress that moves on a terminal and is plain lines elsewhere. The moving lines are gone when it ends.

    follow: whether lines of stages' logs are told too.
    """
    if not is_screen(console):
        yield PlainProgress(lambda line: print_line(Line(line), console), follow=follow)
        return
    columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield LiveProgress(console, bar, follow=follow)
