"""The worst slices of a gate as a Mermaid chart: numbers only, slices by their place in the table above it."""

import math
from collections.abc import Iterator, Sequence

from mlops_ci.gates.values import Drawn, DrawnSlice
from mlops_ci.report.gate_wording import compares
from mlops_ci.report.scale import Scale, scale_of

_FEWEST = 3
_DIGITS, _MOST_DIGITS = 2, 12
_HEIGHT = 320  # pixels
_LARGEST = 1e9
_ENDS, _VALUES, _BOUND, _CHAMPION = "#8c959f", "#0969da", "#cf222e", "#8250df"
_ROOM = 0.05  # of the width, at each end


def slices_chart(drawn: Drawn, slices: Sequence[DrawnSlice]) -> str | None:
    """Mermaid source; None where fewer than three have a number, or where numbers are too large or small for it."""
    numbered = _numbered(slices)
    bound = drawn.bound if drawn.slice_bound is None else drawn.slice_bound
    scale = _scale(drawn, [one for _, one in numbered], bound)
    if len(numbered) < _FEWEST or scale is None:
        return None
    digits = _DIGITS - math.floor(math.log10(scale.high - scale.low))
    if not (digits <= _MOST_DIGITS and max(abs(scale.low), abs(scale.high)) < _LARGEST):
        return None
    return "\n".join(_lines(drawn, numbered, scale, max(0, digits), bound))


def _numbered(slices: Sequence[DrawnSlice]) -> list[tuple[int, DrawnSlice]]:
    """Those that have a number, by their place; without those too small to judge where enough others are left."""
    known = [(at, one) for at, one in enumerate(slices, 1) if one.value is not None and math.isfinite(one.value)]
    judged = [(at, one) for at, one in known if not one.small]
    return judged if len(judged) >= _FEWEST else known


def chart_words(drawn: Drawn) -> str:
    """What the lines are."""
    champion = ", purple the champion" if compares(drawn) else ""
    return f"Blue is the {drawn.kind}, grey its interval, red what has to be kept{champion}."


def _scale(drawn: Drawn, slices: Sequence[DrawnSlice], bound: float) -> Scale | None:
    if not math.isfinite(bound):
        return None
    judged = [one for one in slices if not one.small] or slices
    ends = [end for one in judged for end in (one.value, one.low, one.high) if end is not None]
    scale = scale_of((bound, *([0.0] if compares(drawn) else []), *ends))
    if scale is None:
        return None
    room = (scale.high - scale.low) * _ROOM
    return Scale(low=scale.low - room, high=scale.high + room)


def _lines(
    drawn: Drawn, numbered: Sequence[tuple[int, DrawnSlice]], scale: Scale, digits: int, bound: float
) -> Iterator[str]:
    palette = [_ENDS, _ENDS, _VALUES, _BOUND, *([_CHAMPION] if compares(drawn) else [])]
    yield from ("---", "config:", "  xyChart:", f"    height: {_HEIGHT}", "    yAxis:", "      labelFontSize: 12")
    yield from ("  themeVariables:", "    xyChart:", f'      plotColorPalette: "{", ".join(palette)}"', "---")
    yield "xychart-beta horizontal"
    yield f'  x-axis "slice" [{", ".join(str(at) for at, _ in numbered)}]'
    yield f'  y-axis "{drawn.kind}" {scale.low:.{digits}f} --> {scale.high:.{digits}f}'
    slices = [one for _, one in numbered]
    yield _line([one.low for one in slices], scale, digits, scale.low)
    yield _line([one.high for one in slices], scale, digits, scale.high)
    yield _line([one.value for one in slices], scale, digits, bound)
    yield _line([bound] * len(slices), scale, digits, bound)
    if compares(drawn):
        yield _line([0.0] * len(slices), scale, digits, bound)


def _line(numbers: Sequence[float | None], scale: Scale, digits: int, missing: float) -> str:
    """missing: what stands for an end that is not there. What lies beyond the scale ends at it."""
    known = [number if number is not None and not math.isnan(number) else missing for number in numbers]
    texts = (f"{min(max(number, scale.low), scale.high):.{digits}f}" for number in known)
    return f"  line [{', '.join(texts)}]"
