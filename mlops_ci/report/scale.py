"""A straight axis: where a number lies, as a share of the width, and which numbers are written below it.

Places are shares, so that text keeps its size whatever the width; what is written is chosen so that nothing overlaps
at the narrowest width that a page has.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_EDGE = 6.0  # percent of the width left free at each end
_NARROWEST = 260.0  # pixels
_LETTER = 6.9  # pixels
_GAP = 3.0  # percent between two texts
_FINEST = 1e-9  # of the largest number: a shorter axis can't be told from a point
_STEPS = (1.0, 2.0, 5.0)
_MOST_TICKS = 5
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e7
_LARGEST, _SHORTEST = 1e150, 1e-290  # beyond, the length of an axis is no number, or zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A text at a place: `12.5%`. anchor: which end of the text stands there, as SVG calls it."""

    at: str
    words: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From `low` to `high`, which differ and are finite."""

    low: float
    high: float

    def share(self, number: float) -> float:
        """Percent of the width; what lies beyond an end lies at it."""
        share = (number - self.low) / (self.high - self.low)
        return _EDGE + (100 - 2 * _EDGE) * min(max(share, 0.0), 1.0)

    def at(self, number: float) -> str:
        """The same as text: `12.5%`."""
        return percent(self.share(number))

    def mark(self, number: float, words: str) -> Mark:
        """A text at a number, turned so that it stays within the narrowest width."""
        share = self.share(number)
        return Mark(at=percent(share), words=words, anchor=_anchor(share, words))

    def holds(self, number: float) -> bool:
        """Whether it lies between the ends."""
        return self.low <= number <= self.high

    def ticks(self, *named: tuple[float, str]) -> tuple[Mark, ...]:
        """Round numbers, and before all others those that have a name; of texts that would overlap the first stays."""
        kept: list[tuple[float, Mark]] = []
        for number, words in (*named, *self._round()):
            mark = self.mark(number, words)
            if self.holds(number) and not any(_overlap(mark, one) for _, one in kept):
                kept.append((number, mark))
        return tuple(mark for _, mark in sorted(kept, key=lambda pair: pair[0]))

    def _round(self) -> Iterator[tuple[float, str]]:
        step = _step((self.high - self.low) / _MOST_TICKS)
        first = math.ceil(self.low / step)
        for number in range(first, math.floor(self.high / step) + 1):
            yield number * step, _written(number * step, step)


def scale_of(numbers: Iterable[float]) -> Scale | None:
    """From the least to the largest of those that are finite, and a little more; None where they can't be drawn."""
    finite = [one for one in numbers if math.isfinite(one)]
    if not finite or not max(map(abs, finite)) < _LARGEST:
        return None
    low, high = min(finite), max(finite)
    largest = max(abs(low), abs(high))
    least = largest * _FINEST if largest > 0 else 1.0
    if not high - low > least:
        low, high = low - max(least, largest * 0.05), high + max(least, largest * 0.05)
    if not high - low > _SHORTEST or low + (high - low) / 2 in (low, high):
        return None
    return Scale(low=low, high=high)


def percent(share: float) -> str:
    """`12.5%`."""
    return f"{share:.2f}".rstrip("0").rstrip(".") + "%"


def _anchor(share: float, words: str) -> str:
    half = _width(words) / 2
    if share - half < 0:
        return "start"
    return "end" if share + half > 100 else "middle"  # noqa: PLR2004 - percent


def _width(words: str) -> float:
    return 100 * _LETTER * len(words) / _NARROWEST


def _ends(mark: Mark) -> tuple[float, float]:
    share, width = float(mark.at.rstrip("%")), _width(mark.words)
    begin = {"start": share, "middle": share - width / 2, "end": share - width}[mark.anchor]
    return begin, begin + width


def _overlap(one: Mark, other: Mark) -> bool:
    (begin, end), (begin_of_other, end_of_other) = _ends(one), _ends(other)
    return begin < end_of_other + _GAP and begin_of_other < end + _GAP


def _step(least: float) -> float:
    """1, 2 or 5 of a power of ten, at least this much."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((step * power for step in _STEPS if step * power >= least), 10 * power)


def _written(number: float, step: float) -> str:
    if number == 0:
        return "0"
    if not step >= _PLAIN_FROM or not abs(number) < _PLAIN_TO:
        return f"{number:.6g}"
    return f"{number:.{max(0, -math.floor(math.log10(step) + _FINEST))}f}"
