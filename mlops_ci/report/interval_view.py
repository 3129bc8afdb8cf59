"""One condition of a gate as a drawing: its interval as a bar, the line that it has to keep, the good side shaded."""

from dataclasses import dataclass
from math import isfinite

from mlops_ci.gates.values import Drawn, DrawnSlice
from mlops_ci.gates.wording import owner
from mlops_ci.report.gate_wording import basis_words, bound_words, compares, drawn_words, side_of
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.scale import Mark, Scale, percent, scale_of

_NAME = 16
_SEEDS = 50
_HEIGHTS = (48, 62)  # pixels, without and with the points of other seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Part of the width: `12.5%` each. goes_on: beyond the left end, beyond the right one."""

    at: str
    to: str
    width: str
    goes_on: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An interval with its point; the point alone where the ends are the value. point: None off the scale."""

    point: str | None
    stretch: Stretch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalView:
    """The drawing. words: for who can't see it. under: what the interval rests on. notes: what else is drawn.

    good: the side on which it has to lie. line: the bound. zero: where the champion is, None for a value.
    """

    words: str
    under: str
    kind: str
    height: int
    good: Stretch
    line: Mark
    zero: str | None
    bar: Bar
    band: Stretch | None
    points: tuple[str, ...]
    ticks: tuple[Mark, ...]
    notes: tuple[str, ...]


def interval_view(drawn: Drawn) -> IntervalView | None:
    """The drawing; None where its numbers can't be drawn."""
    numbers = (drawn.value, drawn.low, drawn.high, drawn.bound)
    scale = scale_of((*numbers, *(drawn.band or ()), *drawn.points[:_SEEDS], *([0.0] if compares(drawn) else [])))
    bar = None if scale is None else bar_of(scale, drawn)
    if scale is None or bar is None or not scale.holds(drawn.bound):
        return None
    points = tuple(scale.at(one) for one in drawn.points[:_SEEDS] if scale.holds(one))
    return IntervalView(
        words=drawn_words(drawn), under=basis_words(drawn), kind=str(side_of(drawn)),
        height=_HEIGHTS[bool(points)], good=good_side(scale, drawn.bound, above=drawn.above),
        line=scale.mark(drawn.bound, bound_words(drawn)), zero=scale.at(0.0) if compares(drawn) else None, bar=bar,
        band=None if drawn.band is None else stretch(scale, *drawn.band), points=points,
        ticks=ticks_of(scale, drawn), notes=_notes(drawn, points),
    )  # fmt: skip


def bar_of(scale: Scale, one: Drawn | DrawnSlice) -> Bar | None:
    """An interval on a scale; None where there is no number."""
    if one.value is None or not isfinite(one.value):
        return None
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    point = scale.at(one.value) if scale.holds(one.value) else None
    return Bar(point=point, stretch=None if low == high and point else stretch(scale, low, high))


def stretch(scale: Scale, low: float, high: float) -> Stretch:
    """An interval, which may go on beyond the ends of the scale."""
    goes_on = (not low >= scale.low, not high <= scale.high)
    begin = scale.share(scale.low if goes_on[0] else low)
    end = scale.share(scale.high if goes_on[1] else high)
    return Stretch(at=percent(begin), to=percent(end), width=percent(max(0.0, end - begin)), goes_on=goes_on)


def good_side(scale: Scale, bound: float, *, above: bool) -> Stretch:
    """From the bound to the edge of the drawing."""
    at = scale.share(bound)
    begin, end = (at, 100.0) if above else (0.0, at)
    return Stretch(at=percent(begin), to=percent(end), width=percent(end - begin))


def ticks_of(scale: Scale, drawn: Drawn) -> tuple[Mark, ...]:
    """Round numbers; zero is where the champion is."""
    if not compares(drawn):
        return scale.ticks()
    whose = owner(drawn.champion).removesuffix("'s").removeprefix("the ")
    return scale.ticks((0.0, f"{clipped(one_line(whose), _NAME)}"))


def _notes(drawn: Drawn, points: tuple[str, ...]) -> tuple[str, ...]:
    told = ["dots: the same, trained with other seeds"] if points else []
    told += ["band: where training alone puts it"] if drawn.band is not None else []
    return tuple(told)
