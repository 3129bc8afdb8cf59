import re
from dataclasses import replace
from itertools import combinations
from pathlib import PurePosixPath

from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.report.contract import StageRow
from mlops_ci.report.flow import BOX_HEIGHT, BOX_WIDTH, Box, Flow, flow
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import stages


def row(name: str, *needs: str, state: StageState = StageState.CACHED) -> StageRow:
    return StageRow(name=name, needs=needs, state=state, why="")


def drawn(*rows: StageRow) -> Flow:
    seen = flow(rows)
    assert seen is not None
    return seen


def boxes(seen: Flow) -> dict[str, Box]:
    return {box.whole: box for box in seen.boxes}


def crossed(line: str) -> list[tuple[int, int]]:
    """Corners and ends of a line."""
    return [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)(?=[Ch]|$)", line)]


def test_each_stage_stands_right_of_all_that_it_needs() -> None:
    seen = boxes(drawn(row("a"), row("b", "a"), row("c", "b", "a"), row("d")))
    assert seen["a"].x < seen["b"].x < seen["c"].x
    assert seen["d"].x == seen["a"].x
    assert seen["d"].y > seen["a"].y


def test_a_line_past_a_layer_does_not_run_behind_a_box() -> None:
    seen = drawn(row("a"), row("b", "a"), row("c", "a", "b"))
    between = boxes(seen)["b"]
    (past,) = [line for line in seen.lines if "h" in line]
    height = crossed(past)[1][1]
    assert not between.y <= height <= between.y + BOX_HEIGHT


def test_a_family_of_many_is_one_box_and_a_small_one_is_not() -> None:
    assert [(box.label, box.words) for box in drawn(*stages(12)).boxes] == [
        ("ingest \u00d712", "12 cached"),
        ("features", "ran"),
    ]
    assert len(drawn(*stages(3)).boxes) == 4


def test_the_worst_state_of_a_family_colours_it() -> None:
    rows = [row(f"fit@{at}", state=StageState.FAILED if at == 3 else StageState.RAN) for at in range(6)]
    assert [(box.state, box.words) for box in drawn(*rows).boxes] == [(StageState.FAILED, "1 failed, 5 ran")]


def test_nothing_and_too_much_are_not_drawn() -> None:
    assert flow(()) is None
    files = [PurePosixPath(f"sub{at}/dvc.yaml") for at in range(100)]
    rows = [replace(row(f"{file}:one"), definition=file) for file in files]
    assert flow(rows[:60]) is not None
    assert flow(rows) is None


@settings(max_examples=60)
@given(st.data())
def test_no_box_lies_on_another_and_all_is_within_the_drawing(data: st.DataObject) -> None:
    names = [f"s{at}" for at in range(data.draw(st.integers(1, 12)))]
    rows = [
        row(name, *data.draw(st.lists(st.sampled_from(names[:at] or ["other"]), unique=True)))
        for at, name in enumerate(names)
    ]
    seen = drawn(*rows)
    for one, other in combinations(seen.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    assert all(0 <= box.x <= seen.width - BOX_WIDTH and 0 <= box.y <= seen.height - BOX_HEIGHT for box in seen.boxes)
    assert len(seen.lines) == sum(len([need for need in one.needs if need in names]) for one in rows)


def test_what_folding_turns_into_a_circle_is_drawn_all_the_same() -> None:
    rows = [row("a@1"), row("b@1", "a@1"), row("a@2", "b@1"), *(row(f"a@{at}") for at in range(3, 9))]
    assert {box.whole for box in drawn(*rows).boxes} == {"a", "b@1"}
