"""The log as references of a git remote: what a target keeps that has no disk of its own.

A record is a commit with one file, named by `refs/mlops-ci/environments/<environment>/<number>`, which is only ever
created. An entry's commit follows that of the entry before, so one fetch of the newest brings all of them.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mlops_ci.deployment.log import is_entry
from mlops_ci.errors import ServiceError
from mlops_ci.tools.content_index import ContentIndex
from mlops_ci.tools.git_objects import GitObjects, Person
from mlops_ci.tools.git_remote import Created, GitRemote

ENVIRONMENTS = "refs/mlops-ci/environments/"
SEEN = "refs/mlops-ci/seen/"  # the remote's records, as last fetched: what the next fetch need not bring again
RECORD_FILE = "record.json"
_SELF = Person(name="mlops-ci", email="mlops-ci@localhost.invalid")
_DIGITS = 8
_NUMBER = re.compile(r"[0-9]{8}|[1-9][0-9]{8,}")
_TAIL = 8  # records that are fetched by name at first: the newest entry is among them, and brings those before it
_LOOKS = 4


@dataclass(slots=True)
class _Known:
    """References as the remote had them last, and the texts of their commits. For one thread a time."""

    refs: dict[int, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    alone: threading.RLock = field(default_factory=threading.RLock)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLog:
    """Records of one environment. name: the environment's, which can be a part of a reference. clock: now, aware."""

    objects: GitObjects
    remote: GitRemote
    name: str
    index: ContentIndex | None = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _known: _Known = field(default_factory=_Known, init=False, repr=False)

    def read(self) -> Mapping[int, str]:
        """All records."""
        return self._looked(lambda numbers: numbers)

    def newest(self) -> tuple[int, str] | None:
        """The record with the highest number."""
        return max(self._looked(lambda numbers: numbers[-1:]).items(), default=None)

    def create(self, number: int, text: str) -> bool:
        """Write a record."""
        with self._known.alone:
            parents = self._entry_before(number) if is_entry(text) else []
            made = self._written(number, text, parents)
            answer = self.remote.create({self._ref(number): made})
            if isinstance(answer, Created):
                self._known.refs[number] = made
                self._known.texts[made] = text
            return isinstance(answer, Created)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove records."""
        with self._known.alone:
            wanted = [self._ref(number) for number in numbers]
            there = {ref: sha for ref, sha in self.remote.refs(*wanted).items() if ref in wanted} if wanted else {}
            self.remote.remove(there)

    def _looked(self, choose: Callable[[list[int]], list[int]]) -> Mapping[int, str]:
        """The texts of some of the numbers that there are."""
        with self._known.alone:
            for look in range(_LOOKS):
                numbers = self._look()
                try:
                    self._learn(choose(numbers))
                except ServiceError:  # mostly a record that the holder has removed since we looked
                    if look == _LOOKS - 1 or self._look() == numbers:
                        raise
                    continue
                return {number: self._known.texts[self._known.refs[number]] for number in choose(numbers)}
        raise AssertionError("the last look returns or raises")

    def _look(self) -> list[int]:
        """The numbers that the remote has now."""
        prefix = self._prefix()
        found = self.remote.refs(f"{prefix}*")
        names = ((ref.removeprefix(prefix), sha) for ref, sha in found.items())
        refs = {int(name): sha for name, sha in names if _NUMBER.fullmatch(name)}
        self._known.refs = dict(sorted(refs.items()))
        return list(self._known.refs)

    def _learn(self, numbers: Iterable[int]) -> None:
        """Have the texts of these records. Raises ServiceError where one of them is not to be had."""
        wanted = {number: sha for number in numbers if (sha := self._known.refs[number]) not in self._known.texts}
        texts = self._indexed(wanted.values())
        rest = {number: sha for number, sha in wanted.items() if sha not in texts}
        if rest:
            self._bring(rest)
            read = self.objects.read(_place(sha) for sha in rest.values())
            if self.index is not None:
                self.index.put(read)
            texts |= {sha: read.get(_place(sha), b"").decode("utf-8", "replace") for sha in rest.values()}
            self._forget(number for number, sha in rest.items() if is_entry(texts[sha]))
        self._known.texts.update(texts)

    def _indexed(self, shas: Iterable[str]) -> dict[str, str]:
        places = {_place(sha): sha for sha in shas}
        found = self.index.get(places) if self.index is not None else {}
        return {places[place]: content.decode("utf-8", "replace") for place, content in found.items()}

    def _bring(self, refs: Mapping[int, str]) -> None:
        """Fetch commits that are not here: the newest by name, which bring most others; then what is still lacking."""
        most, lacking = _TAIL, self._lacking(refs)
        while lacking:
            portion = sorted(lacking)[-most:]
            self.remote.fetch({self._ref(number): self._seen(number) for number in portion})
            most, lacking = most * most, self._lacking(lacking)

    def _lacking(self, refs: Mapping[int, str]) -> dict[int, str]:
        absent = self.objects.absent(refs.values()) if refs else frozenset()
        return {number: sha for number, sha in refs.items() if sha in absent}

    def _forget(self, entries: Iterable[int]) -> None:
        """Keep a reference here to the newest entry alone: all before it hang on it."""
        newest = max(entries, default=None)
        if newest is not None:
            kept = self.objects.refs(f"{SEEN}{self.name}/")
            self.objects.drop(ref for ref in kept if ref < self._seen(newest))

    def _entry_before(self, number: int) -> list[str]:
        """The commit of the newest entry before a number; it is here."""
        below = [one for one in self._known.refs if one < number]
        if not below or any(self._known.refs[one] not in self._known.texts for one in below):
            self.read()
            below = [one for one in self._known.refs if one < number]
        entries = (one for one in reversed(below) if is_entry(self._known.texts[self._known.refs[one]]))
        newest = next(entries, None)
        if newest is None:
            return []
        self._bring({newest: self._known.refs[newest]})
        return [self._known.refs[newest]]

    def _written(self, number: int, text: str, parents: Iterable[str]) -> str:
        """The commit of a record, in this clone, with no reference."""
        git = self.objects.git
        (blob,) = self.objects.blobs([text.encode("utf-8", "replace")])
        tree = git.ask("mktree", stdin=f"100644 blob {blob}\t{RECORD_FILE}\n".encode()).text
        message = f"Record {number} of {self.name}\n"
        return self.objects.commit(tree, parents=parents, message=message, at=self.clock(), by=_SELF)

    def _prefix(self) -> str:
        return f"{ENVIRONMENTS}{self.name}/"

    def _ref(self, number: int) -> str:
        return f"{self._prefix()}{number:0{_DIGITS}d}"

    def _seen(self, number: int) -> str:
        return f"{SEEN}{self.name}/{number:0{_DIGITS}d}"


def _place(commit: str) -> str:
    return f"{commit}:{RECORD_FILE}"
