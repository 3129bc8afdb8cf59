"""A runner of GitHub Actions, as far as it reads what a step prints: which lines it obeys.

Written after the runner's documented grammar: `::name key=value,key=value::message`, blanks before it don't matter;
and the older `##[name key=value]message`, anywhere in a line.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_KNOWN = frozenset(
    {
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice"),
        *("remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
    }
)
_NEW = re.compile(r"::(?P<name>[^\s:]+)(?: (?P<properties>.*?))?::(?P<message>.*)", re.DOTALL)
_OLD = re.compile(r"##\[(?P<name>[^\s\]]+)(?: (?P<properties>[^\]]*))?\](?P<message>.*)", re.DOTALL)
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """A command that the runner carries out."""

    name: str
    properties: Mapping[str, str]
    message: str


def obeyed(printed: Iterable[str]) -> list[Obeyed]:
    """All commands in what was printed, which may hold several lines each."""
    found: list[Obeyed] = []
    waiting_for: str | None = None
    for line in (line for text in printed for line in re.split(r"\r\n|\n|\r", text)):
        if waiting_for is not None:
            waiting_for = None if line.strip() == f"::{waiting_for}::" else waiting_for
            continue
        command = _command(line)
        if command is not None and command.name == "stop-commands":
            waiting_for = command.message
        elif command is not None:
            found.append(command)
    return found


def _command(line: str) -> Obeyed | None:
    match = _NEW.match(line.lstrip()) or _OLD.search(line)
    if match is None or match["name"].lower() not in _KNOWN:
        return None
    pairs = (pair.split("=", 1) for pair in (match["properties"] or "").split(",") if "=" in pair)
    properties = {name.strip(): _plain(value, colon=True) for name, value in pairs}
    return Obeyed(name=match["name"].lower(), properties=properties, message=_plain(match["message"]))


def _plain(text: str, *, colon: bool = False) -> str:
    for escape, character in (*_ESCAPES, *((("%3A", ":"), ("%2C", ",")) if colon else ()), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def outputs_in(file: str) -> Mapping[str, str]:
    """The outputs that the runner reads from the file of GITHUB_OUTPUT."""
    found: dict[str, str] = {}
    lines = iter(file.split("\n"))
    for line in lines:
        name, heredoc, delimiter = line.partition("<<")
        if heredoc:
            value = []
            while (part := next(lines)) != delimiter:
                value.append(part)
            found[name] = "\n".join(value)
        elif line:
            name, _, text = line.partition("=")
            found[name] = text
    return found
