"""Lines and dots over two axes that begin at zero and are equally long, in units of the drawing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

WIDTH, HEIGHT = 340, 320
LEFT, RIGHT, ABOVE, BELOW = 50, 330, 10, 266
_TICKS = 5
_TOPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point with the interval of its height."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points that are joined, and those that are marked. kind: its classes."""

    kind: str
    points: tuple[tuple[float, float], ...]
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A dot of the drawing: x, and its y from low to high, which is above it."""

    x: str
    y: str
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A line of the drawing. way: its points as SVG writes them."""

    kind: str
    way: str
    dots: tuple[Placed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on both axes."""

    x: str
    y: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """The drawing. diagonal: whether one is drawn from corner to corner."""

    paths: tuple[Path, ...]
    ticks: tuple[Tick, ...]
    x_label: str
    y_label: str
    diagonal: bool


def square(lines: Sequence[Line], labels: tuple[str, str], *, top: float, diagonal: bool) -> Square:
    """top: the largest number on either axis; axes end at a round number from there on, at most 1."""
    end = next((one for one in _TOPS if isfinite(top) and one >= top), 1.0)
    return Square(
        paths=tuple(_path(one, end) for one in lines), diagonal=diagonal, x_label=labels[0], y_label=labels[1],
        ticks=tuple(_tick(end * at / _TICKS, end) for at in range(_TICKS + 1)),
    )  # fmt: skip


def _path(line: Line, end: float) -> Path:
    points = [f"{_x(x, end)} {_y(y, end)}" for x, y in line.points if isfinite(x) and isfinite(y)]
    dots = (one for one in line.dots if all(map(isfinite, (one.x, one.y, one.low, one.high))))
    placed = (
        Placed(x=_x(one.x, end), y=_y(one.y, end), low=_y(one.low, end), high=_y(one.high, end)) for one in dots
    )  # fmt: skip
    return Path(kind=line.kind, way=f"M{'L'.join(points)}" if points else "", dots=tuple(placed))


def _tick(number: float, end: float) -> Tick:
    digits = max(1, 1 - math.floor(math.log10(end)))
    return Tick(x=_x(number, end), y=_y(number, end), words="0" if number == 0 else f"{number:.{digits}f}")


def _x(number: float, end: float) -> str:
    return _place(LEFT + (RIGHT - LEFT) * _share(number, end))


def _y(number: float, end: float) -> str:
    return _place(BELOW - (BELOW - ABOVE) * _share(number, end))


def _share(number: float, end: float) -> float:
    return min(max(number / end, 0.0), 1.0)


def _place(at: float) -> str:
    return f"{at:.1f}".removesuffix(".0")
