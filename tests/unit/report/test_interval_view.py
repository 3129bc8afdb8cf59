from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn
from mlops_ci.report.gate_wording import range_words
from mlops_ci.report.interval_view import IntervalView, interval_view
from tests.unit.report.drawings import a_drawn, a_slice, a_value


def view(**overrides: Any) -> IntervalView:
    seen = interval_view(a_drawn(**overrides))
    assert seen is not None
    return seen


def share(place: str | None) -> float:
    assert place is not None
    return float(place.rstrip("%"))


def test_a_bar_its_point_the_margin_and_the_champion_lie_where_their_numbers_are() -> None:
    seen = view(value=0.0, low=-0.01, high=0.01, bound=-0.02)
    assert seen.bar.stretch is not None
    bound, low, zero, high = (
        share(seen.line.at),
        share(seen.bar.stretch.at),
        share(seen.zero),
        share(seen.bar.stretch.to),
    )
    assert low - bound == pytest.approx(zero - low, abs=0.02)
    assert zero - low == pytest.approx(high - zero, abs=0.02)
    assert share(seen.bar.point) == zero


@pytest.mark.parametrize(("above", "good"), [(True, ("6%", "94%")), (False, ("0%", "6%"))], ids=["above", "below"])
def test_the_good_side_reaches_from_the_bound_to_the_edge(above: bool, good: tuple[str, str]) -> None:
    seen = view(above=above)
    assert (seen.good.at, seen.good.width) == good


@pytest.mark.parametrize(
    ("drawn", "label"),
    [
        (a_value(bound=0.66), "at least 0.66"), (a_value(bound=0.3, above=False), "at most 0.3"),
        (a_drawn(bound=-0.01), "margin 0.01"), (a_drawn(bound=0.005, above=False), "margin 0.005"),
        (a_drawn(bound=0.0), "above 0"), (a_drawn(bound=-0.0, above=False), "below 0"),
    ],
    ids=["min", "max", "margin", "margin of a loss", "superior", "superior by a loss"],
)  # fmt: skip
def test_the_line_says_what_has_to_be_kept(drawn: Any, label: str) -> None:
    seen = interval_view(drawn)
    assert seen is not None
    assert seen.line.words == label


def test_it_is_told_in_words_on_which_side_all_of_it_lies() -> None:
    assert view().words == (
        "roc_auc less the base's: -0.002, between -0.006 and +0.003; margin at -0.01, higher is better: "
        "all of it on the good side"
    )
    assert view(low=-0.02, verdict=Verdict.INCONCLUSIVE).words.endswith("on both sides")
    assert view(value=-0.03, low=-0.04, high=-0.02).words.endswith("all of it on the wrong side")
    assert view(low=nan).words.endswith("on both sides")


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [
        (a_drawn(verdict=Verdict.INCONCLUSIVE, slices=(a_slice(),)), "pass"),
        (a_drawn(verdict=Verdict.FAIL, low=-0.02, slices=(a_slice(),)), "inconclusive"),
        (a_drawn(verdict=Verdict.FAIL, value=0.0, low=0.0, high=0.0, bound=0.0), "fail"),
    ],
    ids=["open in slices", "failed in slices", "not better"],
)  # fmt: skip
def test_its_colour_is_of_all_rows_and_not_of_slices(drawn: Drawn, kind: str) -> None:
    seen = interval_view(drawn)
    assert seen is not None
    assert seen.kind == kind


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.026, -0.00016, "-0.0120 (-0.0260 to -0.0002)"), (-0.5, 0.5, "-0.012 (-0.500 to +0.500)"),
        (-1e-9, 2e7, "-0.012 (-1.000e-09 to +2.000e+07)"), (-0.012, -0.012, "-0.012"),
    ],
    ids=["nearly zero", "plain", "apart", "point"],
)  # fmt: skip
def test_numbers_in_a_column_are_plain_and_none_looks_like_zero(low: float, high: float, words: str) -> None:
    assert range_words(a_drawn(value=-0.012, low=low, high=high), signed=True) == words


def test_it_says_what_it_rests_on() -> None:
    assert view().under == "90 % interval by t, of DeLong's components, 41,233 rows in 3,512 groups"
    assert view(low=-0.002, high=-0.002, groups=None).under == "41,233 rows"


def test_a_point_has_no_bar_and_a_value_no_champion() -> None:
    seen = interval_view(a_value(low=0.706, high=0.706))
    assert seen is not None
    assert (seen.bar.stretch, seen.zero) == (None, None)


def test_the_champion_is_named_at_zero_and_a_long_name_clipped() -> None:
    assert "base" in [tick.words for tick in view().ticks]
    assert "productionproduc…"[:15] in [tick.words[:15] for tick in view(champion="production" * 9).ticks]


def test_an_interval_without_an_end_goes_on_beyond_the_edge() -> None:
    bar = view(high=inf).bar
    assert bar.stretch is not None
    assert bar.stretch.goes_on == (False, True)


def test_noise_of_training_is_a_band_and_its_points_and_said_to_be() -> None:
    seen = view(band=(-0.008, 0.004), points=(-0.004, 0.001, nan))
    assert (seen.band is not None, len(seen.points), len(seen.notes)) == (True, 2, 2)
    assert "other seeds: between -0.008 and +0.004" in seen.words


@pytest.mark.parametrize("broken", [{"value": nan}, {"bound": nan}, {"bound": inf}, {"value": 1e300}])
def test_what_is_no_number_is_not_drawn(broken: dict[str, float]) -> None:
    assert interval_view(a_drawn(**broken)) is None


ANY = st.floats()


@given(ANY, ANY, ANY, ANY, st.none() | st.tuples(ANY, ANY), st.lists(ANY, max_size=3))
def test_whatever_the_numbers_it_is_drawn_within_its_edges_or_not_at_all(
    value: float, low: float, high: float, bound: float, band: tuple[float, float] | None, points: list[float]
) -> None:
    seen = interval_view(a_drawn(value=value, low=low, high=high, bound=bound, band=band, points=tuple(points)))
    if seen is not None:
        places = [seen.good.at, seen.good.width, seen.line.at, seen.bar.point or "0%", *seen.points]
        places += [seen.bar.stretch.at, seen.bar.stretch.to] if seen.bar.stretch else []
        places += [seen.band.at, seen.band.width] if seen.band else []
        assert all(0 <= share(place) <= 100 for place in places)
