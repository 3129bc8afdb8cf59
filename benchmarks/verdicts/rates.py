"""Shares of draws as they are written in tables."""

from math import sqrt

_Z = 1.959964
NOMINAL = 0.05


def wilson(count: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    p, z = count / of, _Z
    centre, half = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (centre - half) / (1 + z * z / of), (centre + half) / (1 + z * z / of)


def too_often(count: int, of: int) -> bool:
    """Whether even the low end of the share's interval lies above 5 %."""
    return wilson(count, of)[0] > NOMINAL


def percent(count: float, of: float, digits: int = 0) -> str:
    """Without a sign of its own: the table's head says what it is."""
    return f"{100 * count / of:.{digits}f}" if of else "-"


def with_interval(count: int, of: int) -> str:
    """`4.6 (3.8-5.6)`, bold where it is too often."""
    low, high = wilson(count, of)
    text = f"{percent(count, of, 1)} ({100 * low:.1f}-{100 * high:.1f})"
    return f"**{text}**" if too_often(count, of) else text


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def folded(title: str, text: str) -> str:
    """To be opened by who wants all of it."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"
