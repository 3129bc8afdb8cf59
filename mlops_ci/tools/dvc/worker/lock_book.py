"""Entries for dvc.lock: kept in a journal as stages finish, and written for many stages at once.

DVC writes the whole dvc.lock anew after each stage, in place: quadratic in the number of stages, and a crash leaves a
torn file. Here each finished stage is one line of the journal, on the disk before its dependents start; dvc.lock is
replaced by rename, with new entries in the order in which DVC would have added them.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.ignore_lines import IgnoreLines
from mlops_ci.tools.dvc.worker.private import (
    PipelineStage,
    dump_yaml_to,
    parse_yaml_for_update,
    single_file,
    to_lockfile,
)
from mlops_ci.tools.dvc.worker.quick_dump import quick_dump
from mlops_ci.tools.files import write_whole

_PATIENCE = 20  # a lock file is written again when this many times its own cost has passed, and at the end
_SHORTEST = 5.0  # seconds


@dataclass(slots=True)
class _Lock:
    """One dvc.lock, as it was read or written last. known: entries that it had when this run began.

    New ones stand behind them, in DVC's order.
    """

    path: Path
    document: Any
    digest: str | None
    known: frozenset[str]
    entries: dict[str, Any] = field(default_factory=dict)

    def refresh(self) -> None:
        """Read it again where somebody else has written it."""
        digest = _digest(self.path)
        if digest != self.digest:
            self.document, self.digest = _document(self.path), digest


class LockBook:
    """What is to be written into the dvc.lock files of one repository."""

    def __init__(self, journal: Path, *, positions: Mapping[tuple[str, str], int], staging: bool = False) -> None:
        """journal: a file of our own. positions: where DVC's own order has a stage, by dvc.yaml and name.

        staging: whether what is written may go to git's index, see `staged`.
        """
        self.staging = staging
        self.ignored = IgnoreLines()
        self._journal = journal
        self._positions = positions
        self._locks: dict[str, _Lock] = {}
        self._unwritten = False
        self._file: Any = None
        self._written = time.monotonic()
        self._cost = 0.0

    def add(self, stage: Any) -> None:
        """Note a finished stage, durably. A .dvc file is written at once, whole."""
        if not isinstance(stage, PipelineStage):
            write_like(Path(stage.path), _yaml_text(single_file(stage)))
            return
        entry = to_lockfile(stage)[stage.name]
        lock = self._lock(stage.path)
        lock.entries[stage.name] = entry
        self._unwritten = True
        if not self._noted({"definition": stage.path, "name": stage.name, "entry": entry}) or self._is_time():
            self.write()

    def position(self, stage: Any) -> int:
        """The stage's place in DVC's own order."""
        return self._place(stage.path, getattr(stage, "name", "") or "")

    def _place(self, definition: str, name: str) -> int:
        return self._positions.get((definition, name), len(self._positions))

    @property
    def files(self) -> list[str]:
        """The dvc.lock files that this run has something for."""
        return [str(lock.path) for lock in self._locks.values()]

    def write(self) -> None:
        """Bring every dvc.lock up to date, then begin a new journal."""
        if not self._unwritten:
            return
        begin = time.monotonic()
        for lock in self._locks.values():
            self._write(lock)
        self._unwritten = False
        self._close()
        self._journal.unlink(missing_ok=True)
        self._written = time.monotonic()
        self._cost = self._written - begin

    def _lock(self, definition: str) -> _Lock:
        if definition not in self._locks:
            path = lock_of(Path(definition))
            digest, document = _digest(path), _document(path)
            self._locks[definition] = _Lock(path, document, digest, frozenset(document.get("stages", {})))
        return self._locks[definition]

    def _write(self, lock: _Lock) -> None:
        lock.refresh()
        document = lock.document or {"schema": "2.0"}
        stages = document.setdefault("stages", {})
        definition = str(lock.path.with_suffix(".yaml"))
        new = [name for name in lock.entries if name not in lock.known]
        for name in new:
            stages.pop(name, None)
        ordered = sorted(new, key=lambda name: self._place(definition, name))
        for name in (*(name for name in lock.entries if name in lock.known), *ordered):
            stages[name] = lock.entries[name]
        write_like(lock.path, _yaml_text(document))
        lock.document, lock.digest = document, _digest(lock.path)

    def _noted(self, line: dict[str, Any]) -> bool:
        """Whether the journal holds the entry. A parameter that JSON has no word for (a date) goes to dvc.lock."""
        try:
            text = json.dumps(line)
        except TypeError:
            return False
        if self._file is None:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._journal.open("w", encoding="utf-8")
        # Each line knows the lock file that it is for: one that somebody changed since is left alone.
        self._file.write(f'{text[:-1]}, "lock": {json.dumps(self._lock(line["definition"]).digest)}}}\n')
        self._file.flush()
        os.fsync(self._file.fileno())
        return True

    def _is_time(self) -> bool:
        return time.monotonic() - self._written > max(_SHORTEST, _PATIENCE * self._cost)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def replay(journal: Path) -> None:
    """Write what a run that was killed had finished. A torn last line, and lock files changed since, are left alone."""
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        return
    by_definition: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        try:
            note = json.loads(line)
            by_definition.setdefault(note["definition"], []).append(note)
        except (ValueError, KeyError, TypeError):
            break
    for definition, notes in by_definition.items():
        path = lock_of(Path(definition))
        if all(note.get("lock") == _digest(path) for note in notes):
            document = _document(path) or {"schema": "2.0"}
            document.setdefault("stages", {}).update({note["name"]: note["entry"] for note in notes})
            write_like(path, _yaml_text(document))
    journal.unlink()


def lock_of(definition: Path) -> Path:
    """The dvc.lock beside a dvc.yaml."""
    return definition.with_suffix(".lock")


def write_like(path: Path, text: str) -> None:
    """Replace a file whole; it keeps its permissions, and a link stays one."""
    real = path.resolve()
    write_whole(real, text.encode(), mode=real.stat().st_mode & 0o777 if real.exists() else None)


def _document(path: Path) -> Any:
    return parse_yaml_for_update(path.read_text("utf-8"), str(path)) if path.exists() else {}


def _yaml_text(document: Any) -> str:
    quick = quick_dump(document)
    if quick is not None:
        return quick
    stream = StringIO()
    dump_yaml_to(document, stream)
    return stream.getvalue()


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
