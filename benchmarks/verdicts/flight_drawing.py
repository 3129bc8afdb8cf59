"""Differences of AUC by month against the margin, as an SVG that can be read in light and in dark."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_GATE, _MARGIN = "auc", 0.01
_LEFT, _TOP, _ROW, _GAP, _RIGHT, _BOTTOM = 150, 50, 17, 16, 40, 34
_WIDTH = 720
_COLOURS = {"pass": "#2da44e", "fail": "#d1242f", "inconclusive": "#9a6700"}
_SHAPES = {
    "pass": '<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{c}"/>',
    "fail": '<rect x="{l:.1f}" y="{t:.1f}" width="9" height="9" fill="{c}"/>',
    "inconclusive": '<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="{c}" stroke-width="2"/>',
}
Cells = Sequence[Mapping[str, Any]]


def drawing(cells: Cells) -> str:
    """One line a candidate and month; `title` and `desc` tell in words what is drawn."""
    shown = [
        cell for cell in cells
        if cell["gate"] == _GATE and cell["block"] and "-" in cell["month"] and cell["value"] is not None
    ]  # fmt: skip
    low = min([-_MARGIN, *(cell["low"] for cell in shown)])
    high = max([0.0, *(cell["high"] for cell in shown)])
    scale = _Scale(low - 0.004, high + 0.004)
    candidates = list(dict.fromkeys(cell["candidate"] for cell in shown))
    parts, y = list[str](), float(_TOP)
    for candidate in candidates:
        mine = [cell for cell in shown if cell["candidate"] == candidate]
        parts += _block(candidate, mine, scale, y)
        y += len(mine) * _ROW + _GAP
    height = y + _BOTTOM
    return "\n".join([*_head(shown, height), *_ground(scale, y), *parts, "</svg>", ""])


class _Scale:
    """From differences to pixels."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def at(self, value: float) -> float:
        return _LEFT + (value - self.low) / (self.high - self.low) * (_WIDTH - _LEFT - _RIGHT)

    def ticks(self) -> Iterator[float]:
        step = 0.02
        first = int(self.low / step)
        yield from (step * one for one in range(first, int(self.high / step) + 1))


def _head(shown: Cells, height: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-labelledby="t d" font-family="sans-serif" font-size="12">'
    )
    yield '<title id="t">Difference of AUC from the champion by month, with its interval, against the margin</title>'
    words = "; ".join(
        f"{cell['candidate']} {cell['month']}: {cell['value']:+.3f}, between {cell['low']:+.3f} and "
        f"{cell['high']:+.3f}, {cell['verdict']}" for cell in shown
    )  # fmt: skip
    yield f'<desc id="d">{words}</desc>'
    yield "<style>text{fill:#1f2328}.g{stroke:#d0d7de}.m{stroke:#1f2328}.s{fill:#2da44e;opacity:.1}"
    yield "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.g{stroke:#3d444d}.m{stroke:#e6edf3}}</style>"


def _ground(scale: _Scale, bottom: float) -> Iterator[str]:
    margin, top, end = scale.at(-_MARGIN), _TOP - 12, bottom - 4
    width = _WIDTH - _RIGHT - margin
    yield f'<rect class="s" x="{margin:.1f}" y="{top}" width="{width:.1f}" height="{end - top:.1f}"/>'
    for tick in scale.ticks():
        x = scale.at(tick)
        yield f'<line class="g" x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{end:.1f}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 12:.1f}" text-anchor="middle">{tick:+.2f}</text>'
    yield f'<line class="m" stroke-width="1.5" x1="{margin:.1f}" y1="{top}" x2="{margin:.1f}" y2="{end:.1f}"/>'
    yield f'<text x="{margin:.1f}" y="{_TOP - 18}" text-anchor="middle">margin -{_MARGIN}</text>'
    yield f'<text x="{_LEFT}" y="16">AUC, candidate less champion; bar: 90 % interval, days as groups</text>'
    yield f'<text x="{_LEFT}" y="{bottom + 28:.1f}">filled circle: pass, square: fail, ring: inconclusive</text>'


def _block(candidate: str, cells: Cells, scale: _Scale, top: float) -> Iterator[str]:
    yield f'<text x="8" y="{top + 4:.1f}" font-weight="bold">{candidate}</text>'
    for at, cell in enumerate(cells):
        y, colour = top + at * _ROW, _COLOURS[cell["verdict"]]
        x, low, high = (scale.at(cell[name]) for name in ("value", "low", "high"))
        yield f'<text x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{cell["month"]}</text>'
        yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="2"/>'
        yield _SHAPES[cell["verdict"]].format(x=x, y=y, l=x - 4.5, t=y - 4.5, c=colour)
