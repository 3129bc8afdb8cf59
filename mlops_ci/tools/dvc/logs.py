"""The end of a stage's log, fit to be shown."""

import re
from pathlib import Path

MOST_LINES = 20
MOST_CHARACTERS = 2000
_READ_BYTES = 65_536
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def tail_of(log: Path, *, lines: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The last lines of a log, at most `lines` and `characters`, without escape sequences; empty if none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _READ_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    shown = [_shown(line) for line in text.split("\n")]
    return "\n".join([line for line in shown if line][-lines:])[-characters:]


def _shown(line: str) -> str:
    """What a terminal would show: a progress bar rewrites its line."""
    last = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    return _CONTROL.sub("", _ESCAPES.sub("", last)).rstrip()
