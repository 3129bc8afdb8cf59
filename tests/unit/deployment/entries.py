"""Entries of a ledger, holders of a lock and a clock, each with what differs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_ci.deployment.ledger import Entry, digest_of_document
from mlops_ci.deployment.log import Holder

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Clock:
    """A clock that goes when it is told to, or when somebody sleeps."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self.slept = 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)


def an_entry(**changed: Any) -> Entry:
    told = {
        "number": 1, "environment": "staging", "action": "deliver", "package": "sha256:aa", "source": "c0ffee",
        "at": NOON, "actor": "ada", **changed,
    }  # fmt: skip
    return Entry.model_validate(told)


def a_chain(times: Iterable[datetime], **changed: Any) -> list[dict[str, Any]]:
    """Documents of entries at these times, each after the one before."""
    documents, previous = list[dict[str, Any]](), None
    for number, at in enumerate(times, 1):
        told = {"number": number, "at": at, "previous": previous, "package": f"sha256:{number:04d}", **changed}
        documents.append(an_entry(**told).document())
        previous = digest_of_document(documents[-1])
    return documents


def a_holder(who: str = "ada", **changed: Any) -> Holder:
    return Holder.model_validate({"who": who, "url": f"https://ci.example/{who}", "host": "h1", "pid": 7, **changed})
