from dataclasses import replace
from math import nan

import pytest

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import SliceCounts
from mlops_ci.report.forest_view import forest_view
from tests.unit.report.drawings import a_drawn, a_slice, a_value, some_slices


def test_a_row_a_slice_in_the_order_given_with_numbers_and_verdict() -> None:
    slices = (
        a_slice(value=-0.05, low=-0.06, high=-0.04, verdict=Verdict.FAIL), a_slice(name="carrier=B6"),
        a_slice(name="carrier=OO", rows=9, small=True), a_slice(name="carrier=HA", rows=8, small=True, required=True),
    )  # fmt: skip
    view = forest_view(a_drawn(slices=slices, slice_bound=-0.03), gate="auc")
    assert [(row.name, row.words, row.kind, row.told) for row in view.rows] == [
        ("carrier=UA", "-0.050 (-0.060 to -0.040)", "fail", "fail"),
        ("carrier=B6", "-0.001 (-0.007 to +0.005)", "pass", "pass"),
        ("carrier=OO", "-0.001 (-0.007 to +0.005)", "small", "too small"),
        ("carrier=HA", "-0.001 (-0.007 to +0.005)", "pass", "too small, required"),
    ]
    assert view.words == "3 slices judged: 1 fail, 2 pass; 1 too small to judge"
    assert (view.title, view.bound) == ("auc: roc_auc less the base's", "margin 0.03")


def test_a_slice_too_small_to_judge_does_not_press_the_others_together() -> None:
    wide = a_slice(name="tiny", value=0.2, low=-5.0, high=5.0, small=True)
    with_it, without = (
        forest_view(a_drawn(slices=slices, slice_bound=-0.03), gate="auc")
        for slices in ((a_slice(), wide), (a_slice(),))
    )
    assert with_it.rows[0].bar == without.rows[0].bar
    bar = with_it.rows[1].bar
    assert bar is not None
    assert bar.stretch is not None
    assert (bar.point, bar.stretch.goes_on) == (None, (True, True))


def test_a_slice_without_a_number_says_why() -> None:
    slices = (a_slice(), a_slice(value=None, low=None, high=None, why="one class alone", small=True))
    row = forest_view(a_drawn(slices=slices), gate="auc").rows[1]
    assert (row.words, row.bar) == ("one class alone", None)


def test_where_no_slice_has_a_number_nothing_is_drawn_and_all_is_told() -> None:
    slices = (a_slice(value=None, low=None, high=None, why="one class alone", small=True),)
    view = forest_view(a_drawn(slices=slices), gate="auc")
    assert (view.good, view.line, view.ticks, len(view.rows)) == (None, None, (), 1)
    assert forest_view(a_drawn(slices=(a_slice(),), slice_bound=nan), gate="auc").good is None


@pytest.mark.parametrize(("count", "rows", "listed", "more"), [(40, 40, 0, ""), (60, 40, 20, ""), (500, 40, 400, "60")])
def test_forty_are_drawn_four_hundred_listed_and_more_are_counted(
    count: int, rows: int, listed: int, more: str
) -> None:
    view = forest_view(a_value(slices=some_slices(count)), gate="auc")
    assert (len(view.rows), len(view.listed)) == (rows, listed)
    assert [note.split(" ")[0] for note in view.notes if "not shown" in note] == ([more] if more else [])


def test_counts_take_in_what_is_not_held() -> None:
    drawn = replace(a_drawn(slices=some_slices(8)), beyond=SliceCounts(judged=5, failed=2, inconclusive=1, small=4))
    assert (drawn.counts.judged, drawn.counts.small) == (12, 5)
    assert "9 more slices are not shown, none of them worse" in forest_view(drawn, gate="auc").notes
