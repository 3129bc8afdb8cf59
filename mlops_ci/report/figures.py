"""What the page shows of one figure: its drawing, the same in words, and some of its numbers as a table."""

from dataclasses import dataclass

from mlops_ci.report.matrix_view import Matrix
from mlops_ci.report.square import Square


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """kind: the classes of its line."""

    words: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """svg: markup of our own making. picture: a `data:` address. All else is text.

    words: the drawing for who can't see it.
    """

    title: str
    words: str = ""
    svg: str = ""
    picture: str = ""
    square: Square | None = None
    matrix: Matrix | None = None
    legend: tuple[LegendEntry, ...] = ()
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
