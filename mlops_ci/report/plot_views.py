"""What the page shows of each plot: its drawing, the same in words, and some of its points as a table."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from mlops_ci.core.findings import Scalar
from mlops_ci.report.charts import NotDrawnError, draw, kinds_of
from mlops_ci.report.figures import Figure, LegendEntry
from mlops_ci.report.matrix_view import Matrix, matrix_view
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import Plot, Revision, Series

_ROWS = 12
_CELL, _TITLE = 40, 160
_DRAWN_AS = {
    "": "line", "linear": "line", "simple": "line", "smooth": "line", "scatter": "points", "scatter_jitter": "points",
    "bar_horizontal": "bars", "bar_horizontal_sorted": "bars", "confusion": "matrix", "confusion_normalized": "matrix",
}  # fmt: skip
_IMAGES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}


def plot_view(plot: Plot) -> Figure:
    """One plot; where it can't be drawn a note says why."""
    view = Figure(title=clipped(one_line(plot.title), _TITLE))
    if plot.trouble:
        return replace(view, notes=(f"not drawn: {clipped(one_line(plot.trouble), 400)}",))
    if plot.picture is not None:
        return _pictured(view, plot.picture)
    if plot.cells:
        return replace(view, matrix=_matrix(plot))
    shown = _without_same_base(plot)
    notes = (*_notes(plot, shown), *_left_out(shown.series))
    columns, rows = _table(shown)
    try:
        svg = draw(shown)
    except NotDrawnError as error:
        return replace(view, notes=(f"not drawn: {error}", *notes), columns=columns, rows=rows)
    return replace(
        view, svg=svg, words=_words(view.title, shown), legend=_legend(shown.series), notes=notes, columns=columns,
        rows=rows,
    )  # fmt: skip


def _pictured(view: Figure, content: bytes) -> Figure:
    """As an image, which runs no script, follows no link and loads nothing, whatever it holds."""
    kind = next((kind for start, kind in _IMAGES.items() if content.startswith(start)), None)
    if kind is None and b"<svg" in content[:1000]:
        kind = "svg+xml"
    if kind is None:
        return replace(view, notes=("not drawn: it is no PNG, JPEG, GIF or SVG",))
    address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return replace(view, picture=address, words=view.title)


def _without_same_base(plot: Plot) -> Plot:
    """One line where two would lie on each other."""
    now = {one.name: one.points for one in plot.series if one.revision is Revision.CANDIDATE}
    changed = [one for one in plot.series if one.revision is Revision.BASE and now.get(one.name) != one.points]
    kept = tuple(one for one in plot.series if one.revision is Revision.CANDIDATE or one in changed)
    return replace(plot, series=kept)


def _notes(plot: Plot, shown: Plot) -> tuple[str, ...]:
    notes = []
    if len(shown.series) < len(plot.series):
        notes.append("the same as at the base" if not _has_base(shown) else "some of it is the same as at the base")
    if plot.template not in _DRAWN_AS:
        notes.append(f"drawn as a line: {clipped(one_line(plot.template), _CELL)} is a template of the pipeline's own")
    return tuple(notes)


def _has_base(plot: Plot) -> bool:
    return any(one.revision is Revision.BASE for one in plot.series)


def _left_out(series: Sequence[Series]) -> tuple[str, ...]:
    left = sum(one.left_out for one in series)
    if not left:
        return ()
    drawn = sum(len(one.points) for one in series)
    return (f"{drawn:,} of {drawn + left:,} points are drawn, evenly spread",)


def _legend(series: Sequence[Series]) -> tuple[LegendEntry, ...]:
    if len(series) < 2:  # noqa: PLR2004 - one line needs no legend
        return ()
    kinds = kinds_of(series)
    return tuple(LegendEntry(words=_called(one), kind=kind) for one, kind in zip(series, kinds, strict=True))


def _called(series: Series) -> str:
    name = clipped(one_line(series.name), _CELL)
    return f"{name}, {series.revision}" if name else str(series.revision)


def _words(title: str, plot: Plot) -> str:
    drawn = _DRAWN_AS.get(plot.template, "line")
    axes = " and ".join(one_line(label) for label in (plot.x_label, plot.y_label) if label)
    each = "; ".join(f"{_called(one)}: {len(one.points)} points{_range(one)}" for one in plot.series)
    return clipped(f"{title}. {drawn} over {axes}. {each}", 600)


def _range(series: Series) -> str:
    numbers = [float(y) for _, y in series.points if isinstance(y, int | float) and isfinite(y)]
    return f", from {min(numbers):.4g} to {max(numbers):.4g}, the last {numbers[-1]:.4g}" if numbers else ""


def _table(plot: Plot) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Evenly spread points of the first series, and what the others have at the same x."""
    if not plot.series:
        return (), ()
    first = next((one for one in plot.series if one.revision is Revision.CANDIDATE), plot.series[0])
    known = [{_text(x): y for x, y in one.points} for one in plot.series]
    last = len(first.points) - 1
    places = sorted({round(at * last / (_ROWS - 1)) for at in range(_ROWS)}) if last >= 0 else []
    xs = dict.fromkeys(_text(first.points[at][0]) for at in places)
    rows = tuple((x, *(_text(points.get(x)) for points in known)) for x in xs)
    named = (_called(one) for one in plot.series)
    return (clipped(one_line(plot.x_label), _CELL) or "x", *named), rows


def _text(value: Scalar) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else clipped(one_line(str(value)), _CELL)


def _matrix(plot: Plot) -> Matrix:
    counts = {(cell.actual, cell.predicted): cell.count for cell in plot.cells}
    return matrix_view(counts, shares=plot.template.endswith("normalized"))
