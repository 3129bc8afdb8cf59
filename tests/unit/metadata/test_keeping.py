"""Which runs stay: the newest, the young, and those that something needs."""

from datetime import UTC, datetime, timedelta

from mlops_ci.metadata.keeping import Rule, judge_runs
from mlops_ci.metadata.runs import Named

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def run(days: int, *, pushed: bool = True) -> Named:
    began = NOW - timedelta(days=days)
    return Named(id=f"{began:%Y%m%dT%H%M%SZ}-0123456789-{days:012d}", commit=f"c{days}", pushed=pushed, here=True)


def rule(newest: int = 0, younger: int = 0) -> Rule:
    return Rule(newest=newest, younger=timedelta(days=younger), now=NOW)


def test_the_newest_stay_however_old_they_are() -> None:
    found = judge_runs([run(days) for days in (400, 300, 500)], {}, rule(newest=2))
    assert [(one.run.commit, one.stays) for one in found] == [("c300", True), ("c400", True), ("c500", False)]


def test_the_young_stay_however_many_there_are() -> None:
    found = judge_runs([run(days) for days in range(40)], {}, rule(younger=30))
    assert sum(one.stays for one in found) == 30


def test_what_is_needed_stays_by_its_name_or_by_its_commit() -> None:
    runs = [run(100), run(200), run(300)]
    found = judge_runs(runs, {runs[0].id: "delays@v1.0.0", "c200": "delays@v1.0.1"}, rule())
    assert [(one.stays, one.why) for one in found] == [
        (True, "needed by delays@v1.0.0"), (True, "needed by delays@v1.0.1"), (False, "300 d old, no version needs it"),
    ]  # fmt: skip


def test_a_run_of_this_clone_only_is_said_to_be() -> None:
    (found,) = judge_runs([run(300, pushed=False)], {}, rule())
    assert found.why == "300 d old, no version needs it, in this clone only"


def test_a_name_that_tells_no_time_is_kept() -> None:
    (found,) = judge_runs([Named(id="probe", commit="c", pushed=True, here=False)], {}, rule())
    assert (found.stays, found.why) == (True, "its name tells no time")
