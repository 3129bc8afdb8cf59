"""One holder at a time for an environment: taken in its log, renewed while held, taken over from who has gone.

Clocks decide nothing but whether it is worth trying. A lease that the reader's clock calls over, or that it finds too
far ahead to be true, is watched: the lock is taken only when no record comes for half of the lease, while a living
holder writes one every third. Whoever was overtaken all the same can write nothing: `holding.py`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from mlops_ci.core.findings import Finding
from mlops_ci.core.paths import shown
from mlops_ci.deployment.holding import Holding, renewing, says_nothing_later
from mlops_ci.deployment.log import Freed, Hold, Holder, Lease, Log, Record, read_record
from mlops_ci.errors import LockedError, MlopsCiError
from mlops_ci.tools.this_process import is_gone, this_process

LEASE = 25.0  # seconds
_RENEWALS = 3  # in one lease
_ROUNDS = 5
_LOOKS = 20  # while a doubtful lease is watched
_LONGEST_WATCH = 60.0
_BELIEVED = 2  # leases: an end that is further ahead was written by a clock that differs


class Standing(StrEnum):
    """What a reader makes of the newest record. DOUBTFUL: the holder has gone, or its clock and the reader's differ."""

    FREE = "free"
    GONE = "gone"
    HELD = "held"
    DOUBTFUL = "doubtful"


def me(who: str, url: str = "") -> Holder:
    """This process as a holder. who: a person or robot. url: the page of the CI run, where it is one."""
    mark = this_process()
    return Holder(
        who=who, url=url, host=mark.host, pid=mark.pid, begin=mark.begin, boot=mark.boot, space=mark.space
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


def _has_gone(holder: Holder) -> bool:
    return is_gone(holder.process())


@contextmanager
def held(
    log: Log, holder: Holder, *, lease: float = LEASE, clock: Callable[[], datetime] = _now,
    sleep: Callable[[float], None] = time.sleep, gone: Callable[[Holder], bool] = _has_gone,
) -> Iterator[Holding]:  # fmt: skip
    """Hold the lock while the block runs. lease: seconds. gone: whether a holder's process has certainly ended.

    Raises LockedError, with who holds it since when, ServiceError where the log's place can't be asked, IntegrityError.
    """
    holding = take(log, holder, lease=lease, clock=clock, sleep=sleep, gone=gone)
    try:
        with renewing(holding, lease / _RENEWALS):
            yield holding
    finally:
        with suppress(MlopsCiError):  # then the end of the lease, or of this process, frees it
            holding.free()


def take(
    log: Log, holder: Holder, *, lease: float = LEASE, clock: Callable[[], datetime] = _now,
    sleep: Callable[[float], None] = time.sleep, gone: Callable[[Holder], bool] = _has_gone,
) -> Holding:  # fmt: skip
    """Take the lock, without renewing it. Raises as `held` does."""
    token, since = uuid4().hex, clock()
    until = since + timedelta(seconds=lease)
    mine = Lease(token=token, holder=holder, since=since, until=until, seconds=lease)
    for _ in range(_ROUNDS):
        found = newest(log)
        if found is not None:
            _let_pass(log, found, clock, sleep, gone)
        number, hold = _next(found, mine)
        if log.create(number, hold.text()) and _is_newest(log, number, hold):
            return Holding(log, number, hold, clock)
    raise locked(log.name, *(newest(log) or (0, hold)))


def newest(log: Log) -> tuple[int, Record] | None:
    """The newest record and its number. Raises IntegrityError for what is none."""
    found = log.newest()
    return None if found is None else (found[0], read_record(*found, log=log.name))


def standing(record: Record, now: datetime, gone: Callable[[Holder], bool]) -> Standing:
    """What the newest record says of the lock. now: by the reader's clock."""
    if isinstance(record, Freed):
        return Standing.FREE
    if gone(record.lease.holder):
        return Standing.GONE
    ahead = (record.lease.until - now).total_seconds()
    return Standing.HELD if 0 < ahead <= _BELIEVED * record.lease.seconds else Standing.DOUBTFUL


def locked(name: str, number: int, record: Record) -> LockedError:
    """The error that says who holds the lock. name: of the log."""
    lease, holder = record.lease, record.lease.holder
    who, host, page = shown(holder.who), shown(holder.host), shown(holder.url)
    since, until = (moment.isoformat(timespec="seconds") for moment in (lease.since, lease.until))
    where = f" ({host}, process {holder.pid})" if host else ""
    url = f", {page}" if page else ""
    finding = Finding(
        code="MC-LOCK-001", subject=name, what="somebody else is changing this environment", exit=LockedError.exit,
        found=f"{who}{where} since {since}{url}", expected=f"one at a time; this lease ends {until} if not renewed",
        do="wait until that has ended, then run this again; a holder that died is noticed, nobody has to unlock",
        evidence={
            "who": who, "url": page, "host": host, "since": since, "until": until, "record": number,
        },
    )  # fmt: skip
    return LockedError([finding])


def _let_pass(
    log: Log, found: tuple[int, Record], clock: Callable[[], datetime], sleep: Callable[[float], None],
    gone: Callable[[Holder], bool],
) -> None:  # fmt: skip
    """Return where the lock may be taken after this record; else raise LockedError."""
    number, record = found
    stands = standing(record, clock(), gone)
    if stands is Standing.HELD:
        raise locked(log.name, number, record)
    if stands is Standing.DOUBTFUL:
        pause = min(record.lease.seconds / 2, _LONGEST_WATCH) / _LOOKS
        for _ in range(_LOOKS):
            sleep(pause)
            now = newest(log)
            if now is not None and now[0] != number:
                if isinstance(now[1], Freed):
                    return
                raise locked(log.name, *now)


def _next(found: tuple[int, Record] | None, mine: Lease) -> tuple[int, Hold]:
    """The record that takes the lock. What it overtakes is not named as litter: see `holding.py`."""
    if found is None:
        return 1, Hold(lease=mine)
    number, record = found
    freed = isinstance(record, Freed)
    hold = Hold(
        lease=mine, entries=record.entries, head=record.head, over=None if freed else record.lease.token,
        left=(*record.left, number) if freed else record.left,
    )  # fmt: skip
    return number + 1, hold


def _is_newest(log: Log, number: int, hold: Hold) -> bool:
    """Whether the record came after all others: a number that was removed meanwhile can be given again by mistake."""
    found = log.newest()
    if found is not None and found[0] == number:
        return True
    if says_nothing_later(hold):
        log.remove([number])
    return False
