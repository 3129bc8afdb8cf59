"""Tables for a terminal, of texts that anybody may have written: nothing in them steers it."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from mlops_ci.report.plain_text import one_line


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> Table:
    """Columns under their heads. numbers: which columns are ranged right."""
    right = set(numbers)
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for place, head in enumerate(heads):
        found.add_column(head, justify="right" if place in right else "left", overflow="fold")
    for row in rows:
        found.add_row(*(Text(one_line(cell)) for cell in row))
    return found
