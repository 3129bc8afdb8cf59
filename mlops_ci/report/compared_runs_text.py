"""What two runs differ in, for people."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.metadata.comparison import Comparison, Result
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.tables import table

_VALUE = 24


def compared_runs_text(one: str, other: str, found: Comparison) -> Iterator[RenderableType]:
    """The verdict, what went in and differs, the numbers, what else came out and differs."""
    yield Text(one_line(f"{one} -> {other}"))
    yield Text(one_line(found.verdict))
    if found.causes:
        yield Text("")
        rows = ((str(c.kind), c.subject, _value(c.before), _value(c.after)) for c in found.causes)
        yield table(("changed", "what", "before", "after"), rows)
    if found.results:
        yield Text("")
        heads = ("metric", "slice", "before", "after", "difference")
        yield table(heads, map(_result, found.results), numbers=[2, 3])
    for head, outcomes in (("output", found.outputs), ("verdict of", found.verdicts)):
        if outcomes:
            yield Text("")
            yield table((head, "before", "after"), ((o.subject, _value(o.before), _value(o.after)) for o in outcomes))


def _result(one: Result) -> tuple[str, ...]:
    return (f"{one.model}.{one.name}", one.slice or "", _number(one.before), _number(one.after), _difference(one))


def _difference(one: Result) -> str:
    if one.before is None or one.after is None:
        return ""
    change = one.after - one.before
    if change == 0:
        return "same"
    if one.better not in ("higher", "lower"):
        return f"{change:+.4g}"
    return f"{abs(change):.4g} {'better' if (change > 0) == (one.better == 'higher') else 'worse'}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _value(value: str | None) -> str:
    return "none" if value is None else clipped(value, _VALUE)
