import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.report.contract import StageRow
from mlops_ci.report.timeline import timeline
from mlops_ci.report.timeline_view import TimelineView, timeline_view
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import a_run


def view(*rows: StageRow) -> TimelineView:
    seen = timeline(rows)
    assert seen is not None
    return timeline_view(seen)


def share(place: str) -> float:
    assert place.endswith("%")
    return float(place[:-1])


def test_a_bar_stands_where_its_time_is_of_the_whole() -> None:
    one, other = view(a_run("a", 0.0, 1.0), a_run("b", 1.0, 3.0)).blocks
    assert (one.at, one.width, other.at, other.width) == ("0%", "25%", "25%", "75%")
    assert one.y == other.y


def test_it_says_of_each_bar_all_that_is_known() -> None:
    blocks = view(a_run("a", 0.0, 1.0), a_run("b", 1.0, 75.0, state=StageState.FAILED)).blocks
    assert blocks[0].words == "a: 1.0 s, begun after 0.0 s, lane 1"
    assert blocks[1].words == "b: 1 min 15 s, begun after 1.0 s, lane 1, on the critical path, failed"
    assert [block.kinds for block in blocks] == ["bar", "bar critical failed"]


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        (0.35, ["0 s", "0.05 s", "0.1 s", "0.15 s", "0.2 s", "0.25 s", "0.3 s"]),
        (41.0, ["0 s", "10 s", "20 s", "30 s"]),
        (200.0, ["0 s", "30 s", "60 s", "90 s", "120 s", "150 s", "180 s"]),
        (1_000.0, ["0 min", "5 min", "10 min", "15 min"]),
        (30_000.0, ["0 h", "2 h", "4 h", "6 h", "8 h"]),
        (86_400.0 * 20, ["0 h", "72 h", "144 h", "216 h", "288 h", "360 h", "432 h"]),
    ],
)
def test_the_axis_has_a_handful_of_round_moments(wall: float, words: list[str]) -> None:
    assert [tick.words for tick in view(a_run("a", 0.0, wall), a_run("b", 0.0, 0.0)).ticks][: len(words)] == words


def test_of_very_many_the_longest_are_drawn_and_lanes_without_a_bar_take_no_room() -> None:
    seen = view(*(a_run(f"s{at}", 0.0, 1.0 + at) for at in range(1_200)))
    assert seen.notes == ("The longest 200 of 1,200 stages that ran are drawn.",)
    assert len(seen.blocks) == 200
    assert seen.height < 200 * 40


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), min_size=1, max_size=6))
def test_all_of_it_is_within_the_drawing(spans: list[tuple[float, float]]) -> None:
    seen = view(a_run("a", 0.0, 1.0), a_run("b", 0.0, 0.0), *(a_run("c", *span) for span in spans))
    for block in seen.blocks:
        assert 0 <= share(block.at) < 100
        assert 0 < share(block.width) <= 100
        assert share(block.at) + share(block.width) < 100.4
        assert 0 <= block.y <= seen.height - seen.bar
    assert all(0 <= share(tick.at) < 100 for tick in seen.ticks)
    assert 1 <= len(seen.ticks) <= 9
