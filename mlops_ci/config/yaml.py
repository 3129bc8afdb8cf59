"""Strict YAML 1.2 with places: mlops-ci.yaml, dvc.yaml, dvc.lock, params, metrics.

Refused, each as a finding with its place: what is not UTF-8, NUL and control characters, tabs as indentation,
merge-conflict marks, duplicate keys, tags, several documents, what is no mapping, deep nesting, aliases that multiply,
and files beyond bounds. Merge keys (`<<: *defaults`) are followed, as DVC does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import cast

from mlops_ci.config.yaml_checks import checked
from mlops_ci.config.yaml_events import Event, Kind
from mlops_ci.config.yaml_text import text_of
from mlops_ci.config.yaml_values import Scalar, plain_value
from mlops_ci.core.findings import Place

Value = Scalar | list["Value"] | dict[str, "Value"]
Texts = str | list["Texts"] | dict[str, "Texts"]
Key = str | int


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The largest file, and the most keys, values and ends of collections in it."""

    mib: int
    events: int


# What lies at a bound takes about a second.
_CONFIG = _Bounds(1, 50_000)
_ANY = _Bounds(4, 150_000)
_LOCK = _Bounds(64, 500_000)


@dataclass(slots=True)
class Node:
    """A value and where it stands. `written`: a scalar's text in the file; `line` and `column` count from 1."""

    value: Value
    line: int
    column: int
    written: str = ""
    plain: bool = False
    children: "dict[Key, Child]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Child:
    """A node below another, and where its key (or, in a list, itself) begins."""

    line: int
    column: int
    node: Node


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds. `value` is made of dict, list, str, int, float, bool and None; treat it as frozen."""

    value: dict[str, Value]
    path: PurePosixPath
    root: Node

    def place(self, keys: tuple[Key, ...]) -> Place:
        """Where the key or item begins; its nearest known ancestor's place where it is not in the file."""
        found, node = None, self.root
        for key in keys:
            child = node.children.get(key)
            if child is None:
                break
            found, node = child, child.node
        return Place(path=self.path, line=found.line if found else None, column=found.column if found else None)

    def node(self, keys: tuple[Key, ...]) -> Node | None:
        """The node that `keys` lead to, None if it is not in the file."""
        node = self.root
        for key in keys:
            child = node.children.get(key)
            if child is None:
                return None
            node = child.node
        return node


def read_yaml(content: bytes, path: PurePosixPath, *, strict: bool = False) -> Document:
    """Read one file of at most 4 MiB; an empty one is an empty mapping. Raises UsageError with all findings.

    strict, for mlops-ci.yaml: at most 1 MiB, and a byte-order mark and keys that are numbers, true, false or nothing
    are refused too. Otherwise the mark is read over and such keys are taken as they are written, as DVC does.
    """
    root = _composed(_events(content, path, _CONFIG if strict else _ANY, strict=strict), typed=True)
    value = root.value if isinstance(root.value, dict) else {}
    return Document(value=value, path=path, root=root)


def guard_yaml(content: bytes, path: PurePosixPath) -> None:
    """Only check a file of at most 64 MiB. Raises UsageError as read_yaml does."""
    for _ in _events(content, path, _LOCK):
        pass


def read_yaml_texts(content: bytes, path: PurePosixPath) -> dict[str, Texts]:
    """Mappings and lists in which every scalar is text as it is written; at most 64 MiB. Raises UsageError.

    So what looks like a number in dvc.lock (`md5: 0123e4`) stays what it is. An absent value is an empty text.
    """
    value = _composed(_events(content, path, _LOCK), typed=False).value
    return cast("dict[str, Texts]", value) if isinstance(value, dict) else {}


def _events(content: bytes, path: PurePosixPath, bounds: _Bounds, *, strict: bool = False) -> Iterator[Event]:
    return checked(text_of(content, path, mib=bounds.mib, bom=not strict), most=bounds.events, text_keys=strict)


@dataclass(slots=True)
class _Open:
    """A collection that is being filled. `key`: the key whose value comes next."""

    node: Node
    key: Event | None = None
    merges: bool = False


def _composed(events: Iterable[Event], *, typed: bool) -> Node:
    """Build the tree from checked events, without recursion."""
    anchors: dict[str, Node] = {}
    stack = [_Open(Node(value=[], line=1, column=1))]
    for event in events:
        if event.kind is Kind.DOCUMENT:
            continue
        if event.kind is Kind.END:
            _close(stack.pop())
            continue
        if event.kind is Kind.SCALAR and _awaits_key(stack[-1]):
            stack[-1].key = event
            continue
        node = anchors[event.name or ""] if event.kind is Kind.ALIAS else _node(event, typed=typed)
        if event.name is not None:
            anchors[event.name] = node
        _put(stack[-1], node, event)
        if event.kind in (Kind.MAPPING, Kind.SEQUENCE):
            stack.append(_Open(node))
    top = stack[0].node.children
    return top[0].node if top else Node(value={}, line=1, column=1)


def _awaits_key(parent: _Open) -> bool:
    return isinstance(parent.node.value, dict) and parent.key is None


def _node(event: Event, *, typed: bool) -> Node:
    if event.kind is Kind.MAPPING:
        return Node(value={}, line=event.line, column=event.column)
    if event.kind is Kind.SEQUENCE:
        return Node(value=[], line=event.line, column=event.column)
    value = plain_value(event.text) if typed and event.plain else event.text
    return Node(value=value, line=event.line, column=event.column, written=event.text, plain=event.plain)


def _put(parent: _Open, node: Node, event: Event) -> None:
    value = parent.node.value
    if isinstance(value, list):
        parent.node.children[len(value)] = Child(event.line, event.column, node)
        value.append(node.value)
    elif isinstance(value, dict) and parent.key is not None:
        key, parent.key = parent.key, None
        parent.merges = parent.merges or (key.plain and key.text == "<<")
        parent.node.children[key.text] = Child(key.line, key.column, node)
        value[key.text] = node.value


def _close(closed: _Open) -> None:
    """Follow the merge key of a finished mapping: keys of its own go before merged ones, earlier ones before later."""
    if not closed.merges or not isinstance(closed.node.value, dict):
        return
    source = closed.node.children["<<"].node
    sources = [source] if isinstance(source.value, Mapping) else [child.node for child in source.children.values()]
    if not sources or not all(isinstance(node.value, dict) for node in sources):
        return
    del closed.node.children["<<"], closed.node.value["<<"]
    for node in sources:
        for key, child in node.children.items():
            if key not in closed.node.children:
                closed.node.children[key] = child
                closed.node.value[str(key)] = child.node.value
