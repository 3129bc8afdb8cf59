"""The ledger of an environment: what was deployed there when, by whom, from which package.

Each entry names the one before by its digest. All here is pure. An entry is a file format that other programs read: its
JSON Schema is `entry.schema.json`.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from mlops_ci.core.digests import Json, digest_of_json
from mlops_ci.deployment.log import Log, entry_in, read_record
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.run_record import Part, Text

SCHEMA_VERSION = "1.0"


class Action(StrEnum):
    """How an entry came to be."""

    DELIVER = "deliver"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class Origin(Part):
    """The entry of another environment from which something was promoted. entry: its digest."""

    environment: Text
    number: int
    entry: Text


class Evidence(Part):
    """What a delivery rests on: verdicts of smoke run and component tests, None without one.

    gates: those that were asked for, by name, each with the run that it passed in.
    """

    smoke: Text | None = None
    tests: Text | None = None
    gates: Mapping[Text, Text] = {}
    origin: Origin | None = Field(default=None, alias="from")


class Entry(Part):
    """One change of what an environment runs.

    number: counts entries from 1, without a gap; the log's numbers are others. package: its digest. source: the commit.
    version: the tag, None without one. previous: digest of the entry before, None for the first. at: by the clock of
    who wrote it. images: digests by component.
    """

    schema_: Text = Field(default=SCHEMA_VERSION, alias="schema")
    number: int = Field(ge=1)
    environment: Text
    action: Literal["deliver", "promote", "rollback"]
    package: Text
    source: Text
    version: Text | None = None
    previous: Text | None = None
    at: AwareDatetime
    actor: Text = ""
    url: Text = ""
    evidence: Evidence = Evidence()
    images: Mapping[Text, Text] = {}
    approved_by: Text | None = None
    reason: Text | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the entry as canonical JSON, written `sha256:...`."""
        return digest_of_document(self.document())

    def document(self) -> dict[str, Json]:
        """The entry as JSON."""
        document: dict[str, Json] = self.model_dump(mode="json", by_alias=True)
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All entries of an environment, in order, proven to be a chain. head: the digest of the last as it is stored."""

    entries: tuple[Entry, ...] = ()
    head: str | None = None

    @property
    def current(self) -> Entry | None:
        """What runs now."""
        return self.entries[-1] if self.entries else None

    def entry(self, number: int) -> Entry | None:
        """The entry of a number."""
        return self.entries[number - 1] if 0 < number <= len(self.entries) else None

    def before(self, entry: Entry) -> Entry | None:
        """The entry before."""
        return self.entry(entry.number - 1)

    def at(self, time: datetime) -> Entry | None:
        """What ran at a time, aware; None before the first entry."""
        place = bisect_right(in_force(self.entries), time)
        return self.entries[place - 1] if place else None

    def history(self, most: int | None = None) -> tuple[Entry, ...]:
        """Entries, the newest first."""
        return self.entries[::-1][:most]

    def follows(self) -> dict[str, Any]:
        """What the next entry says of its place: its `number` and `previous`."""
        return {"number": len(self.entries) + 1, "previous": self.head}


def read_ledger(log: Log) -> Ledger:
    """The ledger from its log. Raises IntegrityError where it is no chain, ServiceError where it can't be read."""
    return ledger_of(log.read(), name=log.name)


def ledger_of(texts: Mapping[int, str], *, name: str) -> Ledger:
    """The ledger from the log's records by number. name: of the environment.

    Raises IntegrityError also where entries are missing that the newest record knows of.
    """
    numbers = sorted(texts)
    made = chain([entry for number in numbers if (entry := entry_in(number, texts[number], log=name))], name=name)
    newest = read_record(numbers[-1], texts[numbers[-1]], log=name) if numbers else None
    if newest is not None and (newest.entries, newest.head) != (len(made.entries), made.head):
        raise _broken(
            name, len(made.entries) + 1, f"the chain ends with entry {len(made.entries)}, {made.head}",
            f"{newest.entries} entries, the last of them {newest.head}, as record {numbers[-1]} says",
        )  # fmt: skip
    return made


def chain(documents: Sequence[Mapping[str, Any]], *, name: str) -> Ledger:
    """Entries as they are stored, proven: each counts on and names the one before.

    Raises IntegrityError, which names the first that does not, UsageError for an entry of a newer schema.
    """
    entries, head = list[Entry](), None
    for number, document in enumerate(documents, 1):
        entry = _read(document, number, name)
        if (entry.number, entry.environment) != (number, name):
            raise _broken(name, number, f"entry {entry.number} of {entry.environment}", f"entry {number} of {name}")
        if entry.previous != head:
            raise _broken(name, number, f"after {entry.previous}", f"after {head}, which entry {number - 1} is")
        entries.append(entry)
        try:
            head = digest_of_document(document)
        except ValueError as error:  # half characters, numbers that canonical JSON does not have
            raise _broken(name, number, str(error), "what canonical JSON can hold") from error
    return Ledger(entries=tuple(entries), head=head)


def digest_of_document(document: Mapping[str, Any]) -> str:
    """The digest of an entry as it is stored, with all that it holds."""
    # Where all is ASCII, and numbers are small and whole, Python's JSON is the canonical one, and much quicker: a
    # ledger may have ten thousand entries.
    if _has_small_numbers(document):
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if text.isascii():
            return f"sha256:{sha256(text.encode()).hexdigest()}"
    return str(digest_of_json(document))


def in_force(entries: Sequence[Entry]) -> list[datetime]:
    """From when each entry ran; in order, whatever clocks said.

    Entries are in the order in which they were written. Where their times are not, the most that are in order are
    believed; any other entry counts from the time of the believed one before it.
    """
    times = [entry.at for entry in entries]
    believed, last, found = _in_order(times), None, list[datetime]()
    for place, time in enumerate(times):
        last = time if place in believed else last
        found.append(last if last is not None else min(times))
    return found


def _in_order(times: Sequence[datetime]) -> frozenset[int] | range:
    """Places of the longest run of times that never goes back (patience sorting)."""
    if all(one <= other for one, other in pairwise(times)):
        return range(len(times))
    tails, places, before = list[datetime](), list[int](), list[int | None]()
    for place, time in enumerate(times):
        rank = bisect_right(tails, time)
        before.append(places[rank - 1] if rank else None)
        tails[rank : rank + 1], places[rank : rank + 1] = [time], [place]
    found, at = set[int](), places[-1] if places else None
    while at is not None:
        found.add(at)
        at = before[at]
    return frozenset(found)


def _has_small_numbers(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(type(one) is str or _has_small_numbers(one) for one in value.values())
    if kind is list:
        return all(map(_has_small_numbers, value))
    if kind is int:
        return bool(-(2**53) < value < 2**53)
    return value is None or kind in (str, bool)


def _read(document: Mapping[str, Any], number: int, name: str) -> Entry:
    try:
        version = str(document.get("schema", SCHEMA_VERSION))
        if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise UsageError.at(
                "MC-LEDGER-002", name, f"entry {number} of the ledger was written by a newer version",
                found=f"schema {version}", expected=f"schema {SCHEMA_VERSION.partition('.')[0]}.x",
                do="install a newer mlops-ci",
            )  # fmt: skip
        return Entry.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        found = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise _broken(name, number, found, "an entry as entry.schema.json has it") from error


def _broken(name: str, number: int, found: str, expected: str) -> IntegrityError:
    return IntegrityError.at(
        "MC-LEDGER-001", name, f"the ledger is broken at entry {number}", found=found, expected=expected,
        do="believe the entries before it only; look into who wrote the log, and put back what was changed or removed",
    )  # fmt: skip
