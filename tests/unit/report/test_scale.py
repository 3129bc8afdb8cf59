from itertools import pairwise
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.report.scale import Mark, Scale, scale_of

LETTER, NARROWEST = 6.9, 260.0  # pixels of a letter, and of the narrowest drawing
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.floats(min_value=-1, max_value=1)


def ends(mark: Mark) -> tuple[float, float]:
    """Where a text begins and ends on the narrowest drawing, in percent."""
    at, width = float(mark.at.rstrip("%")), 100 * LETTER * len(mark.words) / NARROWEST
    begin = {"start": at, "middle": at - width / 2, "end": at - width}[mark.anchor]
    return begin, begin + width


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.65, 0.72, ["0.66", "0.68", "0.70", "0.72"]), (-0.012, 0.004, ["-0.010", "-0.005", "0"]),
        (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (1_000.0, 9_000.0, ["2000", "4000", "6000", "8000"]),
    ],
    ids=["share", "difference", "whole", "thousands"],
)  # fmt: skip
def test_round_numbers_are_written(low: float, high: float, words: list[str]) -> None:
    assert [tick.words for tick in Scale(low=low, high=high).ticks()] == words


def test_a_number_that_has_a_name_is_written_before_all_others() -> None:
    ticks = Scale(low=-0.011, high=0.004).ticks((0.0, "production"))
    assert [tick.words for tick in ticks] == ["-0.010", "-0.005", "production"]


@given(st.lists(NUMBERS, max_size=6), st.text("abc", max_size=16))
def test_whatever_the_numbers_texts_stay_within_the_drawing_and_apart(numbers: list[float], name: str) -> None:
    scale = scale_of(numbers)
    if scale is None:
        return
    taken = sorted(ends(tick) for tick in scale.ticks((0.0, name)))
    assert all(begin >= -0.01 and end <= 100.01 for begin, end in taken)
    assert all(one[1] <= other[0] for one, other in pairwise(taken))
    assert all(0 <= scale.share(number) <= 100 for number in numbers if not isnan(number))


@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_every_finite_number_lies_on_the_scale(numbers: list[float]) -> None:
    scale = scale_of(numbers)
    finite = [one for one in numbers if abs(one) < inf]
    if scale is None:
        assert not finite or max(map(abs, finite)) >= 1e150 or max(map(abs, finite)) < 1e-280
        return
    assert all(scale.holds(one) for one in finite)


@pytest.mark.parametrize("numbers", [[], [nan], [inf, -inf], [1e200, 0.0], [5e-324, 0.0]])
def test_what_can_not_be_drawn_has_no_scale(numbers: list[float]) -> None:
    assert scale_of(numbers) is None


def test_one_number_alone_has_room_on_both_sides() -> None:
    scale = scale_of([0.7])
    assert scale is not None
    assert scale.at(0.7) == "50%"
