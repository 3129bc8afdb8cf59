"""The body of the pull request's comment: a mark that no reader sees, then the report as Markdown."""

from hashlib import sha256
from urllib.parse import quote

from mlops_ci.report.contract import Report
from mlops_ci.report.markdown import render_markdown

# GitHub's own limit is 65,536 characters. The page is counted in bytes, of which a character has one at least.
MOST_CHARACTERS = 65_536
_NAME = 80


def mark_of(name: str) -> str:
    """The hidden first line of a comment: one for each name, whatever it holds, so two workflows have two comments."""
    identity = sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    readable = quote(name, safe=" ", errors="backslashreplace")[:_NAME]
    return f"<!-- mlops-ci report {identity} {readable} -->"


def comment_body(report: Report, mark: str) -> str:
    """The whole comment, at most MOST_CHARACTERS however long the report is."""
    head = f"{mark}\n"
    return head + render_markdown(report, limit=MOST_CHARACTERS - len(head.encode()))
