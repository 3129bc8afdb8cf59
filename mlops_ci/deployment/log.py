"""A numbered log in which records are only ever created: the one thing that a lock and a ledger need of a target.

Whoever knows the log up to a number can only write the next one, and a number is given once. That keeps two holders
apart, whatever their clocks say: see `lock.py`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Protocol

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.metadata.run_record import Part, Text
from mlops_ci.tools.this_process import ProcessMark

SCHEMA_VERSION = "1.0"
_LONGEST_LEASE = 3600.0


class Log(Protocol):
    """Texts by number. Every method raises ServiceError where the log's place can't be asked or refuses."""

    @property
    def name(self) -> str:
        """What it is the log of, for messages: an environment."""
        ...

    def read(self) -> Mapping[int, str]:
        """All records, in the order of their numbers."""
        ...

    def newest(self) -> tuple[int, str] | None:
        """The record with the highest number; None where there is none."""
        ...

    def create(self, number: int, text: str) -> bool:
        """Write a record, whole and durable. False: the number is taken. ServiceError: nobody knows."""
        ...

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove records; those that are not there are none's concern."""
        ...


class Holder(Part):
    """Who holds. who: a person or robot. url: the page of the CI run. The rest: the process, as ProcessMark says it."""

    who: Text
    url: Text = ""
    host: Text = ""
    pid: int = 0
    begin: Text = ""
    boot: Text = ""
    space: Text = ""

    def process(self) -> ProcessMark:
        """Its process."""
        return ProcessMark(host=self.host, pid=self.pid, begin=self.begin, boot=self.boot, space=self.space)


class Lease(Part):
    """One holding of the lock. token: its name, never given twice. until: by the holder's clock, of `seconds`."""

    token: Text
    holder: Holder
    since: AwareDatetime
    until: AwareDatetime
    seconds: Annotated[float, Field(gt=0, le=_LONGEST_LEASE)]


class _Record(Part):
    """entries, head: how many entries the ledger has with this record, and the digest of the last.

    left: numbers below this one's whose records say nothing any more, and may still be there.
    """

    schema_: Text = Field(default=SCHEMA_VERSION, alias="schema")
    lease: Lease
    entries: int = Field(default=0, ge=0)
    head: Text | None = None
    left: tuple[int, ...] = ()

    def text(self) -> str:
        """The record as text."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)


class Hold(_Record):
    """The lock was taken. over: the token of who was overtaken, None where it was free."""

    kind: Literal["hold"] = "hold"
    over: Text | None = None


class Renewed(_Record):
    """The holder is still there."""

    kind: Literal["renewed"] = "renewed"


class Freed(_Record):
    """The holder has let go."""

    kind: Literal["freed"] = "freed"


class Entered(_Record):
    """An entry of the ledger, as it was written; the holder is still there. ledger.py says what is in it."""

    kind: Literal["entry"] = "entry"
    entry: Mapping[str, Any]


Record = Hold | Renewed | Freed | Entered
_RECORDS: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])


def read_record(number: int, text: str, *, log: str) -> Record:
    """A record from its text. log: the log's name.

    Raises IntegrityError, which names the number, for what is none, UsageError for one of a newer schema.
    """
    try:
        record = _RECORDS.validate_json(text)
        schema = record.schema_
    except (ValidationError, ValueError, RecursionError) as error:
        schema = _schema(text)
        if schema in ("", SCHEMA_VERSION):
            raise _none(number, log, text, error) from error
    if schema.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise UsageError.at(
            "MC-LOG-002", log, f"record {number} of the environment's log was written by a newer version",
            found=f"schema {schema}", expected=f"schema {SCHEMA_VERSION.partition('.')[0]}.x",
            do="install a newer mlops-ci",
        )  # fmt: skip
    return record


def entry_in(number: int, text: str, *, log: str) -> Mapping[str, Any] | None:
    """The entry in a record; None where it is of another kind. Quick: nothing else in it is looked at.

    Raises as `read_record` does.
    """
    match _document(text):
        case {"kind": "entry", "schema": str(schema), "entry": dict(entry)} if schema == SCHEMA_VERSION:
            return entry
        case {"kind": "hold" | "renewed" | "freed", "schema": str(schema)} if schema == SCHEMA_VERSION:
            return None
    record = read_record(number, text, log=log)
    return record.entry if isinstance(record, Entered) else None


def is_entry(text: str) -> bool:
    """Whether a text is a record of an entry."""
    match _document(text):
        case {"kind": "entry"}:
            return True
    return False


def _document(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _schema(text: str) -> str:
    match _document(text):
        case {"schema": schema}:
            return str(schema)
    return ""


def _none(number: int, log: str, text: str, error: Exception) -> IntegrityError:
    found = str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        found = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
    return IntegrityError.at(
        "MC-LOG-001", log, f"record {number} of the environment's log is none",
        found=found if text.strip() else "nothing", expected="hold, renewed, freed or entry, as mlops-ci writes them",
        do="look into who wrote it; what it was can't be told from it",
    )  # fmt: skip
