import re
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import DrawnSlice
from mlops_ci.report.github.comment import MOST_CHARACTERS, comment_body, mark_of
from mlops_ci.report.markdown import render_markdown
from mlops_ci.report.slices_chart import slices_chart
from tests.unit.report.drawings import a_drawn, a_slice, a_value, some_slices
from tests.unit.report.reports import a_gate, a_report

# What Mermaid's grammar of this chart takes as numbers has no exponent.
CHART = re.compile(r"  (line|x-axis \"slice\") \[-?\d+(\.\d+)?(, -?\d+(\.\d+)?)*\]|  y-axis .*|[^\[]*")
WORST = a_slice(value=-0.05, low=-0.06, high=-0.04, verdict=Verdict.FAIL)


def page(*slices: DrawnSlice, **overrides: Any) -> str:
    drawn = a_drawn(slices=slices, slice_bound=-0.03, **overrides)
    return render_markdown(a_report(gates=(a_gate(drawn=(drawn,)),)))


def test_the_ten_worst_slices_stand_in_a_table_in_their_order() -> None:
    shown = page(WORST, *some_slices(16))
    assert (
        "14 slices judged: 1 fail, 7 inconclusive, 6 pass; 3 too small to judge. Asked of each: margin 0.03." in shown
    )
    assert "Shown: the worst 10 of 17." in shown
    assert "| 1 | <code>carrier=UA</code> | 7,011 | -0.050 (-0.060 to -0.040) | ❌ fail |" in shown
    assert re.findall(r"^\| (\d+) \|", shown, re.MULTILINE) == [str(at) for at in range(1, 11)]


def test_slices_that_all_passed_are_folded() -> None:
    assert "<details><summary>The worst slices (2)</summary>" in page(a_slice(), a_slice())
    assert "<details>" not in page(WORST, a_slice())


def test_a_slice_too_small_is_said_to_be() -> None:
    small = a_slice(value=None, low=None, high=None, why="one class alone", small=True, verdict=Verdict.INCONCLUSIVE)
    assert "| one class alone | ⚪ too small |" in page(a_slice(), small)
    assert "❔ too small, required" in page(a_slice(small=True, required=True, verdict=Verdict.INCONCLUSIVE))


def test_the_chart_has_a_line_for_the_value_each_end_the_margin_and_the_champion() -> None:
    slices = (WORST, a_slice(), a_slice(value=0.01, low=0.0, high=0.02))
    chart = slices_chart(a_drawn(slice_bound=-0.03), slices) or ""
    assert chart.split("xychart-beta horizontal\n")[1].split("\n") == [
        '  x-axis "slice" [1, 2, 3]',
        '  y-axis "difference" -0.0640 --> 0.0240',
        "  line [-0.0600, -0.0070, 0.0000]",
        "  line [-0.0400, 0.0050, 0.0200]",
        "  line [-0.0500, -0.0010, 0.0100]",
        "  line [-0.0300, -0.0300, -0.0300]",
        "  line [0.0000, 0.0000, 0.0000]",
    ]


@pytest.mark.parametrize(
    "slices",
    [(WORST, WORST), (a_slice(value=nan),) * 5, (a_slice(value=1e12, low=1e12, high=1e12),) * 5,
     (a_slice(value=1e-30, low=-1e-30, high=1e-30),) * 5],
    ids=["two", "nan", "large", "small"],
)  # fmt: skip
def test_what_makes_no_chart_has_none(slices: tuple[DrawnSlice, ...]) -> None:
    assert slices_chart(a_drawn(bound=0.0), slices) is None


NUMBER = st.floats() | st.floats(min_value=-1, max_value=1) | st.none()


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), max_size=10), st.floats(), st.booleans())
def test_whatever_the_numbers_a_chart_is_one_that_mermaid_takes(
    numbers: list[tuple[Any, Any, Any]], bound: float, small: bool
) -> None:
    slices = [a_slice(value=value, low=low, high=high, small=small) for value, low, high in numbers]
    for line in (slices_chart(a_value(slice_bound=bound), slices) or "").split("\n"):
        assert CHART.fullmatch(line), line
    assert "## Gates by slice" in page(*slices) or not slices


def test_slices_too_small_are_in_the_chart_only_where_there_are_no_others() -> None:
    small = a_slice(value=0.2, low=-0.9, high=0.9, small=True)
    assert '"slice" [1, 2, 4]' in (slices_chart(a_drawn(), (WORST, a_slice(), small, a_slice())) or "")
    assert '"slice" [1, 2, 3]' in (slices_chart(a_drawn(), (small, small, small)) or "")


def test_an_end_that_is_not_there_is_at_the_edge() -> None:
    slices = [a_slice(low=-inf), a_slice(), a_slice()]
    assert "  line [-0.0" in (slices_chart(a_drawn(), slices) or "")


def test_a_comment_holds_every_gate_in_words_however_many_slices_there_are() -> None:
    gates = tuple(
        a_gate(gate=f"gate-{at}", drawn=(a_drawn(slices=some_slices(40, prefix="x" * 70), slice_bound=-0.03),))
        for at in range(60)
    )
    body = comment_body(a_report(gates=gates), mark_of("x"))
    assert len(body.encode()) <= MOST_CHARACTERS
    assert all(f"<code>gate-{at}</code> | ✅ pass" in body for at in range(60))
    assert re.search(r"of this page: \d+ gates by slice", body)
