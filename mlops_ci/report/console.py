"""Printing to a terminal or a pipe."""

from typing import IO

from rich.console import Console
from rich.text import Text

from mlops_ci.report.contract import Report
from mlops_ci.report.summary import Line, Tone, summary

_WIDTH_OF_A_PIPE = 100
_STYLES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.BAD: "bold red", Tone.DOUBTFUL: "yellow", Tone.QUIET: "dim"}


def console_on(stream: IO[str]) -> Console:
    """A console that takes all text literally: no markup, no emoji codes, no highlighting."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def print_report(report: Report, console: Console) -> None:
    """Print the summary of a report: in colour on a terminal, as plain lines into a pipe."""
    width = console.width if is_screen(console) else _WIDTH_OF_A_PIPE
    for line in summary(report, width=width):
        print_line(line, console)


def print_line(line: Line, console: Console) -> None:
    """Print one line, unwrapped."""
    console.print(Text(encodable(line.text, console), style=_STYLES[line.tone]), soft_wrap=True)


def encodable(text: str, console: Console) -> str:
    """`text` with an escape for each character that the console's encoding lacks."""
    return text.encode(console.encoding, "backslashreplace").decode(console.encoding)


def is_screen(console: Console) -> bool:
    """Whether somebody looks at it. Rich's own answer is yes for a pipe too, where FORCE_COLOR is set."""
    return console.file.isatty() and not console.is_dumb_terminal
