"""DVC's own files, read by libyaml where that gives the very values that DVC's parser would give.

DVC reads YAML with a parser written in Python, twice for each file, and checks it against a schema that it compiles
anew for each stage: at a thousand stages that is nine tenths of what `dvc status` does. Here whatever is plain is
read at once; the least doubt, an error among them, leaves the file to DVC itself, with its own words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml import events

from mlops_ci.tools.dvc.worker.outline import Outline, guard, outline_of
from mlops_ci.tools.dvc.worker.plain import is_plain_definition, is_plain_lock
from mlops_ci.tools.dvc.worker.private import DvcException, Lockfile, ProjectFile, Repo, SingleStageFile, plain_scalar

# What only one of the two parsers allows, or takes for the end of a line; directives, several documents.
_DOUBTFUL = re.compile(r"[|>][-+0-9]*(?:#|[ \n]*\n +\n)|[\t\x85\u2028\u2029\ufeff]|^(?:%|---|\.\.\.)", re.MULTILINE)
# What a plain scalar must begin with so that it can be anything but text.
_MAY_BE_MORE = frozenset("0123456789+-.~nNtTfFyYoO=<")
_LOADER: Any = getattr(yaml, "CBaseLoader", None)
_MARKS_IN_FLOW = frozenset("?:#")
_DEEPEST = 50
_LONGEST = 32 * 1024 * 1024
_STAGES_DEPTH = 2


class _DoubtError(Exception):
    """The file is DVC's to read."""


@dataclass(frozen=True, slots=True)
class Quick:
    """What DVC's parser would make of a text, and the line of each of its stages, counted from 1."""

    value: Any
    lines: dict[str, int]


def quick_yaml(text: str) -> Quick | None:
    """Read a text. None where DVC's own parser is to do it: it is not plain, it is broken, or it is very long."""
    if _LOADER is None or len(text) > _LONGEST or _DOUBTFUL.search(text):
        return None
    try:
        reading = _Reading()
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
    except (yaml.YAMLError, _DoubtError):
        return None
    return Quick(reading.root.get("", None) or {}, reading.lines)


class _Reading:
    """A document that is being built from events. Its value stands in `root`, under an empty key."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self._open: list[Any] = [self.root]
        self._keys: list[str | None] = [""]
        self._flow = 0
        self._seen: dict[str, Any] = {}
        self._stages: Any = None

    def take(self, event: Any) -> None:
        """The next event."""
        kind = type(event)
        if kind is events.ScalarEvent:
            self._scalar(event)
        elif kind is events.MappingStartEvent:
            self._begin(event, {})
        elif kind is events.SequenceStartEvent:
            self._begin(event, [])
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            self._open.pop()
            self._keys.pop()
            self._flow = max(0, self._flow - 1)
        elif kind is events.AliasEvent:
            raise _DoubtError

    def _begin(self, event: Any, value: Any) -> None:
        if event.anchor is not None or event.tag is not None or len(self._open) > _DEEPEST:
            raise _DoubtError
        if len(self._open) == _STAGES_DEPTH and self._keys[-1] == "stages":
            self._stages = value
        self._put(value)
        self._open.append(value)
        self._keys.append(None)
        if event.flow_style or self._flow:
            self._flow += 1

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            raise _DoubtError
        value = event.value if event.style else self._plain(event.value)
        if self._keys[-1] is None and type(self._open[-1]) is dict:
            self._key(value, event)
        else:
            self._put(value)

    def _key(self, value: Any, event: Any) -> None:
        if not isinstance(value, str) or value in self._open[-1] or value == "<<":
            raise _DoubtError
        self._keys[-1] = value
        if self._open[-1] is self._stages:
            self.lines[value] = event.start_mark.line + 1

    def _put(self, value: Any) -> None:
        parent = self._open[-1]
        if type(parent) is list:
            parent.append(value)
            return
        key = self._keys[-1]
        if key is None:
            raise _DoubtError  # a key that is no scalar
        parent[key] = value
        self._keys[-1] = None

    def _plain(self, text: str) -> Any:
        if self._flow and not _MARKS_IN_FLOW.isdisjoint(text):
            raise _DoubtError
        if text and text[0] not in _MAY_BE_MORE:
            return text
        if text not in self._seen:
            try:
                self._seen[text] = plain_scalar(text)
            except DvcException as error:
                raise _DoubtError from error
        return self._seen[text]


class _QuickFile:
    """A file of DVC's that is read quickly where it is plain, and by DVC where it is not."""

    path: str
    repo: Any
    plain: Callable[[Any], bool]
    lines: dict[str, int] | None = None

    def _load_yaml(self, **options: Any) -> tuple[Any, str]:
        if not options:
            text = _text(self.path)
            quick = None if text is None else quick_yaml(text)
            if quick is not None and type(self).plain(quick.value):
                self.lines = quick.lines
                return quick.value, text or ""
        guard(Path(self.path))
        slow: tuple[Any, str] = super()._load_yaml(**options)  # type: ignore[misc]
        return slow

    @property
    def outline(self) -> Outline:
        """Where the stages stand, once the file was read."""
        return outline_of(Path(self.path)) if self.lines is None else Outline(self.lines)


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


class _QuickLock(_QuickFile, Lockfile):  # type: ignore[misc]
    plain = staticmethod(is_plain_lock)


class _QuickProject(_QuickFile, ProjectFile):  # type: ignore[misc]
    plain = staticmethod(is_plain_definition)

    @property
    def _lockfile(self) -> Any:
        return _QuickLock(self.repo, str(Path(self.path).with_suffix(".lock")))


class _GuardedStage(SingleStageFile):  # type: ignore[misc]
    """A .dvc file: DVC wants its text besides, and its schema is quick."""

    def _load_yaml(self, **options: Any) -> tuple[Any, str]:
        guard(Path(self.path))
        slow: tuple[Any, str] = super()._load_yaml(**options)
        return slow

    @property
    def outline(self) -> Outline:
        """Nothing: what stands in it is one stage."""
        return Outline({})


def file_of(repo: Repo, path: str) -> Any:
    """A dvc.yaml with its dvc.lock, or a .dvc file, as DVC reads it; each is read once.

    What is read raises UnsafeFileError where the file is not to be given to DVC.
    """
    return _QuickProject(repo, path) if path.endswith(".yaml") else _GuardedStage(repo, path)
