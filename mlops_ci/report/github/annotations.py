"""Annotations: findings at the file and line that they are about, as workflow commands. Never a row's value."""

from collections.abc import Iterator, Sequence

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.report.contract import Report, worst_first
from mlops_ci.report.github.commands import command
from mlops_ci.report.plain_text import clipped, lines_of

# GitHub keeps ten of a level from one step, and drops the rest without a word.
MOST_OF_A_LEVEL = 10
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_TITLE = 120
_LINE = 500
_LINES = 12


def annotations(report: Report) -> tuple[str, ...]:
    """One line for each annotation, the worst first, at most ten of a level. The tenth says how many were left out."""
    ranked = [one.finding for one in worst_first(report)]
    return tuple(line for level in Severity for line in _level(level, [one for one in ranked if one.severity is level]))


def _level(level: Severity, findings: Sequence[Finding]) -> Iterator[str]:
    fits = len(findings) <= MOST_OF_A_LEVEL
    shown = findings if fits else findings[: MOST_OF_A_LEVEL - 1]
    yield from map(_annotation, shown)
    left = len(findings) - len(shown)
    if left:
        words = f"{left} more {level}s, none of them worse, are in the summary of this step and in report.json"
        yield command(_LEVELS[level], {"title": f"{left} more {level}s"}, (words,))


def _annotation(finding: Finding) -> str:
    where = finding.place
    properties = {
        "file": str(where.path) if where else "",
        "line": str(where.line or "") if where else "",
        "col": str(where.column or "") if where and where.line else "",
        "title": clipped(f"{finding.subject} [{finding.code}]", _TITLE),
    }
    return command(_LEVELS[finding.severity], properties, tuple(_message(finding))[:_LINES])


def _message(finding: Finding) -> Iterator[str]:
    yield clipped(finding.what, _LINE)
    values = (
        ("found", finding.found),
        ("expected", finding.expected),
        ("do this", finding.do),
        ("reproduce", finding.reproduce),
    )
    for label, value in values:
        if value.strip():
            first, *rest = lines_of(value)
            yield clipped(f"{label}: {first}", _LINE)
            yield from (clipped(f"  {line}", _LINE) for line in rest[:3])
