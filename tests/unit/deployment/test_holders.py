"""Several holders over one log, in any order of what may happen to them: stopped, resumed, dead, clocks that differ."""

import random
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from mlops_ci.deployment.holding import Holding, StaleError
from mlops_ci.deployment.ledger import ledger_of, read_ledger
from mlops_ci.deployment.lock import LEASE, take
from mlops_ci.deployment.log import Hold, Holder, read_record
from mlops_ci.errors import LockedError, ServiceError
from tests.doubles.log import MemoryLog
from tests.unit.deployment.entries import NOON, Clock, a_holder, an_entry

SKEWS = (0, 0, 3, -40, 40, 2 * 86_400, -2 * 86_400)  # seconds


class Holders(RuleBasedStateMachine):
    """Time goes on as somebody sleeps or as it is told to; who is not told to do anything stands still."""

    holdings = Bundle("holdings")

    def __init__(self) -> None:
        super().__init__()
        self.log, self.time = MemoryLog(), Clock()
        self.dead = set[str]()
        self.overtaken = set[str]()
        self.last: Holding | None = None
        self.count = 0

    @rule(target=holdings, skew=st.sampled_from(SKEWS), same_machine=st.booleans())
    def takes(self, skew: int, same_machine: bool) -> Any:
        self.count += 1
        who = f"w{self.count}"

        def gone(holder: Holder) -> bool:
            return same_machine and holder.who in self.dead

        def clock() -> Any:
            return self.time() + timedelta(seconds=skew)

        try:
            holding = take(self.log, a_holder(who), clock=clock, sleep=self.time.sleep, gone=gone)
        except (LockedError, ServiceError):
            return None
        if self.last is not None:
            self.overtaken.add(self.last.lease.holder.who)
        self.last = holding
        return holding

    @rule(holding=holdings, package=st.integers(0, 3), stale_reader=st.booleans())
    def appends(self, holding: Holding | None, package: int, stale_reader: bool) -> None:
        if holding is None or holding.lease.holder.who in self.dead:
            return
        follows = ledger_of(self.log.records, name="staging").follows()
        entry = an_entry(
            package=f"sha256:{package}", actor=holding.lease.holder.who, **({} if stale_reader else follows)
        )
        written = {one.digest for one in ledger_of(self.log.records, name="staging").entries}
        self.does(holding, lambda: holding.append(entry), told_again=entry.digest in written)

    @rule(holding=holdings)
    def renews(self, holding: Holding | None) -> None:
        if holding is not None and holding.lease.holder.who not in self.dead:
            self.does(holding, holding.renew)

    @rule(holding=holdings)
    def tidies(self, holding: Holding | None) -> None:
        if holding is not None and holding.lease.holder.who not in self.dead:
            holding.tidy()

    @rule(holding=holdings)
    def goes_on(self, holding: Holding | None) -> None:
        for _ in range(3):
            self.renews(holding)
            self.tidies(holding)

    @rule(holding=consumes(holdings))
    def frees(self, holding: Holding | None) -> None:
        if holding is not None and holding.lease.holder.who not in self.dead:
            self.does(holding, holding.free)
            self.overtaken.add(holding.lease.holder.who)

    @rule(holding=consumes(holdings))
    def dies(self, holding: Holding | None) -> None:
        if holding is not None:
            self.dead.add(holding.lease.holder.who)

    @rule(seconds=st.sampled_from((1, LEASE / 3, LEASE + 1, 3 * 86_400)))
    def waits(self, seconds: float) -> None:
        self.time.now += timedelta(seconds=seconds)

    @rule()
    def next_answer_is_lost(self) -> None:
        self.log.lost_answers = 1

    def does(self, holding: Holding, what: Any, *, told_again: bool = False) -> None:
        """told_again: it is an entry that is there already, so its number is the answer, and nothing is written."""
        before = dict(self.log.records)
        try:
            what()
        except (StaleError, ServiceError) as error:
            if isinstance(error, StaleError):
                assert self.log.records == before or holding is self.last
        else:
            # Nobody who was overtaken ever gets here.
            assert told_again or holding.lease.holder.who not in self.overtaken
        if holding.lease.holder.who in self.overtaken:
            assert self.log.records == before

    @invariant()
    def the_ledger_is_a_chain(self) -> None:
        read_ledger(self.log)

    @invariant()
    def no_entry_is_ever_removed_and_numbers_have_no_gap(self) -> None:
        assert list(self.log.written) == list(range(1, len(self.log.written) + 1))
        entries = {n for n, text in self.log.written.items() if read_record(n, text, log="").kind == "entry"}
        assert entries <= self.log.records.keys()

    @invariant()
    def what_may_be_removed_is_named_by_the_newest_record_or_is_it(self) -> None:
        records = {number: read_record(number, text, log="") for number, text in self.log.records.items()}
        if records:
            newest = max(records)
            kept = [one for one in records.values() if one.kind == "entry" or (isinstance(one, Hold) and one.over)]
            # Each hold that overtook somebody keeps the record before it.
            assert len(records) <= 2 * len(kept) + len(records[newest].left) + 1


TestHolders = Holders.TestCase
TestHolders.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_whoever_of_two_was_overtaken_at_whatever_instant_writes_nothing() -> None:
    """Each call of the log is an instant at which the first holder may be stopped while the second one goes its way."""
    for stop in range(12):
        log, clock = MemoryLog(), Clock(NOON)
        paused = Paused(log, stop, lambda log=log, clock=clock: second_goes_its_way(log, clock))
        try:
            holding = take(paused, a_holder("first"), clock=clock, sleep=clock.sleep, gone=lambda _: False)
            for _ in range(3):
                holding.renew()
                holding.tidy()
                holding.append(an_entry(actor="first", **ledger_of(log.records, name="staging").follows()))
        except LockedError:
            pass
        ledger = read_ledger(log)
        writers = [entry.actor for entry in ledger.entries]
        assert writers == sorted(writers), f"stopped before call {stop}: {writers}"
        assert not paused.went or writers[-1] == "second"


class Paused(MemoryLog):
    """A log whose user is stopped before the k-th call, long enough for somebody else to go another way."""

    def __init__(self, log: MemoryLog, stop: int, meanwhile: Any) -> None:
        super().__init__()
        self.records, self.written = log.records, log.written
        self.calls, self.stop, self.meanwhile, self.went = 0, stop, meanwhile, False

    def _ask(self) -> None:
        if self.calls == self.stop:
            self.went = True
            self.meanwhile()
        self.calls += 1


def second_goes_its_way(log: MemoryLog, clock: Clock) -> None:
    clock.now += timedelta(seconds=2 * LEASE)
    second = take(log, a_holder("second"), clock=clock, sleep=clock.sleep, gone=lambda _: False)
    for _ in range(random.randrange(1, 5)):
        second.renew()
        second.tidy()
    second.append(an_entry(actor="second", **ledger_of(log.records, name="staging").follows()))
    second.renew()
    second.tidy()
