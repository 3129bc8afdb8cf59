"""Plots as SVG elements. pygal lays them out; what it makes is taken apart, and only shapes and text are kept.

Colours, fonts and line widths come from the page's own style sheet, by class.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeGuard
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from mlops_ci.core.findings import Scalar
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import Plot, Revision, Series

_WIDTH, _HEIGHT, _BAR, _FRAME = 420, 290, 24, 64
_MOST_BARS = 40
_MOST_LABELS = 8
_LABEL = 18
_HUES = 8
_TURN, _LETTERS = 35, 45  # labels that do not fit side by side are turned
# pygal hooks itself into every later import, for plug-ins of its own that nobody here has; Python warns of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]

# pygal never comes to an end with a long word in a title: it gets these, and what they stand for is put in later.
_X, _Y, _LONGEST_TITLE = "x", "y", 36
_LARGEST = 1e15
_SMALLEST, _SMALLEST_SHARE = 1e-100, 1e-9
_PLAIN = Style(
    background="transparent", plot_background="transparent", foreground="currentColor",
    foreground_strong="currentColor", foreground_subtle="currentColor", colors=("#000",), font_family="sans-serif",
    label_font_size=13, major_label_font_size=13, title_font_size=14,
)  # fmt: skip
_SCATTER = ("scatter", "scatter_jitter")
_BARS = ("bar_horizontal", "bar_horizontal_sorted")
_KEPT: Mapping[str, tuple[str, ...]] = {
    "svg": ("viewBox",),
    "g": ("class", "transform"),
    "path": ("class", "d"),
    "rect": ("class", "x", "y", "width", "height"),
    "circle": ("class", "cx", "cy", "r"),
    "text": ("class", "x", "y", "transform"),
}
_DROPPED = frozenset({"text-overlay", "tooltip", "tooltip-overlay", "legends", "background"})


class NotDrawnError(Exception):
    """The points can't be drawn, and the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Points that can be drawn. labels: where x is text, one for each whole x."""

    points: tuple[tuple[float, float | None], ...]
    labels: tuple[str, ...] = ()


def draw(plot: Plot) -> str:
    """One `<svg>` element, for a page whose style sheet knows its classes. Raises NotDrawnError.

    The groups of the series have the class `series` and those of `kinds_of`.
    """
    if plot.template in _BARS:
        chart, kinds = _bars(plot)
    else:
        chart, kinds = _lines(plot)
    picture = _clean(chart.render_tree(), kinds)
    titles = {_X: _title(plot.x_label), _Y: _title(plot.y_label)}
    for text in picture.iter("text"):
        if text.get("class") == "title":
            text.text = titles.get(text.text or "", "")
    return ElementTree.tostring(picture, encoding="unicode")


def _lines(plot: Plot) -> tuple[Any, Sequence[str]]:
    numbers = _on_one_axis(plot.series)
    _refuse_extremes(x for one in numbers for x, _ in one.points)
    _refuse_extremes(y for one in numbers for _, y in one.points)
    scattered = plot.template in _SCATTER
    chart = pygal.XY(**_config(plot, _HEIGHT), stroke=not scattered, show_dots=scattered, dots_size=2)
    labels = numbers[0].labels if numbers else ()
    if labels:
        places = _spread(len(labels))
        chart.x_labels = [{"value": at, "label": labels[at]} for at in places]
        chart.x_label_rotation = _TURN if sum(len(labels[at]) for at in places) > _LETTERS else 0
    for one in numbers:
        chart.add("", list(one.points), show_dots=scattered or len(one.points) == 1, allow_interruptions=True)
    return chart, kinds_of(plot.series)


def _bars(plot: Plot) -> tuple[Any, Sequence[str]]:
    """Text on the one axis, numbers on the other; the candidate decides the order."""
    turned = [{str(name): value for name, value in map(_text_first, one.points)} for one in plot.series]
    now = next((at for at, one in enumerate(plot.series) if one.revision is Revision.CANDIDATE), 0)
    names = list(turned[now]) if turned else []
    if plot.template.endswith("_sorted"):
        names.sort(key=lambda name: turned[now][name] or 0, reverse=True)
    if len(names) > _MOST_BARS:
        raise NotDrawnError(f"{len(names)} bars; up to {_MOST_BARS} are drawn")
    names.reverse()  # pygal draws from the bottom
    _refuse_extremes(value for one in turned for value in one.values())
    rows = max(1, len(names)) * max(1, len(turned))
    chart = pygal.HorizontalBar(**_config(plot, _FRAME + _BAR * rows))
    chart.x_labels = [_label(name) for name in names]
    for values in turned:
        chart.add("", [values.get(name) for name in names])
    return chart, kinds_of(plot.series)


def _config(plot: Plot, height: int) -> dict[str, Any]:
    return {
        "style": _PLAIN, "js": (), "css": (), "width": _WIDTH, "height": height, "margin": 6, "show_legend": False,
        "x_title": _X if plot.x_label else None, "y_title": _Y if plot.y_label else None, "min_scale": 3,
        "max_scale": 6, "truncate_label": _LABEL, "show_x_guides": False, "formatter": _number,
        "value_formatter": _number, "x_value_formatter": _number,
    }  # fmt: skip


def _title(label: str) -> str:
    return clipped(one_line(label), _LONGEST_TITLE)


def _number(value: Any) -> str:
    """A tick, or what pygal writes beside a point, which is dropped later."""
    return f"{value:.6g}" if isinstance(value, int | float) else ""


def kinds_of(series: Sequence[Series]) -> list[str]:
    """The classes of each series: whose it is, and a colour by its name; a base beside one candidate is `plain`."""
    hues: dict[str, int] = {}
    numbers = [hues.setdefault(one.name, len(hues)) % _HUES for one in series]
    plain = " plain" if len(hues) == 1 else ""
    return [f"{one.revision} hue-{number}{plain}" for one, number in zip(series, numbers, strict=True)]


def _on_one_axis(series: Sequence[Series]) -> list[Numbers]:
    """Numbers as they are; where any x is text, all x become places on one list of labels."""
    if all(_is_number(x) or _is_nothing(x) for one in series for x, _ in one.points):
        return [Numbers(points=tuple((float(x), _value(y)) for x, y in one.points if _is_number(x))) for one in series]
    places: dict[str, int] = {}
    numbered = [[(places.setdefault(str(x), len(places)), _value(y)) for x, y in one.points] for one in series]
    return [Numbers(points=tuple(points), labels=tuple(map(_label, places))) for points in numbered]


def _value(y: Scalar) -> float | None:
    if _is_nothing(y):
        return None
    if not _is_number(y):
        raise NotDrawnError("what should be numbers is text")
    return float(y)


def _text_first(point: tuple[Scalar, Scalar]) -> tuple[Scalar, float | None]:
    """DVC's bars have the number as x and the text as y."""
    x, y = point
    return (x, _value(y)) if _is_number(y) and not _is_number(x) else (y, _value(x))


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_nothing(value: Scalar) -> bool:
    return value is None or (isinstance(value, float) and not isfinite(value))


def _refuse_extremes(values: Iterator[float | None]) -> None:
    """Scales are worked out with plain arithmetic, which comes to no end at the ends of what a float can hold."""
    there = [value for value in values if value is not None]
    if not there:
        raise NotDrawnError("there is no number among its points")
    largest, spread = max(map(abs, there)), max(there) - min(there)
    if largest > _LARGEST or 0 < largest < _SMALLEST or (spread and spread < _SMALLEST_SHARE * largest):
        raise NotDrawnError(
            "its numbers are too large, too small, or too close together, to be told apart in a picture"
        )


def _label(value: Scalar) -> str:
    return clipped(one_line(str(value)), _LABEL)


def _spread(count: int) -> list[int]:
    step = max(1, -(-count // _MOST_LABELS))
    return list(range(0, count, step))


def _clean(tree: Any, kinds: Sequence[str]) -> ElementTree.Element:
    """The same picture of known elements and attributes only: no script, no style, no link, no comment."""
    return _copied(tree, lambda name: _of_series(name, kinds))


def _copied(element: Any, named: Callable[[str], str]) -> ElementTree.Element:
    name = _local(element.tag)
    copy = ElementTree.Element(name)
    for key in _KEPT[name]:
        if element.get(key) is not None:
            copy.set(key, named(element.get(key)) if key == "class" else str(element.get(key)))
    copy.text = element.text if name == "text" else None
    for child in element:
        if isinstance(child.tag, str) and _local(child.tag) in _KEPT and not _is_dropped(child):
            copy.append(_copied(child, named))
    return copy


def _is_dropped(element: Any) -> bool:
    return not _DROPPED.isdisjoint((element.get("class") or "").split())


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _of_series(name: str, kinds: Sequence[str]) -> str:
    """The class of a series' group names what the series is."""
    for part in name.split():
        number = part.removeprefix("serie-")
        if part != number and number.isdecimal() and int(number) < len(kinds):
            return f"series {kinds[int(number)]}"
    return name
