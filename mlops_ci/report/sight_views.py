"""What is shown of predictions: curves and groups of like scores in a square, and how classes were confused."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from mlops_ci.models.appraisal import CANDIDATE, Bin, Curve, Sight
from mlops_ci.report.figures import Figure, LegendEntry
from mlops_ci.report.matrix_view import matrix_view
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.square import Dot, Line, square

_NAME = 40
_HUES = 8
_READ_AT = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_SAID_AT = 0.1
_TOP = 1.0

Named = Sequence[tuple[str, Sight]]


def sight_views(sights: Mapping[str, Sight], *, model: str) -> Iterator[Figure]:
    """The figures of one model, the candidate first. model: said in titles where it is not empty."""
    named = sorted(sights.items(), key=lambda one: one[0] != CANDIDATE)
    of = f", {clipped(one_line(model), _NAME)}" if model else ""
    yield from _curves(
        f"ROC{of}", [(name, one.roc) for name, one in named if one.roc], ("false positive rate", "true positive rate"),
    )  # fmt: skip
    yield from _curves(
        f"Precision and recall{of}", [(name, one.precision_recall) for name, one in named if one.precision_recall],
        ("recall", "precision"),
    )  # fmt: skip
    yield from _reliability(f"Reliability{of}", [(name, one.calibration) for name, one in named if one.calibration])
    for name, one in named:
        if one.confusion:
            counts = {(cell.truth, cell.prediction): cell.rows for cell in one.confusion}
            yield Figure(title=f"Confusion{of}, {_called(name)}", matrix=matrix_view(counts, shares=False))


def _called(name: str) -> str:
    return clipped(one_line(name), _NAME) if name else "candidate"


def _kind(at: int, name: str, count: int) -> str:
    """The candidate is a line, its champions are dotted, and grey where there is one."""
    if name == CANDIDATE:
        return "candidate hue-0"
    return "base hue-0 plain" if count <= 2 else f"base hue-{at % _HUES}"  # noqa: PLR2004 - a candidate and one more


def _legend(names: Sequence[str]) -> tuple[LegendEntry, ...]:
    if len(names) < 2:  # noqa: PLR2004 - one line needs no legend
        return ()
    return tuple(
        LegendEntry(words=_called(name), kind=_kind(at, name, len(names))) for at, name in enumerate(names)
    )  # fmt: skip


def _curves(title: str, curves: Sequence[tuple[str, Curve]], axes: tuple[str, str]) -> Iterator[Figure]:
    known = [(name, _points(curve)) for name, curve in curves]
    known = [(name, points) for name, points in known if points]
    if not known:
        return
    names = [name for name, _ in known]
    lines = [Line(kind=_kind(at, name, len(known)), points=points) for at, (name, points) in enumerate(known)]
    said = "; ".join(f"{_called(name)}: {axes[1]} {_at(points, _SAID_AT):.3f}" for name, points in known)
    rows = tuple((f"{x:g}", *(f"{_at(points, x):.3f}" for _, points in known)) for x in _READ_AT)
    yield Figure(
        title=title, words=f"{title}. At a {axes[0]} of {_SAID_AT:g}: {said}", legend=_legend(names),
        square=square(lines, axes, top=_TOP, diagonal=title.startswith("ROC")),
        columns=(axes[0], *map(_called, names)), rows=rows,
    )  # fmt: skip


def _points(curve: Curve) -> tuple[tuple[float, float], ...]:
    pairs = zip(curve.x, curve.y, strict=False)
    return tuple((x, y) for x, y in pairs if isfinite(x) and isfinite(y))


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    """The height at x, on the straight line between its neighbours; at a step, that before it."""
    at = bisect_left(points, x, key=lambda point: point[0])
    if at == 0 or at == len(points):
        return points[min(at, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[at - 1], points[at]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _reliability(title: str, groups: Sequence[tuple[str, Sequence[Bin]]]) -> Iterator[Figure]:
    if not groups:
        return
    axes = ("mean score", "share that was positive")
    largest = max(max(one.score, one.high) for _, bins in groups for one in bins)
    lines = [
        Line(kind=_kind(at, name, len(groups)), points=tuple((one.score, one.share) for one in bins),
             dots=tuple(Dot(x=one.score, y=one.share, low=one.low, high=one.high) for one in bins))
        for at, (name, bins) in enumerate(groups)
    ]  # fmt: skip
    said = "; ".join(f"{_called(name)}: {_off(bins)} of {len(bins)} groups off the diagonal" for name, bins in groups)
    yield Figure(
        title=title, words=f"{title}: groups of rows by score, with the share that was positive. {said}",
        legend=_legend([name for name, _ in groups]), square=square(lines, axes, top=largest, diagonal=True),
        notes=("Bars: 95 % intervals of the share. On the dashed line a score is what happens.",),
        columns=("of", "mean score", "share positive", "between", "and", "rows"),
        rows=tuple((_called(name), *_numbers(one)) for name, bins in groups for one in bins),
    )  # fmt: skip


def _numbers(one: Bin) -> tuple[str, ...]:
    return (*(f"{number:.3f}" for number in (one.score, one.share, one.low, one.high)), f"{one.rows:,}")


def _off(bins: Sequence[Bin]) -> int:
    return sum(not one.low <= one.score <= one.high for one in bins)
