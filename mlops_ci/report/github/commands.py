"""Workflow commands: lines that the runner obeys. What a line holds of a repository's text is only ever text.

The escapes are those that the runner undoes
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from mlops_ci.report.plain_text import one_line

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def on_actions(environ: Mapping[str, str]) -> bool:
    """Whether a runner of GitHub Actions, or one that imitates it, reads what is printed."""
    return environ.get("GITHUB_ACTIONS") == "true"


def command(name: str, properties: Mapping[str, str], lines: tuple[str, ...]) -> str:
    """One command as one line, without its end. lines: those of its message. Empty properties are left out."""
    given = ",".join(f"{key}={_shown(value).translate(_PROPERTY)}" for key, value in properties.items() if value)
    message = "\n".join(map(_shown, lines)).translate(_DATA)
    return f"::{name} {given}::{message}" if given else f"::{name}::{message}"


@contextmanager
def commands_stopped(environ: Mapping[str, str], write: Callable[[str], None]) -> Iterator[None]:
    """The runner obeys no line that is printed while the block runs: only a secret, random word ends that.

    write: takes one line without its end, to the very stream that the block prints to. Elsewhere nothing is written.
    """
    if not on_actions(environ):
        yield
        return
    word = secrets.token_hex(16)
    write(f"::stop-commands::{word}")
    try:
        yield
    finally:
        write(f"::{word}::")


def _shown(text: str) -> str:
    """On one line, without control characters; half characters, which UTF-8 lacks, become escapes."""
    return one_line(text)
