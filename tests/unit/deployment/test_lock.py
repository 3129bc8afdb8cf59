"""One holder at a time, whatever the clocks say; and what the others are told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mlops_ci.deployment.holding import Holding, StaleError
from mlops_ci.deployment.ledger import read_ledger
from mlops_ci.deployment.lock import LEASE, held, take
from mlops_ci.deployment.log import Entered, Holder, read_record
from mlops_ci.errors import LockedError, ServiceError
from tests.doubles.log import MemoryLog
from tests.unit.deployment.entries import NOON, Clock, a_holder, an_entry


def taken(log: MemoryLog, who: str, clock: Clock, gone: Callable[[Holder], bool] = lambda _: False) -> Holding:
    return take(log, a_holder(who), clock=clock, sleep=clock.sleep, gone=gone)


def kinds(log: MemoryLog) -> list[str]:
    return [read_record(number, text, log="staging").kind for number, text in sorted(log.records.items())]


def test_an_entry_is_appended_while_the_lock_is_held_and_the_lock_is_free_after_that() -> None:
    log, clock = MemoryLog(), Clock()
    with held(log, a_holder("ada"), clock=clock) as holding:
        number = holding.append(an_entry())
    assert number == 2
    assert read_ledger(log).entries == (an_entry(),)
    with held(log, a_holder("bob"), clock=clock) as holding:
        holding.append(an_entry(**read_ledger(log).follows()))
    assert [entry.number for entry in read_ledger(log).entries] == [1, 2]


def test_who_comes_second_is_told_who_holds_since_when_where_to_look_and_until_when() -> None:
    log, clock = MemoryLog(), Clock()
    taken(log, "ada", clock)
    clock.now += timedelta(seconds=5)
    with pytest.raises(LockedError) as refused:
        taken(log, "bob", clock)
    (finding,) = refused.value.findings
    assert finding.found == "ada (h1, process 7) since 2026-05-04T12:00:00+00:00, https://ci.example/ada"
    assert "2026-05-04T12:00:25+00:00" in finding.expected
    assert finding.evidence["who"] == "ada"
    assert clock.slept == 0


def test_the_lock_of_a_process_that_has_ended_is_taken_at_once() -> None:
    log, clock = MemoryLog(), Clock()
    first = taken(log, "ada", clock)
    second = taken(log, "bob", clock, gone=lambda holder: holder.who == "ada")
    assert clock.slept == 0
    second.append(an_entry())
    with pytest.raises(StaleError):
        first.append(an_entry(package="sha256:bb"))


def test_a_lease_that_is_over_is_watched_and_then_taken() -> None:
    log, clock = MemoryLog(), Clock()
    taken(log, "ada", clock)
    clock.now += timedelta(seconds=LEASE + 1)
    taken(log, "bob", clock)
    assert clock.slept == pytest.approx(LEASE / 2)


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_two_days_off_neither_takes_from_who_is_alive_nor_waits_for_two_days(days: int) -> None:
    log, clock = MemoryLog(), Clock()
    alive, off = taken(log, "ada", clock), Clock(NOON + timedelta(days=days))

    def sleep(seconds: float) -> None:
        off.sleep(seconds)
        clock.sleep(seconds)
        if int(clock.slept) % (LEASE // 3) == 0:
            alive.renew()

    with pytest.raises(LockedError):
        take(log, a_holder("bob"), clock=off, sleep=sleep, gone=lambda _: False)
    assert off.slept <= LEASE / 2
    take(log, a_holder("bob"), clock=off, sleep=off.sleep, gone=lambda _: False).append(an_entry())
    assert off.slept <= LEASE
    with pytest.raises(StaleError):
        alive.renew()


def test_who_was_overtaken_writes_nothing_however_much_was_renewed_and_removed_since() -> None:
    log, clock = MemoryLog(), Clock()
    stopped = taken(log, "ada", clock)
    stopped.renew()
    clock.now += timedelta(seconds=2 * LEASE)
    other = taken(log, "bob", clock)
    for _ in range(20):
        other.renew()
        other.tidy()
    before = dict(log.records)
    for write in (lambda: stopped.append(an_entry()), stopped.renew, stopped.free, lambda: stopped.append(an_entry())):
        with pytest.raises(StaleError) as refused:
            write()
        assert refused.value.exit == 75
    assert log.records == before


def test_who_wakes_after_its_lease_learns_that_it_was_overtaken_before_it_does_anything() -> None:
    log, clock = MemoryLog(), Clock()
    stopped = taken(log, "ada", clock)
    stopped.check()
    clock.now += timedelta(seconds=2 * LEASE)
    taken(log, "bob", clock)
    with pytest.raises(StaleError):
        stopped.check()


def test_who_wakes_after_its_lease_and_was_not_overtaken_has_a_new_one() -> None:
    log, clock = MemoryLog(), Clock()
    stopped = taken(log, "ada", clock)
    clock.now += timedelta(seconds=2 * LEASE)
    stopped.check()
    with pytest.raises(LockedError):
        taken(log, "bob", clock)


def test_a_holder_that_stood_still_and_was_not_overtaken_goes_on() -> None:
    log, clock = MemoryLog(), Clock()
    holding = taken(log, "ada", clock)
    clock.now += timedelta(days=1)
    assert holding.append(an_entry()) == 2


def test_renewals_leave_no_more_than_the_last_two_records_beside_the_entries() -> None:
    log, clock = MemoryLog(), Clock()
    for number in range(1, 6):
        holding = taken(log, "ada", clock)
        for _ in range(5):
            holding.renew()
            holding.tidy()
        holding.append(an_entry(**read_ledger(log).follows()))
        holding.tidy()
        holding.free()
        assert kinds(log).count("entry") == number
    assert len(kinds(log)) <= 5 + 2
    assert max(log.records) == 5 * 8


def test_an_entry_whose_answer_was_lost_is_written_once() -> None:
    log, clock = MemoryLog(), Clock()
    holding = taken(log, "ada", clock)
    log.lost_answers = 1
    with pytest.raises(ServiceError):
        holding.append(an_entry())
    holding.renew()
    assert holding.append(an_entry()) == 2
    assert kinds(log) == ["hold", "entry", "renewed"]


def test_a_renewal_whose_answer_was_lost_loses_nothing() -> None:
    log, clock = MemoryLog(), Clock()
    holding = taken(log, "ada", clock)
    log.lost_answers = 1
    with pytest.raises(ServiceError):
        holding.renew()
    assert holding.append(an_entry()) == 3


def test_an_entry_that_does_not_follow_what_is_there_is_refused() -> None:
    log, clock = MemoryLog(), Clock()
    with held(log, a_holder(), clock=clock) as holding:
        holding.append(an_entry())
        for wrong in (
            an_entry(package="sha256:bb"),
            an_entry(number=2),
            an_entry(number=3, previous=an_entry().digest),
        ):
            with pytest.raises(StaleError):
                holding.append(wrong)
        holding.append(an_entry(number=2, previous=an_entry().digest))
    entered = [one for one in (read_record(*pair, log="") for pair in log.records.items()) if isinstance(one, Entered)]
    assert len(entered) == 2


def test_a_log_that_does_not_answer_is_no_lost_lock() -> None:
    log, clock = MemoryLog(), Clock()
    holding = taken(log, "ada", clock)
    log.down = True
    with pytest.raises(ServiceError):
        holding.renew()
    log.down = False
    holding.check()
    assert holding.append(an_entry()) == 2


def test_what_the_block_raises_is_raised_and_the_lock_is_free() -> None:
    log, clock = MemoryLog(), Clock()
    with pytest.raises(ValueError, match="of the block"), held(log, a_holder(), clock=clock):
        raise ValueError("of the block")
    taken(log, "bob", clock)


def test_who_comes_late_with_a_number_that_was_given_and_removed_does_not_hold() -> None:
    log, clock = MemoryLog(), Clock()
    taken(log, "ada", clock).free()
    seen = log.newest()

    class Late(MemoryLog):
        """The log as somebody sees it who was stopped after the first look."""

        looks = 0

        def newest(self) -> tuple[int, str] | None:
            self.looks += 1
            return seen if self.looks == 1 else log.newest()

    late = Late()
    late.records = log.records
    holding = taken(log, "bob", clock)
    for _ in range(3):
        holding.renew()
        holding.tidy()
    before = dict(log.records)
    with pytest.raises(LockedError):
        taken(late, "eve", clock)
    assert log.records == before
    holding.append(an_entry())
