"""Events looked at before anything is built from them.

All is bounded and nothing recurses: an alias is never followed, only weighed, so that hostile input is answered as
quickly as sound input.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from mlops_ci.config.yaml_events import Event, Kind, parsed
from mlops_ci.config.yaml_text import Text, clipped, problem
from mlops_ci.config.yaml_values import plain_value
from mlops_ci.core.findings import Finding
from mlops_ci.errors import UsageError

DEEPEST = 64
_MOST_ADDED = 500_000  # characters that aliases may add to what is written
_MOST_FINDINGS = 20
_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = (None, "!", f"{_CORE}str", f"{_CORE}map", f"{_CORE}seq")


@dataclass(slots=True)
class _Node:
    """What is known of a node. `weight`: characters when all aliases below are written out; `height`: levels."""

    mapping: bool = False
    weight: int = 1
    height: int = 0
    open: bool = False
    key_next: bool = False
    keys: dict[str, int] = field(default_factory=dict)  # the line of each


def checked(text: Text, *, most: int, text_keys: bool) -> Iterator[Event]:
    """The events of the one document, which is a mapping, empty, or nothing.

    Raises UsageError: at once for what hinders reading on, else with all that was found at the end.
    most: events that may come; text_keys: refuse keys that stand for a number, true, false or nothing.
    """
    findings: list[Finding] = []
    watch = _Watch(text, findings, most=most, text_keys=text_keys)
    try:
        for event in parsed(text):
            watch.see(event)
            yield event
    except UsageError as error:
        raise UsageError([*findings, *error.findings]) from error
    if findings:
        raise UsageError(findings)


class _Watch:
    """Follows the events, and holds what the next one is judged by."""

    def __init__(self, text: Text, findings: list[Finding], *, most: int, text_keys: bool) -> None:
        self._text = text
        self._findings = findings
        self._most = most
        self._text_keys = text_keys
        self._events = self._documents = self._added = 0
        self._open: list[_Node] = []
        self._anchors: dict[str, _Node] = {}
        self._judges = {
            Kind.SCALAR: self._scalar,
            Kind.MAPPING: self._start,
            Kind.SEQUENCE: self._start,
            Kind.END: self._end,
            Kind.ALIAS: self._alias,
            Kind.DOCUMENT: self._document,
        }

    def see(self, event: Event) -> None:
        """Judge one event. Raises UsageError when reading on makes no sense."""
        self._events += 1
        if self._events > self._most:
            self._stop("MC-CONFIG-001", "is too large to be read", event, found=f"over {self._most:,} keys and values",
                       expected="fewer", do="keep data out of this file, or split it")  # fmt: skip
        self._judges[event.kind](event)

    def _scalar(self, event: Event) -> None:
        if not self._open:
            self._root(event)
        elif self._open[-1].key_next:
            self._key(self._open[-1], event)
        self._tag(event)
        node = _Node(weight=len(event.text) + 1)
        self._name(event, node)
        self._put(node)

    def _start(self, event: Event) -> None:
        self._no_collection_as_key(event)
        if not self._open and event.kind is Kind.SEQUENCE:
            self._root(event)
        self._not_below(len(self._open) + 1, event)
        self._tag(event)
        mapping = event.kind is Kind.MAPPING
        node = _Node(mapping=mapping, open=True, key_next=mapping)
        self._name(event, node)
        self._open.append(node)

    def _end(self, _: Event) -> None:
        node = self._open.pop()
        node.open = False
        self._put(node)

    def _alias(self, event: Event) -> None:
        self._no_collection_as_key(event)
        node = self._anchors.get(event.name or "")
        name = clipped(event.name or "")
        if node is None or node.open:
            what = "refers to an anchor that is not there" if node is None else "refers to itself"
            self._stop("MC-CONFIG-008", what, event, found=f"*{name}", expected=f"&{name} at a value that ends before",
                       do="write the value out here")  # fmt: skip
        self._not_below(len(self._open) + node.height, event)
        self._added += node.weight
        if self._added > _MOST_ADDED:
            self._stop("MC-CONFIG-007", "grows beyond all bounds when its aliases are written out", event,
                       found=f"over {_MOST_ADDED:,} characters more", expected="aliases that repeat a few values",
                       do="write out what is meant: aliases of aliases multiply")  # fmt: skip
        self._put(node)

    def _document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop("MC-CONFIG-012", "holds several documents", event, found="a second document", expected="one",
                       do="remove this line and what follows, or keep it in a file of its own")  # fmt: skip

    def _put(self, node: _Node) -> None:
        if self._open:
            parent = self._open[-1]
            parent.weight += node.weight
            parent.height = max(parent.height, node.height + 1)
            parent.key_next = parent.mapping and not parent.key_next

    def _name(self, event: Event, node: _Node) -> None:
        if event.name is not None:
            self._anchors[event.name] = node

    def _key(self, parent: _Node, event: Event) -> None:
        key = event.text
        if self._text_keys and event.plain and not isinstance(plain_value(key), str):
            self._note("MC-CONFIG-011", "a key is a number, true, false or nothing", event,
                       found=clipped(key) or "nothing", expected="text", do=f'quote it: "{clipped(key)}"')  # fmt: skip
        if key in parent.keys:
            self._note("MC-CONFIG-006", f"the key {clipped(key)!r} is there twice", event,
                       found=f"on line {parent.keys[key]} and on line {event.line}", expected="each key once",
                       do="keep one of them")  # fmt: skip
        parent.keys.setdefault(key, event.line)

    def _no_collection_as_key(self, event: Event) -> None:
        if self._open and self._open[-1].key_next:
            found = "an alias" if event.kind is Kind.ALIAS else f"a {event.kind.value}"
            self._stop("MC-CONFIG-011", "a key is not text", event, found=found, expected="text",
                       do="write the key as text, in quotes where it begins with { or [")  # fmt: skip

    def _root(self, event: Event) -> None:
        if event.kind is Kind.SCALAR and event.plain and plain_value(event.text) is None:
            return  # an empty document
        found = f"the text {clipped(event.text)!r}" if event.kind is Kind.SCALAR else "a list"
        self._stop("MC-CONFIG-010", "is not a mapping", event, found=found, expected="lines of `key: value`",
                   do="begin each line with a key")  # fmt: skip

    def _tag(self, event: Event) -> None:
        if event.tag not in _PLAIN_TAGS:
            tag = clipped((event.tag or "").replace(_CORE, "!!"))
            self._note("MC-CONFIG-009", "a value has a tag, and tags are not read", event,
                       found=tag, expected="a plain value",
                       do="remove the tag: only plain values are made of this file")  # fmt: skip

    def _not_below(self, depth: int, event: Event) -> None:
        if depth > DEEPEST:
            self._stop("MC-CONFIG-013", "is nested too deeply", event, found=f"over {DEEPEST} levels",
                       expected=f"at most {DEEPEST}", do="mend the brackets or the indentation")  # fmt: skip

    def _note(self, code: str, what: str, event: Event, *, found: str, expected: str, do: str) -> None:
        self._findings.append(problem(code, what, event.place(self._text), found=found, expected=expected, do=do))
        if len(self._findings) >= _MOST_FINDINGS:
            raise UsageError([])

    def _stop(self, code: str, what: str, event: Event, *, found: str, expected: str, do: str) -> NoReturn:
        raise UsageError([problem(code, what, event.place(self._text), found=found, expected=expected, do=do)])
