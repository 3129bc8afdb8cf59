"""The step's summary: the report as Markdown, within what GitHub takes."""

from mlops_ci.report.contract import Report
from mlops_ci.report.markdown import SUMMARY_LIMIT, render_markdown

# GitHub refuses a step's whole summary beyond 1 MiB, whoever wrote which part of it.
_MOST_BYTES = 1024 * 1024
_LEAST_USEFUL = 40_000


def step_summary(report: Report, *, taken: int) -> str | None:
    """Markdown for the file that GITHUB_STEP_SUMMARY names; None where too little room is left.

    taken: bytes that the file holds already.
    """
    room = min(SUMMARY_LIMIT, _MOST_BYTES - taken - 1)
    return render_markdown(report, limit=room) if room >= _LEAST_USEFUL else None
