"""The timeline as bars in rows, a row a lane. Places across are shares of the width, so that text keeps its size."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.timeline import Bar, Timeline, longest
from mlops_ci.report.wording import duration

_MOST_BARS, _MOST_TICKS = 200, 8
_BAR, _ROW, _AXIS = 24, 30, 22
_LABEL = 60
_SHORTEST = 0.001  # seconds: the least that the whole width stands for
_NARROWEST, _LAST_TICK = 0.3, 96.0  # percent of the width
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_MINUTE, _HOUR = 60, 3600
_STEPS = (
    *_SECONDS, *(_MINUTE * many for many in (1, 2, 5, 10, 15, 30)), *(_HOUR * many for many in (1, 2, 3, 6, 12, 24))
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on the axis: `12.5%`."""

    at: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A bar. at, width: `12.5%`. kinds: its classes. words: all that is known of it."""

    at: str
    width: str
    y: int
    kinds: str
    label: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """The drawing. bar: the height of each, units as y. notes: what is not drawn, in words."""

    height: int
    bar: int
    ticks: tuple[Tick, ...]
    blocks: tuple[Block, ...]
    failures: bool
    notes: tuple[str, ...]


def timeline_view(seen: Timeline) -> TimelineView:
    """The drawing of up to 200 bars, the longest; a lane none of whose bars is drawn has no row."""
    bars = longest(seen.bars, _MOST_BARS)
    rows = {lane: number for number, lane in enumerate(sorted({bar.lane for bar in bars}))}
    span = max(seen.wall, _SHORTEST)
    cut = f"The longest {len(bars)} of {len(seen.bars):,} stages that ran are drawn."
    return TimelineView(
        height=_AXIS + _ROW * len(rows),
        bar=_BAR,
        ticks=tuple(_ticks(span)),
        blocks=tuple(_block(bar, span, rows[bar.lane]) for bar in bars),
        failures=any(bar.failed for bar in bars),
        notes=(cut,) if len(bars) < len(seen.bars) else (),
    )


def _block(bar: Bar, span: float, row: int) -> Block:
    width = max(100 * bar.seconds / span, _NARROWEST)
    kinds = [kind for kind, so in (("critical", bar.critical), ("failed", bar.failed)) if so]
    name, took = one_line(bar.name), duration(bar.seconds)
    told = [took, f"begun after {duration(bar.began)}", f"lane {bar.lane}"]
    told += ["on the critical path"] if bar.critical else []
    told += ["failed"] if bar.failed else []
    return Block(
        at=_percent(min(100 * bar.began / span, 100 - _NARROWEST)), width=_percent(width), y=_AXIS + _ROW * row,
        kinds=" ".join(("bar", *kinds)), label=f"{clipped(name, _LABEL)}, {took}",
        words=f"{clipped(name, 200)}: {', '.join(told)}",
    )  # fmt: skip


def _ticks(span: float) -> Iterator[Tick]:
    step = next((one for one in _STEPS if span / one <= _MOST_TICKS), None)
    if step is None:  # whole days
        step = math.ceil(span / _MOST_TICKS / _STEPS[-1]) * _STEPS[-1]
    for number in range(_MOST_TICKS + 1):
        share = 100 * number * step / span
        if share <= _LAST_TICK:
            yield Tick(at=_percent(share), words=_moment(number * step, step))


def _moment(seconds: float, step: float) -> str:
    """A moment in the unit of the steps."""
    unit, size = ("h", _HOUR) if step >= _HOUR else ("min", _MINUTE) if step >= _MINUTE else ("s", 1)
    return f"{round(seconds / size, 2):g} {unit}"


def _percent(share: float) -> str:
    return f"{share:.3f}".rstrip("0").rstrip(".") + "%"
