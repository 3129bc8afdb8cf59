"""A gate by slice, as a forest plot: a row a slice, all on one scale, the worst first, too small ones at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from mlops_ci.gates.values import Drawn, DrawnSlice
from mlops_ci.report.gate_wording import (
    bound_words,
    called,
    compares,
    range_words,
    slices_words,
    verdict_words,
)
from mlops_ci.report.interval_view import Bar, Stretch, bar_of, good_side, ticks_of
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.scale import Mark, Scale, scale_of

_DRAWN, _LISTED = 40, 400
_NAME, _WHY = 80, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One slice. bar: None where there is no number. words: the interval, or why there is none."""

    name: str
    rows: int
    value: float | None
    words: str
    bar: Bar | None
    kind: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestView:
    """The plot. heading: of the column of numbers. listed: those beyond the first 40, as text.

    good, line, zero, ticks: as in an interval's drawing; None where no slice has a number that can be drawn.
    """

    title: str
    words: str
    heading: str
    bound: str
    rows: tuple[ForestRow, ...]
    listed: tuple[ForestRow, ...]
    good: Stretch | None
    line: Mark | None
    zero: str | None
    ticks: tuple[Mark, ...]
    notes: tuple[str, ...]


def forest_view(drawn: Drawn, *, gate: str) -> ForestView:
    """All slices of one condition; at most 40 are drawn, and 400 more listed."""
    drawn_ones, others = drawn.slices[:_DRAWN], drawn.slices[_DRAWN : _DRAWN + _LISTED]
    bound = drawn.bound if drawn.slice_bound is None else drawn.slice_bound
    scale = _scale(drawn, drawn_ones, bound)
    return ForestView(
        title=f"{clipped(one_line(gate), _NAME)}: {called(drawn)}", words=slices_words(drawn),
        heading="difference" if compares(drawn) else drawn.metric, bound=bound_words(drawn, of_slice=True),
        rows=tuple(_row(drawn, one, scale) for one in drawn_ones),
        listed=tuple(_row(drawn, one, None) for one in others),
        good=None if scale is None else good_side(scale, bound, above=drawn.above),
        line=None if scale is None else scale.mark(bound, bound_words(drawn, of_slice=True)),
        zero=scale.at(0.0) if scale is not None and compares(drawn) else None,
        ticks=() if scale is None else ticks_of(scale, drawn), notes=tuple(_notes(drawn)),
    )  # fmt: skip


def _scale(drawn: Drawn, slices: Sequence[DrawnSlice], bound: float) -> Scale | None:
    """Wide enough for what is judged. An interval that is too wide to judge does not press the others together."""
    if not isfinite(bound):
        return None
    known = [one for one in slices if one.value is not None]
    judged = [one for one in known if not one.small] or known
    ends = [end for one in judged for end in (one.value, one.low, one.high) if end is not None]
    return scale_of((bound, *([0.0] if compares(drawn) else []), *ends)) if known else None


def _row(drawn: Drawn, one: DrawnSlice, scale: Scale | None) -> ForestRow:
    words = clipped(one_line(one.why), _WHY) if one.value is None else range_words(one, signed=compares(drawn))
    return ForestRow(
        name=clipped(one_line(one.name), _NAME), rows=one.rows, value=one.value, words=words,
        bar=None if scale is None else bar_of(scale, one),
        kind="small" if one.small and not one.required else str(one.verdict), told=verdict_words(one),
    )  # fmt: skip


def _notes(drawn: Drawn) -> list[str]:
    counts = drawn.counts
    held = counts.judged + counts.small
    left = held - min(len(drawn.slices), _DRAWN + _LISTED)
    notes = [f"{left:,} more slices are not shown, none of them worse"] if left > 0 else []
    if counts.small:
        notes.append("Too small: even a slice that is as good as the rest would hardly pass. It does not count.")
    return notes
