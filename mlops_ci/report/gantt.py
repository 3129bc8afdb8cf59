"""The timeline as a Mermaid gantt. Names of stages are only ever labels."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mlops_ci.report.diagram import label_of
from mlops_ci.report.timeline import Bar, Timeline, longest
from mlops_ci.report.wording import duration

# A reader sees nothing in a picture of more bars; with the longest names they stay below the 50,000 characters that
# GitHub draws.
_MOST_BARS = 60
_TICKS = 10
_EVERY = (1, 2, 5, 10, 15, 30)
# Mermaid's axis knows dates alone. One in milliseconds whose seconds are written is the same in all time zones, so
# longer runs are drawn with minutes, or hours, for seconds.
_UNITS = (("s", 1.0), ("min", 60.0), ("h", 3600.0))
_MOST_OF_A_UNIT = 300


def gantt(seen: Timeline) -> tuple[str, int]:
    """Mermaid source, a section for each lane, and how many bars it has: 60 at most, the longest."""
    bars = longest(seen.bars, _MOST_BARS)
    return "\n".join(_lines(bars, seen.wall)), len(bars)


def _lines(bars: Sequence[Bar], wall: float) -> Iterator[str]:
    unit, size = next((one for one in _UNITS if wall / one[1] <= _MOST_OF_A_UNIT), _UNITS[-1])
    every = next((one for one in _EVERY if wall / size / one <= _TICKS), _EVERY[-1])
    yield from ("gantt", "  dateFormat x", f"  axisFormat %s {unit}", f"  tickInterval {every}second")
    lanes = sorted(bars, key=lambda bar: bar.lane)
    for lane, of_lane in groupby(lanes, key=lambda bar: bar.lane):
        yield f"  section lane {lane}"
        yield from (_task(bar, size) for bar in of_lane)


def _task(bar: Bar, size: float) -> str:
    mark = "crit, " if bar.critical else ""
    begin, length = round(bar.began * 1000 / size), max(1, round(bar.seconds * 1000 / size))
    return f"  {_label(bar)} :{mark}{begin}, {length}ms"


def _label(bar: Bar) -> str:
    """The first sign is a reference too: a name that begins like a word of Mermaid's own stays a name."""
    shown = label_of(bar.name)
    first = shown if shown.startswith("#") or not shown else f"#{ord(shown[0])};{shown[1:]}"
    return f"{first}{', failed' if bar.failed else ''}, {duration(bar.seconds)}"
