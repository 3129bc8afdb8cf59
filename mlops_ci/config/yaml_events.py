"""The parser's events, as plain values.

The parser is libyaml, through PyYAML: it reads no further than it is asked to, which is what makes every bound in
yaml_checks.py hold before the damage is done, and it is some twenty times quicker than a parser written in Python.
What a scalar stands for is not its business: see yaml_values.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import yaml
from yaml import events

from mlops_ci.config.yaml_text import Text, clipped, problem
from mlops_ci.core.findings import Finding, Place
from mlops_ci.errors import UsageError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What libyaml says, and what usually cures it.
_CURES = {
    "mapping values are not allowed": "quote a value that holds ': ', or mend the indentation of this line",
    "could not find expected ':'": "write `key: value`, with a blank after the colon",
    "cannot start any token": "quote a value that begins with @, ` or %",
    "expected key": "align this line with the keys above it",
    "did not find expected ','": "write the missing comma, or close the bracket or brace",
    "unexpected end of stream": "close the quote that is open",
    "'-' indicator": "align this line with the items above it",
}


class Kind(Enum):
    """What an event is. An END closes the mapping or sequence that was opened last."""

    DOCUMENT = "document"
    MAPPING = "mapping"
    SEQUENCE = "sequence"
    SCALAR = "scalar"
    ALIAS = "alias"
    END = "end"


@dataclass(slots=True)
class Event:
    """One event. `line` and `column` count from 1; `plain`: unquoted and untagged; `name`: its anchor or target."""

    kind: Kind
    line: int
    column: int
    text: str = ""
    plain: bool = False
    tag: str | None = None
    name: str | None = None

    def place(self, text: Text) -> Place:
        """Where it begins in `text`."""
        return text.place(self.line, self.column)


_KINDS: dict[type[Any], Kind] = {
    events.ScalarEvent: Kind.SCALAR,
    events.MappingStartEvent: Kind.MAPPING,
    events.SequenceStartEvent: Kind.SEQUENCE,
    events.MappingEndEvent: Kind.END,
    events.SequenceEndEvent: Kind.END,
    events.AliasEvent: Kind.ALIAS,
    events.DocumentStartEvent: Kind.DOCUMENT,
}


def parsed(text: Text) -> Iterator[Event]:
    """Events one by one. Raises UsageError where the text is no YAML."""
    try:
        for raw in yaml.parse(text.content, Loader=_LOADER):
            kind = _KINDS.get(type(raw))
            if kind is not None:
                yield _event(kind, raw)
    except yaml.YAMLError as error:
        raise UsageError([_unparsable(text, error)]) from error


def _event(kind: Kind, raw: Any) -> Event:
    mark = raw.start_mark
    if kind is Kind.SCALAR:
        return Event(kind, mark.line + 1, mark.column + 1, raw.value, raw.implicit[0], raw.tag, raw.anchor)
    event = Event(kind, mark.line + 1, mark.column + 1)
    if kind is Kind.ALIAS:
        event.name = raw.anchor
    elif kind is Kind.MAPPING or kind is Kind.SEQUENCE:
        event.tag, event.name = raw.tag, raw.anchor
    return event


def _unparsable(text: Text, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or "it is no YAML"
    place = text.place(mark.line + 1, mark.column + 1) if mark else text.place(None)
    line = text.line(mark.line + 1) if mark else ""
    found = clipped(line.strip()) or "the end of the file"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return problem(
            "MC-CONFIG-014", "is indented with a tab", text.place(place.line, line.index("\t") + 1),
            found=repr(clipped(line)), expected="blanks: YAML allows no tabs there",
            do=f"replace the tabs with blanks, all through the file: expand -i -t 2 {text.path} > new.yaml",
        )  # fmt: skip
    cure = next((cure for words, cure in _CURES.items() if words in said), "mend this line, or the one before it")
    return problem(
        "MC-CONFIG-015", f"cannot be read as YAML: {said}", place, found=found, expected="YAML 1.2",
        do=cure,
    )  # fmt: skip
