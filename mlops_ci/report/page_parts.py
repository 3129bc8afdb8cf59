"""Sections of the page: their heads, what stands around their items, and how the list of contents calls them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlops_ci.report.fitting import Section

_RIGHT = ' class="right"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of the page, and how the list of contents calls it."""

    section: Section
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the items of a section."""

    before: str = ""
    after: str = ""
    folded: bool = False


BARE = Frame()


def part(title: str, items: Sequence[str], *, rank: int, frame: Frame = BARE, kind: str = "") -> Iterator[Part]:
    """A section with at least one item. Titles and frames are our own words."""
    if items:
        anchor = title.lower().replace(" ", "-")
        count = "" if kind.startswith("drawing") else f' <span class="count">{len(items)}</span>'
        opened, closed = ("<details><summary>", "</summary>") if frame.folded else ("", "")
        head = f'<section id="{anchor}">{opened}<h2>{title}{count}</h2>{closed}\n{frame.before}'
        tail = f"{frame.after}{'</details>' if frame.folded else ''}</section>"
        section = Section(kind=kind or anchor, rank=rank, head=head, items=tuple(map(str, items)), tail=tail)
        yield Part(section=section, anchor=anchor, title=title)


def table(*columns: str) -> Frame:
    """A table that can be sorted; a column whose name ends in a colon holds numbers.

    A narrow page shows its rows as blocks, so what they are is said by roles too.
    """
    cells = "".join(
        f'<th scope="col" role="columnheader"{_RIGHT if name.endswith(":") else ""}>{name.rstrip(":")}</th>'
        for name in columns
    )
    return Frame(
        '<table data-sortable role="table"><thead role="rowgroup"><tr role="row">'
        f'{cells}</tr></thead><tbody role="rowgroup">',
        "</tbody></table>",
    )
