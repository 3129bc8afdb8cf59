"""Findings as text for people at a terminal."""

from mlops_ci.core.findings import Finding
from mlops_ci.report.plain_text import lines_of, one_line, printable

_LABEL_WIDTH = 10
_INDENT = "  "


def render_finding(finding: Finding) -> str:
    """A finding as lines without an end of line; what its text holds is only ever text.

    error[MC-DATA-004]: flights: column 'dep_delay' holds text (data/2013-07.csv:4211)
      found     'NA '
      expected  a number, or empty
      do this   declare na_values: ["NA "] for this dataset, or mend the file
    """
    values = (
        ("found", finding.found),
        ("expected", finding.expected),
        ("do this", finding.do),
        ("reproduce", finding.reproduce),
    )
    lines = [_headline(finding)]
    lines += [line for label, value in values if value.strip() for line in _value(label, value)]
    return "\n".join(map(printable, lines))


def _headline(finding: Finding) -> str:
    place = f" ({one_line(str(finding.place))})" if finding.place else ""
    return f"{finding.severity}[{one_line(finding.code)}]: {one_line(finding.subject)}: {one_line(finding.what)}{place}"


def _value(label: str, value: str) -> list[str]:
    first, *rest = lines_of(value)
    hanging = _INDENT + " " * _LABEL_WIDTH
    return [f"{_INDENT}{label:<{_LABEL_WIDTH}}{first}", *(f"{hanging}{line}" for line in rest)]
