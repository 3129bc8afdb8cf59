"""What is said of a gate's numbers in words, the same on every page. All of it is plain, unescaped text."""

import math

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn, DrawnKind, DrawnSlice
from mlops_ci.gates.wording import bare, owner, written

NO_NUMBER = "?"


def called(drawn: Drawn) -> str:
    """`roc_auc`, or `roc_auc less the base's`."""
    return f"{drawn.metric} less {owner(drawn.champion)}" if compares(drawn) else drawn.metric


def compares(drawn: Drawn) -> bool:
    """Whether it is a difference to a champion."""
    return drawn.kind is DrawnKind.DIFFERENCE


def bound_words(drawn: Drawn, *, of_slice: bool = False) -> str:
    """The line that has to be kept: `at least 0.66`, `margin 0.01`."""
    bound = drawn.slice_bound if of_slice and drawn.slice_bound is not None else drawn.bound
    if not compares(drawn):
        return f"at {'least' if drawn.above else 'most'} {bare(bound)}"
    return f"margin {bare(abs(bound))}" if bound != 0 else f"{'above' if drawn.above else 'below'} 0"


def interval_words(one: Drawn | DrawnSlice, *, signed: bool) -> str:
    """`-0.002, between -0.006 and +0.003`; without an interval the number alone."""
    value, *ends = _written(one, signed=signed)
    return f"{value}, between {ends[0]} and {ends[1]}" if ends else value


def range_words(one: Drawn | DrawnSlice, *, signed: bool) -> str:
    """The same in a column: `-0.002 (-0.006 to +0.003)`."""
    value, *ends = _written(one, signed=signed)
    return f"{value} ({ends[0]} to {ends[1]})" if ends else value


def _written(one: Drawn | DrawnSlice, *, signed: bool) -> tuple[str, ...]:
    """The value, and the ends where they are others."""
    if one.value is None or not math.isfinite(one.value):
        return (NO_NUMBER,)
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    beside = (one.bound,) if isinstance(one, Drawn) else ()
    texts = written(one.value, low, high, signed=signed, beside=beside)
    return texts[:1] if low == high else texts


def side_of(drawn: Drawn) -> Verdict:
    """What the interval over all rows says, whatever became of slices: where they have no part, the verdict itself."""
    if not drawn.slices or drawn.verdict is Verdict.PASS:
        return drawn.verdict
    return Verdict.PASS if _kept(drawn) else Verdict.FAIL if _missed(drawn) else Verdict.INCONCLUSIVE


def side_words(drawn: Drawn) -> str:
    """Where the interval lies."""
    if _kept(drawn):
        return "all of it on the good side"
    return "all of it on the wrong side" if _missed(drawn) else "on both sides"


def _kept(drawn: Drawn) -> bool:
    return drawn.low >= drawn.bound if drawn.above else drawn.high <= drawn.bound


def _missed(drawn: Drawn) -> bool:
    return drawn.high < drawn.bound if drawn.above else drawn.low > drawn.bound


def drawn_words(drawn: Drawn) -> str:
    """The drawing for who can't see it."""
    line = f"{'margin' if compares(drawn) else 'bound'} at {bare(drawn.bound)}"
    good = "higher is better" if drawn.above else "lower is better"
    numbers = interval_words(drawn, signed=compares(drawn))
    band = ""
    if drawn.band is not None:
        low, high = written(*drawn.band, signed=compares(drawn))
        band = f"; trained again with other seeds: between {low} and {high}"
    return f"{called(drawn)}: {numbers}; {line}, {good}: {side_words(drawn)}{band}"


def basis_words(drawn: Drawn) -> str:
    """What the interval rests on: `95 % interval by DeLong, 41,233 rows in 365 groups`."""
    rows = f"{drawn.rows:,} row{'' if drawn.rows == 1 else 's'}"
    groups = "" if drawn.groups is None else f" in {drawn.groups:,} group{'' if drawn.groups == 1 else 's'}"
    if drawn.low == drawn.high:
        return f"{rows}{groups}"
    percent = "" if drawn.confidence is None else f"{100 * drawn.confidence:.4g} % "
    by = f" by {drawn.method}" if drawn.method else ""
    return f"{percent}interval{by}, {rows}{groups}"


def slices_words(drawn: Drawn) -> str:
    """`14 slices judged: 1 fail, 2 inconclusive, 11 pass; 5 too small to judge`."""
    counts = drawn.counts
    passed = counts.judged - counts.failed - counts.inconclusive
    told = [
        f"{many:,} {word}"
        for many, word in ((counts.failed, "fail"), (counts.inconclusive, "inconclusive"), (passed, "pass"))
        if many
    ]
    if not counts.judged:
        return f"no slice is large enough to judge: {counts.small:,} too small"
    judged = f"{counts.judged:,} slice{'' if counts.judged == 1 else 's'} judged"
    small = f"; {counts.small:,} too small to judge" if counts.small else ""
    return f"{judged}{': ' + ', '.join(told) if told else ''}{small}"


def verdict_words(one: DrawnSlice) -> str:
    """`pass`, `too small`, `too small, required`."""
    if not one.small:
        return str(one.verdict)
    return "too small, required" if one.required else "too small"
