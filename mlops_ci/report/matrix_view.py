"""A confusion matrix as a table with shades."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.report.plain_text import clipped, one_line

_NAME = 40
_PALEST, _SHADES = 0, 4
_SMALLEST_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """heat: 0 to 4, how much of its row."""

    words: str
    heat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """How one actual class was predicted."""

    actual: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A confusion matrix."""

    predicted: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def matrix_view(counts: Mapping[tuple[str, str], int], *, shares: bool) -> Matrix:
    """How many of an actual class were predicted as a class; as shares of the actual one where asked."""
    classes = sorted({name for pair in counts for name in pair})
    rows = []
    for actual in classes:
        total = sum(counts.get((actual, predicted), 0) for predicted in classes)
        row = [_cell(counts.get((actual, predicted), 0), total, shares) for predicted in classes]
        rows.append(MatrixRow(actual=clipped(one_line(actual), _NAME), cells=tuple(row)))
    return Matrix(predicted=tuple(clipped(one_line(name), _NAME) for name in classes), rows=tuple(rows))


def _cell(count: int, total: int, shares: bool) -> MatrixCell:
    share = count / total if total else 0.0
    heat = _PALEST if share < _SMALLEST_SHARE else min(_SHADES, 1 + int(share * _SHADES))
    return MatrixCell(words=f"{share:.3f}" if shares else f"{count:,}", heat=heat)
