"""The summary at the end of a check, as lines of text."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mlops_ci.core.findings import Severity
from mlops_ci.core.steps import Step
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import MetricRow
from mlops_ci.report.contract import Report, worst_first
from mlops_ci.report.plain_text import clipped, one_line, printable
from mlops_ci.report.terminal import render_finding
from mlops_ci.report.timeline import timeline
from mlops_ci.report.wording import (
    REPORT_FOLDER,
    compared,
    dataset_words,
    difference,
    duration,
    headline,
    number,
    pipeline_line,
    stage_counts,
    timeline_words,
)

_FINDINGS_SHOWN = 50
_METRICS_SHOWN = 20
_JUDGED_SHOWN = 30
_CELL = 40
_MIN_WHY = 30


class Tone(StrEnum):
    """How a line is to be coloured where colours are to be had."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    DOUBTFUL = "doubtful"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, without its end; nothing in it steers a terminal."""

    text: str
    tone: Tone = Tone.PLAIN


_TONES = {
    Verdict.PASS: Tone.GOOD,
    Verdict.FAIL: Tone.BAD,
    Verdict.ERROR: Tone.BAD,
    Verdict.INCONCLUSIVE: Tone.DOUBTFUL,
    Verdict.NOT_APPLICABLE: Tone.QUIET,
    Verdict.SKIPPED: Tone.QUIET,
}
_LOUDNESS = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.DOUBTFUL, Severity.NOTE: Tone.QUIET}


def summary(report: Report, *, width: int) -> tuple[Line, ...]:
    """The whole summary; steps are wrapped at `width` columns, all else is left to the terminal."""
    parts = (
        _head(report), _steps(report.steps, width), _stages(report), _judged(report), _metrics(report),
        _findings(report),
    )  # fmt: skip
    lines = [line for part in parts for line in (*part, Line(""))]
    lines += _foot(report)
    return tuple(Line(printable(line.text), line.tone) for line in _without_double_blanks(lines))


def _head(report: Report) -> Iterator[Line]:
    yield Line(one_line(pipeline_line(report)))
    yield Line(one_line(compared(report.base, report.head)), Tone.QUIET)
    yield Line("")
    yield Line(one_line(headline(report)), _TONES[report.verdict])


def _steps(steps: Sequence[Step], width: int) -> Iterator[Line]:
    rows = [(step.name.value, step.verdict.value, duration(step.seconds)) for step in steps]
    columns = _aligned([("step", "verdict", "time"), *rows], right=(2,))
    yield Line(f"  {columns[0]}  why", Tone.QUIET)
    for step, cells in zip(steps, columns[1:], strict=True):
        hanging = len(cells) + 4
        why = textwrap.wrap(one_line(step.why), max(width - hanging, _MIN_WHY), break_long_words=False)
        first, *rest = why or [""]
        yield Line(f"  {cells}  {first}".rstrip(), _TONES[step.verdict])
        yield from (Line(" " * hanging + more, Tone.QUIET) for more in rest)


def _stages(report: Report) -> Iterator[Line]:
    if report.stages:
        yield Line(stage_counts(report.stages))
    if (seen := timeline(report.stages)) is not None:
        yield Line(timeline_words(seen))


def _judged(report: Report) -> Iterator[Line]:
    """A line for each dataset and each gate."""
    told = [(one.verdict, one.name, dataset_words(one)) for one in report.datasets]
    told += [(one.verdict, f"{one.model}.{one.gate}", one.words) for one in report.gates]
    shown = [
        (verdict, clipped(one_line(name), _CELL), one_line(words)) for verdict, name, words in told[:_JUDGED_SHOWN]
    ]
    for cells, (verdict, _, words) in zip(_aligned([row[:2] for row in shown], right=()), shown, strict=True):
        yield Line(f"  {cells}  {words}".rstrip(), _TONES[verdict])
    left = len(told) - len(shown)
    if left:
        yield Line(f"  {left} more in {REPORT_FOLDER}/report.md", Tone.QUIET)


def _metrics(report: Report) -> Iterator[Line]:
    overall = [metric for metric in report.metrics if not metric.slice]
    shown = overall[:_METRICS_SHOWN]
    if shown:
        rows = [("model", "metric", "base", "candidate", "difference"), *map(_metric, shown)]
        yield from (Line(f"  {row}".rstrip()) for row in _aligned(rows, right=(2, 3)))
    left = len(report.metrics) - len(shown)
    if left:
        yield Line(f"  {left} more, slices among them, in {REPORT_FOLDER}/report.md", Tone.QUIET)


def _metric(metric: MetricRow) -> tuple[str, ...]:
    names = (clipped(one_line(name), _CELL) for name in (metric.model, metric.name))
    return (*names, number(metric.base), number(metric.candidate), difference(metric))


def _findings(report: Report) -> Iterator[Line]:
    ranked = worst_first(report)
    for one in ranked[:_FINDINGS_SHOWN]:
        first, *rest = render_finding(one.finding).split("\n")
        yield Line(first, _LOUDNESS[one.finding.severity])
        yield from map(Line, rest)
        yield Line("")
    left = len(ranked) - _FINDINGS_SHOWN
    if left > 0:
        yield Line(f"{left} more findings, none of them worse, in {REPORT_FOLDER}/report.json", Tone.DOUBTFUL)


def _foot(report: Report) -> Iterator[Line]:
    yield from (Line(f"left out: {one_line(words)}", Tone.DOUBTFUL) for words in report.cut)
    ending = f"{report.verdict}, exit {int(report.exit)}, {duration(report.seconds)}"
    yield Line(ending if report.verdict.judges else f"nothing was judged, exit 0, {duration(report.seconds)}")
    yield Line(f"report: {REPORT_FOLDER}/report.html, and report.md beside it")


def _aligned(rows: Sequence[tuple[str, ...]], *, right: tuple[int, ...]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_cell(row[at], widths[at], at in right) for at in range(len(widths))) for row in rows]


def _cell(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)


def _without_double_blanks(lines: Sequence[Line]) -> Iterator[Line]:
    before = ""
    for line in lines:
        if line.text or before:
            yield line
        before = line.text
