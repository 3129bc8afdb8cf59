import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.report.contract import StageRow
from mlops_ci.report.gantt import gantt
from mlops_ci.report.timeline import timeline
from mlops_ci.tools.dvc.values import StageState
from tests.unit.report.reports import HOSTILE, a_run

LINE = re.compile(
    r"gantt|  dateFormat x|  axisFormat %s (s|min|h)|  tickInterval [1-9]\d?second|  section lane \d+"
    r"|  (#\d+;)?[^\"`#;:<>&\\%\n]*(#\d+;[^\"`#;:<>&\\%\n]*)*, (\d+ min \d\d s|[\d.]+ s) :(crit, )?\d+, [1-9]\d*ms"
)


def lines(*rows: StageRow) -> list[str]:
    seen = timeline(rows)
    assert seen is not None
    return gantt(seen)[0].split("\n")


def test_a_lane_is_a_section_and_the_critical_path_is_marked() -> None:
    assert lines(
        a_run("a", 0.0, 3.0), a_run("b", 0.0, 1.5), a_run("c", 3.0, 2.25, "a", state=StageState.FAILED)
    ) == [
        "gantt", "  dateFormat x", "  axisFormat %s s", "  tickInterval 1second",
        "  section lane 1", "  #98;, 1.5 s :0, 1500ms", "  #99;, failed, 2.2 s :crit, 3000, 2250ms",
        "  section lane 2", "  #97;, 3.0 s :crit, 0, 3000ms",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "axis", "tick", "task"),
    [
        (50.0, "%s s", "5second", "0, 50000ms"),
        (3_000.0, "%s min", "5second", "0, 50000ms"),
        (90_000.0, "%s h", "5second", "0, 25000ms"),
        (0.0, "%s s", "1second", "0, 1ms"),
    ],
)
def test_long_runs_are_drawn_in_minutes_or_hours(seconds: float, axis: str, tick: str, task: str) -> None:
    drawn = lines(a_run("a", 0.0, seconds), a_run("b", 0.0, 0.0))
    assert drawn[2:4] == [f"  axisFormat {axis}", f"  tickInterval {tick}"]
    assert any(line.endswith(task) for line in drawn)


def test_a_name_that_begins_like_a_word_of_mermaids_own_is_a_name() -> None:
    words = ("title", "section", "click", "gantt", "dateFormat", "2013-01-01", "end", "todayMarker", "vert")
    drawn = lines(*(a_run(word, at, 1.0) for at, word in enumerate(words)))
    assert [line.split(",")[0] for line in drawn[5:]] == [f"  #{ord(word[0])};{word[1:]}" for word in words]


def test_of_many_the_longest_are_drawn_and_counted() -> None:
    seen = timeline([a_run(f"s{at}", at, at) for at in range(200)])
    assert seen is not None
    source, count = gantt(seen)
    assert count == 60
    assert source.count("ms\n") + 1 == 60
    assert "#115;199, " in source
    assert "#115;139, " not in source


def test_it_stays_within_what_github_draws_whatever_the_names() -> None:
    seen = timeline([a_run("\U000f0000" * 90, 9e7 + at, 9e7, state=StageState.FAILED) for at in range(300)])
    assert seen is not None
    assert len(gantt(seen)[0]) < 50_000


@settings(max_examples=150)
@given(st.one_of(st.text(), st.text(alphabet='"`#;<>&\\[](){}-|%\n:,end')), st.floats(), st.floats())
def test_a_name_is_only_ever_a_label_and_a_number_a_number(name: str, began: float, seconds: float) -> None:
    rows = (
        a_run(name, 0.0, 1.0), a_run(f"{name}{HOSTILE}", 1.0, 5.0, name, state=StageState.FAILED),
        a_run("x", began, seconds),
    )  # fmt: skip
    assert not [line for line in lines(*rows) if not LINE.fullmatch(line)]
