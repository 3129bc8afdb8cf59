"""Memory that a process and all below it hold together, as Linux tells it now."""

from collections.abc import Iterator
from pathlib import Path

_KIB = 1024


def memory_below(process: int) -> int:
    """Bytes of all processes below one, pages that several hold counted once; 0 where there are fewer than two.

    Of a single process the kernel keeps the peak itself, which no sample is as good as; it is also left in peace: to
    add up its pages holds it up.
    """
    below = tuple(_below(process))
    return sum(map(_held, below)) if len(below) > 1 else 0


def _below(process: int) -> Iterator[int]:
    for child in _children(process):
        yield child
        yield from _below(child)


def _children(process: int) -> tuple[int, ...]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:  # it has just ended
        return ()
    return tuple(int(child) for one in lists for child in one.split())


def _held(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    found = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return next(found, 0) * _KIB
