import io

from rich.console import Console

from mlops_ci.core.steps import StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.report.live import progress_on
from mlops_ci.report.progress import PlainProgress, Progress, Silent
from mlops_ci.tools.dvc.values import StageResult, StageState
from tests.unit.report.reports import HOSTILE


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def go_through(progress: Progress, *, name: str = "train") -> None:
    progress.step_began("pipeline")
    progress.stage_began(name, 1, 17)
    progress.note("waiting")
    progress.stage_ended(StageResult(address=name, state=StageState.RAN, why="params.yaml changed", seconds=1.25))
    progress.step_ended(judged(StepName.PIPELINE, "17 stages", (), seconds=2.0))
    progress.step_ended(unjudged(StepName.MODEL, Verdict.SKIPPED, "no models"))


def test_each_begin_and_end_is_a_plain_line() -> None:
    lines: list[str] = []
    go_through(PlainProgress(lines.append))
    assert lines == [
        "pipeline ...",
        "  [1/17] train ...",
        "  waiting",
        "  train ran in 1.2 s: params.yaml changed",
        "pipeline: pass in 2.0 s",
        "model: skipped in 0.0 s: no models",
    ]


def test_nothing_moves_when_the_output_is_no_terminal_even_when_colours_are_forced() -> None:
    stream = io.StringIO()
    with progress_on(Console(file=stream, force_terminal=True, no_color=True)) as progress:
        go_through(progress)
    assert stream.getvalue().count("\n") == 6
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()


def test_on_a_terminal_what_ended_stays_and_the_moving_line_is_gone() -> None:
    stream = Screen()
    console = Console(file=stream, force_terminal=True, width=80, _environ={"TERM": "xterm"})
    with progress_on(console) as progress:
        go_through(progress)
    assert "[1/17] train" in stream.getvalue()
    assert "train ran in 1.2 s: params.yaml changed" in stream.getvalue()
    after_the_end = stream.getvalue().split("model: skipped")[-1]
    assert "[1/17]" not in after_the_end


def test_hostile_names_move_nothing() -> None:
    lines: list[str] = []
    go_through(PlainProgress(lines.append), name=HOSTILE)
    PlainProgress(lines.append).note("::add-mask::x")
    assert not [line for line in lines if not line.isprintable() or line.lstrip().startswith("::")]


def test_silent_takes_everything() -> None:
    go_through(Silent())
