"""report.html: one file that asks nobody for anything. The verdict first, then all that led to it.

What comes from a repository is text: the template escapes every value, hidden and steering characters are shown as
escapes before that, and the page's own policy lets nothing run or load but its own style and script.
"""

import math
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from mlops_ci.core.findings import Severity
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import MetricRow
from mlops_ci.report.contract import Report, Told, worst_first
from mlops_ci.report.fitting import fit
from mlops_ci.report.flow import BOX_HEIGHT, BOX_WIDTH, flow
from mlops_ci.report.gates_page import gate_parts, sight_parts
from mlops_ci.report.page_parts import Frame, Part, part, table
from mlops_ci.report.plain_text import clipped, lines_of, one_line
from mlops_ci.report.plan_words import size_words
from mlops_ci.report.timeline import timeline
from mlops_ci.report.timeline_view import timeline_view
from mlops_ci.report.wording import (
    REPORT_FOLDER,
    against,
    commands_at_home,
    difference,
    duration,
    headline,
    judged,
    made,
    number,
    stage_counts,
    timeline_words,
)

LIMIT = 4_000_000
_ROOM_FOR_OWN_CUTS = 2_000
_LINE = 2_000
_CUTS_TOLD = 10
_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}
_RANKS = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 5}
_MARKS = {Verdict.PASS: "\u2713", Verdict.FAIL: "\u2715", Verdict.ERROR: "!", Verdict.INCONCLUSIVE: "?"}
_NOT_DRAWN = "<p>They are not drawn, since pygal is not installed: it comes with <code>mlops-ci[dvc]</code>.</p>"
# What a stage's row may know, and how its column is called. A column that no row fills is left out.
_MEASURED = {"began": "began", "cpu": "CPU", "memory": "peak memory"}
_MOST_MEMORY = 1e15  # bytes; more than that was not measured


def render_html(report: Report, *, limit: int = LIMIT) -> str:
    """The page, at most `limit` bytes of UTF-8; the limit is 100,000 at least.

    What does not fit is cut by rank, and the page says what was cut and where the whole is.
    """
    environment = _environment()
    macros: Any = environment.get_template("parts.html.j2").module
    parts = tuple(_parts(report, macros, environment.get_template("gates.html.j2").module))
    empty = _page(environment, report, parts=(), texts=(), cut=report.cut[:_CUTS_TOLD])
    room = limit - len(empty.encode()) - _ROOM_FOR_OWN_CUTS
    fitted = fit([part.section for part in parts], room)
    told = [*report.cut[:_CUTS_TOLD]]
    more = len(report.cut) - len(told)
    told += [f"and {more} more"] if more else []
    told += [f"of this page: {', '.join(fitted.cut)}"] if fitted.cut else []
    kept = tuple(part for part in parts if any(text.startswith(part.section.head) for text in fitted.texts))
    return _page(environment, report, parts=kept, texts=fitted.texts, cut=told)


@cache
def _environment() -> Environment:
    folder = files("mlops_ci.report").joinpath("templates")
    names = ("report.html.j2", "parts.html.j2", "gates.html.j2")
    environment = Environment(
        loader=DictLoader({name: folder.joinpath(name).read_text("utf-8") for name in names}),
        autoescape=True, undefined=StrictUndefined, finalize=_text, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "clip": _clip, "lines": _bounded_lines, "duration": duration, "number": number, "difference": difference,
        "direction": _direction, "change": _change, "finite": _finite, "size": _size,
    }  # fmt: skip
    return environment


def _text(value: object) -> object:
    """Whatever the template writes: text on one line, without a character that hides or steers."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) and value != "\n" else value


def _clip(text: str, limit: int) -> str:
    return clipped(one_line(text.strip()), limit)


def _bounded_lines(text: str, most: int = 60) -> list[str]:
    """The last lines, at most `most`, and about a hundred characters a line."""
    lines = lines_of(text)
    shown: list[str] = []
    room = 100 * most
    for line in reversed(lines[-most:]):
        room -= len(line)
        if room < 0 and shown:
            break
        shown.append(clipped(line, _LINE))
    left = len(lines) - len(shown)
    return [*([f"({left} lines before)"] if left else []), *reversed(shown)]


def _direction(metric: MetricRow) -> str:
    words = difference(metric).rpartition(" ")[2]
    return words if words in ("better", "worse", "same") else ""


def _change(metric: MetricRow) -> str:
    if metric.base is None or metric.candidate is None:
        return ""
    return _finite(metric.candidate - metric.base)


def _finite(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else repr(value)


def _size(memory: int) -> str:
    return size_words(memory) if memory < _MOST_MEMORY else ""


def _page(
    environment: Environment, report: Report, *, parts: Sequence[Part], texts: Sequence[str], cut: Sequence[str]
) -> str:
    style, script = _own("report.css") + _own("gates.css"), _own("report.js")
    return environment.get_template("report.html.j2").render(
        report=report,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - of our own making
        script=Markup(script),  # noqa: S704
        mark=_MARKS.get(report.verdict, "\u2013"),
        headline=headline(report),
        took=duration(report.seconds),
        judged=judged(report.head),
        compared_with=against(report.base),
        contents=parts,
        sections=[Markup(text) for text in texts],  # noqa: S704 - rendered by the same environment
        parts=environment.get_template("parts.html.j2").module,
        left_out=list(cut),
        folder=REPORT_FOLDER,
        commands=commands_at_home(report),
        made=made(report),
    )


def _own(name: str) -> str:
    return files("mlops_ci.report").joinpath("templates", name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing from anywhere; pictures only out of the file itself; style and script only these very ones."""
    allowed = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script)]
    return (
        f"default-src 'none'; img-src data:; style-src {allowed[0]}; script-src {allowed[1]}; "
        "base-uri 'none'; form-action 'none'"
    )


def _parts(report: Report, macros: Any, gate_macros: Any) -> Iterator[Part]:
    """In the order of the page."""
    told = worst_first(report)
    yield from _findings(told, (Severity.ERROR, Severity.WARNING), macros)
    yield from gate_parts(report, gate_macros)
    yield from _metrics(report, macros)
    yield from sight_parts(report, gate_macros)
    yield from _plots(report, macros)
    yield from _data(report, macros)
    yield from _pipeline(report, macros)
    yield from _logs(report, macros)
    yield from _findings(told, (Severity.NOTE,), macros)


def _findings(told: Sequence[Told], severities: Sequence[Severity], macros: Any) -> Iterator[Part]:
    for severity in severities:
        items = [macros.finding(one) for one in told if one.finding.severity is severity]
        yield from part(_HEADINGS[severity], items, rank=_RANKS[severity])


def _metrics(report: Report, macros: Any) -> Iterator[Part]:
    several = len({metric.model for metric in report.metrics}) > 1
    items = [(metric.slice, macros.metric(metric, several)) for metric in report.metrics]
    overall, slices = ([item for of, item in items if bool(of) is sliced] for sliced in (False, True))
    frame = table("metric", "base:", "candidate:", "difference:")
    yield from part("Metrics", overall, rank=0, frame=frame)
    yield from part("Slices", slices, rank=6, frame=replace(frame, folded=True))


def _plots(report: Report, macros: Any) -> Iterator[Part]:
    if report.plots and find_spec("pygal") is None:
        yield from part("Plots", [_NOT_DRAWN], rank=3)
    elif report.plots:
        # What draws is needed, and installed, only where DVC is.
        from mlops_ci.report.plot_views import plot_view  # noqa: PLC0415

        items = [macros.plot(plot_view(plot)) for plot in report.plots]
        yield from part("Plots", items, rank=3, frame=Frame('<div class="plots">', "</div>"))


def _pipeline(report: Report, macros: Any) -> Iterator[Part]:
    if report.stages:
        drawing = macros.flow(flow(report.stages), stage_counts(report.stages), (BOX_WIDTH, BOX_HEIGHT))
        yield from part("Pipeline", [drawing], rank=4, kind="drawing of the pipeline")
    yield from _timeline(report, macros)
    known = [name for name in _MEASURED if any(getattr(one, name) is not None for one in report.stages)]
    items = [macros.stage(one, known) for one in report.stages]
    frame = table("stage", "state", "time:", *(f"{_MEASURED[name]}:" for name in known), "why")
    yield from part("Stages", items, rank=7, frame=replace(frame, folded=True))


def _timeline(report: Report, macros: Any) -> Iterator[Part]:
    seen = timeline(report.stages)
    if seen is not None:
        drawing = macros.timeline(timeline_view(seen), timeline_words(seen))
        yield from part("Timeline", [drawing], rank=4, kind="drawing of the timeline")


def _data(report: Report, macros: Any) -> Iterator[Part]:
    items = [macros.dataset(one) for one in report.datasets]
    frame = table("dataset", "verdict", "rows:", "expectations:", "judged")
    yield from part("Data", items, rank=0, frame=frame)


def _logs(report: Report, macros: Any) -> Iterator[Part]:
    yield from part("Logs", [macros.log(one) for one in report.logs], rank=3, kind="logs of failed stages")
