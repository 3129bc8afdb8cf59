from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlops_ci.report.contract import StageRow
from mlops_ci.report.timeline import Bar, Timeline, longest, timeline
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import a_run, stages


def seen(*rows: StageRow) -> Timeline:
    found = timeline(rows)
    assert found is not None
    return found


def lanes(found: Timeline) -> dict[str, int]:
    return {bar.name: bar.lane for bar in found.bars}


def critical(found: Timeline) -> set[str]:
    return {bar.name for bar in found.bars if bar.critical}


def test_what_runs_at_the_same_time_has_lanes_of_its_own_and_a_lane_is_used_again() -> None:
    found = seen(a_run("a", 0.0, 4.0), a_run("b", 0.0, 2.0), a_run("c", 2.0, 1.0), a_run("d", 3.5, 1.0))
    assert lanes(found) == {"b": 1, "a": 2, "c": 1, "d": 1}
    assert [bar.name for bar in found.bars] == ["b", "a", "c", "d"]


def test_a_stage_that_begins_as_another_ends_takes_its_lane_whatever_floats_make_of_the_sum() -> None:
    assert set(lanes(seen(a_run("a", 0.1, 0.2), a_run("b", 0.3, 0.1))).values()) == {1}


def test_stages_that_begin_at_the_same_time_never_share_a_lane() -> None:
    assert sorted(lanes(seen(*(a_run(name, 1.0, 0.0) for name in "abc"))).values()) == [1, 2, 3]


def test_the_critical_path_is_the_longest_chain_of_needs_and_not_the_longest_stage() -> None:
    found = seen(
        a_run("a", 0.0, 3.0), a_run("alone", 0.0, 4.0), a_run("b", 3.0, 2.0, "a"), a_run("short", 3.0, 1.0, "a"),
        a_run("c", 5.0, 1.0, "short", "b"),
    )  # fmt: skip
    assert critical(found) == {"a", "b", "c"}
    assert (found.wall, found.critical, found.in_sequence) == (6.0, 6.0, 11.0)
    assert found.at_once == pytest.approx(11 / 6)


def test_a_chain_goes_through_a_stage_that_did_not_run_and_that_one_has_no_bar() -> None:
    kept = StageRow(name="b", needs=("a",), state=StageState.CACHED, why="up to date", seconds=99.0)
    found = seen(a_run("a", 0.0, 3.0), kept, a_run("c", 3.0, 1.0, "b"), a_run("d", 0.0, 3.5))
    assert critical(found) == {"a", "c"}
    assert found.critical == 4.0
    assert "b" not in lanes(found)


def test_the_wait_before_the_first_stage_is_part_of_the_wall() -> None:
    assert seen(a_run("a", 5.0, 1.0), a_run("b", 6.0, 1.0)).wall == 7.0


def test_a_stage_that_failed_ran_too() -> None:
    found = seen(a_run("a", 0.0, 1.0), a_run("b", 1.0, 1.0, state=StageState.FAILED))
    assert [bar.failed for bar in found.bars] == [False, True]


def test_there_is_none_where_fewer_than_two_ran() -> None:
    assert timeline(()) is None
    assert timeline((a_run("a", 0.0, 1.0), *stages(3))) is None


def test_a_zero_below_zero_is_a_zero() -> None:
    assert [str(bar.seconds) for bar in seen(a_run("a", -0.0, -0.0), a_run("b", 1.0, -0.0)).bars] == ["0.0", "0.0"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), -1.0, 1e300])
def test_what_no_clock_can_have_measured_is_left_out(number: float) -> None:
    good = (a_run("a", 0.0, 1.0), a_run("b", 1.0, 1.0, "began", "seconds"))
    found = seen(a_run("began", number, 1.0), a_run("seconds", 0.0, number), *good)
    assert lanes(found) == {"a": 1, "b": 1}
    assert found.wall == 2.0


def test_where_nothing_took_any_time_nothing_is_divided() -> None:
    assert seen(a_run("a", 0.0, 0.0), a_run("b", 0.0, 0.0)).at_once is None


def test_needs_in_a_circle_and_names_that_come_twice_make_no_trouble() -> None:
    found = seen(a_run("a", 0.0, 1.0, "b", "a"), a_run("b", 1.0, 1.0, "a"), a_run("a", 2.0, 1.0, "b"))
    assert found.critical == 3.0
    assert len(found.bars) == 3


def test_the_longest_are_kept_in_their_order() -> None:
    bars = seen(*(a_run(name, at, length) for at, (name, length) in enumerate(zip("abcd", (3, 1, 2, 3), strict=True))))
    assert [bar.name for bar in longest(bars.bars, 3)] == ["a", "c", "d"]
    assert longest(bars.bars, 9) == bars.bars


SPANS = st.tuples(st.integers(0, 6).map(lambda one: one / 10), st.integers(0, 4).map(lambda one: one / 10))


@settings(max_examples=200)
@given(st.lists(SPANS, min_size=2, max_size=12))
@example([(0.1, 0.2), (0.3, 0.0), (0.3, 0.1)])
def test_no_bar_lies_on_another_and_there_are_as_many_lanes_as_stages_at_once(spans: list[tuple[float, float]]) -> None:
    found = seen(*(a_run(str(at), *span) for at, span in enumerate(spans)))
    for one, other in combinations(found.bars, 2):
        assert one.lane != other.lane or _apart(one, other)
    at_once = [sum(_runs_at(bar, began) for bar in found.bars) for began, _ in spans]
    assert max(lanes(found).values()) == max(at_once)


def _apart(one: Bar, other: Bar) -> bool:
    first, last = sorted((one, other), key=lambda bar: bar.began)
    return first.began < last.began and first.ended <= last.began + 1e-6


def _runs_at(bar: Bar, moment: float) -> bool:
    return bar.began == moment or bar.began < moment < bar.ended - 1e-6


def test_thousands_of_stages_at_once_take_no_minute() -> None:
    rows = [a_run(str(at), 0.0, 1.0 + at, *map(str, range(max(0, at - 5), at))) for at in range(5_000)]
    assert max(lanes(seen(*rows)).values()) == 5_000
