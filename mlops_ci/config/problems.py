"""What is wrong with a configuration, said for people: what pydantic found, as findings with places."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

from mlops_ci.config.json_schema import Schema, any_of, below, choices, json_schema, resolved, words
from mlops_ci.config.yaml import Document, Key, Node
from mlops_ci.config.yaml_text import clipped, problem
from mlops_ci.core.findings import Finding
from mlops_ci.core.names import NAME_RULE, is_name, nearest

if TYPE_CHECKING:
    from pydantic import ValidationError

Keys = tuple[Key, ...]

_REFERENCE = "docs/configuration.md"
_UNQUOTED = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_SECTION_CURES = {
    "runtime takes": "keep one of the two keys",
    "predictions need": "add `score: COLUMN` or `prediction: COLUMN`",
}
# By how the words for what is expected begin.
_EXAMPLES = {
    "a path": "name it from the repository's root, like data/flights, and never through `..`",
    "a whole number with": "write the number with its unit, like 40m",
    "a whole number": "write a whole number, like 2",
    "a finite number, at least 0": "write 0 or a number above it, like 0.01",
    "a finite number": "write a number, like 0.7",
    "a list": "write the items in brackets, like [first, second]",
}
_WHATS = {
    "enum": "has a value that is not offered",
    "literal_error": "has a value that is not offered",
    "finite_number": "is not a finite number",
    "greater_than_equal": "is too small",
    "value_error": "has a value that is not allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding about the value that `keys` lead to. `reads`: other values that it was concluded from."""

    keys: Keys
    code: str
    what: str
    found: str = ""
    expected: str = ""
    do: str = ""
    reads: Sequence[Keys] = ()

    def finding(self, document: Document) -> Finding:
        """The finding, with its place in the file."""
        return problem(
            self.code, self.what, document.place(self.keys), subject=dotted(self.keys),
            found=self.found, expected=self.expected, do=self.do,
        )  # fmt: skip


class _Details(TypedDict):
    """What pydantic tells of one error."""

    type: str
    loc: tuple[Key, ...]
    ctx: NotRequired[dict[str, object]]


def dotted(keys: Keys) -> str:
    """A key path as people write it: `models.delays.gates.auc-floor.min`, `datasets.flights.suites[0]`."""
    parts = [f"[{key}]" if isinstance(key, int) else f".{_key(key)}" for key in keys]
    return "".join(parts).removeprefix(".") or "the file"


def problems_of(error: "ValidationError", document: Document) -> list[Problem]:
    """One problem for each value that pydantic refused, in the order of the schema."""
    found: dict[Keys, Problem] = {}
    for details in error.errors(include_url=False, include_input=False):
        one = _problem({"type": details["type"], "loc": details["loc"], "ctx": details.get("ctx", {})}, document)
        found.setdefault(one.keys, one)
    return list(found.values())


def listed(names: Iterable[str], none: str) -> str:
    """Names that could stand there, in their order; `none` where there are none."""
    known = tuple(sorted(names))
    return clipped(any_of(known)) if known else none


def leading_zeros(document: Document) -> Iterable[Problem]:
    """Numbers that readers of YAML disagree on."""
    waiting: list[tuple[Keys, Node]] = [((), document.root)]
    seen: set[int] = set()
    while waiting:
        keys, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += [((*keys, key), child.node) for key, child in node.children.items()]
        if node.plain and _LEADING_ZERO.fullmatch(node.written):
            yield Problem(
                keys=keys, code="MC-CONFIG-025", what="is a number with a leading zero", found=clipped(node.written),
                expected="a number without one: YAML 1.2 reads it as a decimal number, YAML 1.1 as an octal one",
                do=f'write {clipped(str(node.value))}, or "{clipped(node.written)}" if it is text',
            )  # fmt: skip


def described(node: Node | None) -> str:
    """A value as it is written, with what YAML takes it for where that may surprise."""
    if node is None or node.value is None:
        return "nothing"
    if isinstance(node.value, dict):
        return f"the keys {clipped(', '.join(map(_key, node.value)))}" if node.value else "an empty mapping"
    if isinstance(node.value, list):
        return "a list" if node.value else "an empty list"
    if isinstance(node.value, str):
        return f"the text {clipped(node.value)!r}"
    return clipped(node.written)


def _problem(details: _Details, document: Document) -> Problem:
    loc = details["loc"]
    keys, node = _walked(loc)
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(keys, node, str(loc[len(keys)]))
        case "missing":
            return _missing_key(keys, node)
        case "too_long":
            return _not_yet(keys, node, document)
        case "value_error" if len(loc) > len(keys) and loc[-1] == "[key]":
            return _bad_name(keys)
        case "value_error" if "properties" in resolved(node):
            return _bad_section(keys, document, str(details.get("ctx", {}).get("error", "")))
        case kind:
            return _bad_value(keys, node, document.node(keys), kind)


def _walked(loc: Keys) -> tuple[Keys, Schema]:
    """The part of a location that leads through the file; what follows names a kind in a union."""
    node, keys = json_schema(), 0
    for key in loc:
        deeper = below(node, key)
        if deeper is None:
            break
        node, keys = deeper, keys + 1
    return loc[:keys], node


def _unknown_key(section: Keys, node: Schema, key: str) -> Problem:
    known = tuple(resolved(node).get("properties", ()))
    meant = nearest(key, known)
    return Problem(
        keys=(*section, key), code="MC-CONFIG-020", what="unknown key", found=_key(key), expected=any_of(known),
        do=f"did you mean `{meant}`?" if meant else f"remove it; {_REFERENCE} lists what can be said",
    )  # fmt: skip


def _missing_key(keys: Keys, node: Schema) -> Problem:
    return Problem(
        keys=keys, code="MC-CONFIG-021", what="is missing", found="nothing", expected=words(node),
        do=f"add `{keys[-1]}: ...` to {dotted(keys[:-1])}: {node.get('description', 'see ' + _REFERENCE)}",
    )  # fmt: skip


def _not_yet(keys: Keys, node: Schema, document: Document) -> Problem:
    return Problem(
        keys=keys, code="MC-CONFIG-022", what="is not available yet", found=described(document.node(keys)),
        expected="nothing, or {}", do=f"remove it: {node.get('description', '').removeprefix('not yet: ')}",
    )  # fmt: skip


def _bad_name(keys: Keys) -> Problem:
    name = str(keys[-1])
    better = re.sub(r"[^a-z0-9_-]+", "-", name.lower())[:64].strip("-_")
    return Problem(
        keys=keys, code="MC-CONFIG-023", what="cannot be a name", found=repr(clipped(name)),
        expected=NAME_RULE, do=f"call it `{better}`, for instance" if is_name(better) else "choose another name",
    )  # fmt: skip


def _bad_section(keys: Keys, document: Document, message: str) -> Problem:
    cure = next(
        (cure for beginning, cure in _SECTION_CURES.items() if message.startswith(beginning)), f"see {_REFERENCE}"
    )
    return Problem(
        keys=keys, code="MC-CONFIG-026", what=message, found=described(document.node(keys)), do=cure
    )  # fmt: skip


def _bad_value(keys: Keys, schema: Schema, node: Node | None, kind: str) -> Problem:
    return Problem(
        keys=keys, code="MC-CONFIG-024", what=_WHATS.get(kind, "has a value of the wrong kind"),
        found=described(node), expected=words(schema), do=_cure(schema, node),
    )  # fmt: skip


def _cure(schema: Schema, node: Node | None) -> str:
    """What to write instead, as exactly as it can be guessed."""
    value = node.value if node else None
    wanted = words(schema)
    if isinstance(value, str):
        meant = nearest(value.lower(), choices(schema))
        if meant:
            return f"did you mean `{meant}`?"
        if wanted.startswith("a path") and "${" in value:
            return "write the path out: nothing is expanded in this file"
        if wanted.startswith("true or false") and value.lower() in _BOOLEANS:
            return f"write {_BOOLEANS[value.lower()]}: in YAML 1.2 only true and false are no text"
        if "number" in wanted and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", value):
            return f"write {value} without quotes"
    elif wanted.startswith("text") and node and node.written:
        return f'quote it: "{clipped(node.written)}"'
    if value is None:
        return "write a value after the key, or remove the key"
    return next((cure for beginning, cure in _EXAMPLES.items() if wanted.startswith(beginning)), f"write {wanted}")


def _key(key: str) -> str:
    return key if _UNQUOTED.fullmatch(key) else repr(clipped(key))
