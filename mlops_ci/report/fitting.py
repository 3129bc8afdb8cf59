"""What fits into a page of limited length: the most important comes in first, and what was cut is counted."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page. It stays when its items fit, as many as fit, in their order; one without any is left out.

    rank: 0 is placed first. kind: what its items are called when some are cut (`errors`).
    """

    kind: str
    rank: int
    head: str
    items: tuple[str, ...]
    between: str = "\n"
    tail: str = ""

    def text(self, count: int) -> str:
        """The section with its first `count` items."""
        parts = [self.head, self.between.join(self.items[:count]), self.tail]
        return "".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The texts that fit, in the order of the page, and in words what did not."""

    texts: tuple[str, ...]
    cut: tuple[str, ...]


def fit(sections: Sequence[Section], room: int) -> Fitted:
    """Fill `room` bytes of UTF-8 by rank; from the first item that does not fit on, nothing of a lower rank is taken.

    The texts stay in the order in which the sections came.
    """
    counts = [0] * len(sections)
    for at in sorted(range(len(sections)), key=lambda index: sections[index].rank):
        counts[at] = _items_that_fit(sections[at], room)
        if counts[at] < len(sections[at].items):
            break
        room -= _size(sections[at].text(counts[at])) + 2
    kept = tuple(section.text(count) for section, count in zip(sections, counts, strict=True) if count)
    missing = ((section, len(section.items) - count) for section, count in zip(sections, counts, strict=True))
    return Fitted(texts=kept, cut=tuple(f"{left} {section.kind}" for section, left in missing if left))


def _items_that_fit(section: Section, room: int) -> int:
    room -= _size(section.head) + _size(section.tail) + 2
    for count, item in enumerate(section.items):
        room -= _size(item) + _size(section.between)
        if room < 0:
            return count
    return len(section.items)


def _size(text: str) -> int:
    return len(text.encode())
