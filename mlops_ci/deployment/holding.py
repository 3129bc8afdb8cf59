"""What the holder of an environment's lock can do: append to the log, renew, let go.

A holder knows the log up to the number that it wrote last, and can only write the next one. Who was overtaken finds
that number taken, for ever: neither the record that overtook it nor the one before it is ever removed. So it writes
nothing, however long it was stopped, and no clock is asked.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from mlops_ci.core.paths import shown
from mlops_ci.deployment.ledger import Entry, digest_of_document
from mlops_ci.deployment.log import Entered, Freed, Hold, Lease, Log, Record, Renewed, read_record
from mlops_ci.errors import LockedError, MlopsCiError

_ADOPTED = 4  # records of our own that one call may find written already


class StaleError(LockedError):
    """What this holder knows is out of date, mostly since it gave no sign of life too long: nothing was written."""


class Holding:
    """The lock, held. Safe for several threads. Made by `lock.take`, which wrote `record` at `number`."""

    def __init__(self, log: Log, number: int, record: Hold, clock: Callable[[], datetime]) -> None:
        self._log, self._clock = log, clock
        self._number, self._left = number, record.left
        self._record: Record = record
        self._lease = record.lease
        self._entries: dict[
            str | None, int
        ] = {}  # digests of those that this holder wrote, with their records' numbers
        self._over: StaleError | None = None
        self._writing = threading.RLock()

    @property
    def number(self) -> int:
        """The record that was written last: what this holder knows of the log."""
        return self._number

    @property
    def lease(self) -> Lease:
        """Who holds, since when, until when."""
        return self._lease

    def check(self) -> None:
        """Raise StaleError where somebody else has taken the lock: to be called before what only a holder may do.

        The log is asked only where the lease has run out unrenewed, as when this process was stopped; then ServiceError
        too.
        """
        self._raise_known()
        if self._clock() >= self._lease.until:
            self.renew()

    def append(self, entry: Entry) -> int:
        """Write an entry. Returns its number in the log, which is not the entry's own.

        Appending the same entry again, after a ServiceError, writes it once. Raises StaleError where the lock was taken
        by somebody else, ServiceError where nobody knows whether it was written: the log says so later.
        """
        document = entry.document()
        digest = digest_of_document(document)

        def entered(*, entries: int, head: str | None, **rest: Any) -> Entered:
            if (entry.number, entry.previous) != (entries + 1, head):
                self._own_newest()
                raise _moved(self._log, entry, entries)
            return Entered(entry=document, entries=entry.number, head=digest, **rest)

        with self._writing:
            return self._write(entered, digest)

    def renew(self) -> int:
        """Say that the holder is still there. Raises StaleError, ServiceError."""
        with self._writing:
            return self._write(Renewed)

    def free(self) -> None:
        """Let go; nothing can be written after that. Raises StaleError, ServiceError: then the lease's end frees it."""
        with self._writing:
            try:
                self._write(Freed)
            finally:
                self._over = self._over or _stale(self._log, self._lease, "it was let go")

    def tidy(self) -> None:
        """Remove records that say nothing any more. The last but one stays: who is reading just now needs it."""
        with self._writing:
            old = tuple(number for number in self._left if number < self._number - 1)
            if old and self._over is None:
                self._log.remove(old)
                self._left = tuple(number for number in self._left if number not in old)

    def _write(self, make: Callable[..., Record], digest: str | None = None) -> int:
        for _ in range(_ADOPTED):
            self._raise_known()
            if digest in self._entries:
                return self._entries[digest]
            lease = self._lease.model_copy(update={"until": self._clock() + timedelta(seconds=self._lease.seconds)})
            before = self._record
            record = make(lease=lease, left=self._litter(), entries=before.entries, head=before.head)
            if self._log.create(self._number + 1, record.text()):
                self._advance(record)
                return self._number
            self._adopt()
        raise AssertionError("nobody else writes with this token")

    def _raise_known(self) -> None:
        if self._over is not None:
            raise self._over

    def _adopt(self) -> None:
        """Where the next number is taken by a record of our own, whose answer was lost, go on from there."""
        number, record = self._own_newest()
        if number == self._number + 1:
            self._advance(record)

    def _own_newest(self) -> tuple[int, Record]:
        """The newest record of the log, which is our own; else StaleError."""
        newest = self._log.newest()
        if newest is None:
            self._over = _stale(self._log, self._lease, "the log is empty")
            raise self._over
        record = read_record(*newest, log=self._log.name)
        if record.lease.token != self._lease.token:
            self._over = _stale(self._log, record.lease, f"record {newest[0]} of the log is another holder's")
            raise self._over
        return newest[0], record

    def _advance(self, record: Record) -> None:
        self._left = self._litter()
        self._number, self._record, self._lease = self._number + 1, record, record.lease
        if isinstance(record, Entered):
            self._entries[record.head] = self._number

    def _litter(self) -> tuple[int, ...]:
        """What says nothing any more once there is a next record."""
        return (*self._left, self._number) if says_nothing_later(self._record) else self._left


def says_nothing_later(record: Record) -> bool:
    """Whether a record may be removed when its own writer, or who came after it in order, has written the next.

    Not an entry; not a record that overtook somebody, since that holds the number which the overtaken would write.
    """
    return isinstance(record, Renewed | Freed) or (isinstance(record, Hold) and record.over is None)


@contextmanager
def renewing(holding: Holding, every: float) -> Iterator[None]:
    """Renew in a thread while the block runs. every: seconds.

    What the log's place refuses is tried again the next time: only the log itself says whether the lock is lost.
    """
    end = threading.Event()

    def renew() -> None:
        with suppress(MlopsCiError):
            holding.tidy()
        while not end.wait(every):
            try:
                holding.renew()
                holding.tidy()
            except StaleError:
                return
            except MlopsCiError:
                continue

    thread = threading.Thread(target=renew, name="mlops-ci-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _stale(log: Log, lease: Lease, found: str) -> StaleError:
    return StaleError.at(
        "MC-LOCK-002", log.name, "the lock is not held any more, so nothing was written",
        found=f"{found}: {shown(lease.holder.who)} since {lease.since.isoformat(timespec='seconds')}",
        expected="to be held without a break longer than its lease", do="run this again: it goes on from what is there",
    )  # fmt: skip


def _moved(log: Log, entry: Entry, entries: int) -> StaleError:
    return StaleError.at(
        "MC-LOCK-003", log.name, "the ledger has gone on since it was read, so nothing was written",
        found=f"entry {entry.number} after {entry.previous}, where there are {entries} entries",
        expected="an entry that follows the ledger as it was read while the lock was held", do="run this again",
    )  # fmt: skip
