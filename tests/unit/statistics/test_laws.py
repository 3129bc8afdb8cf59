"""Laws on scales: ends and p-values agree, and a bound that is no number shows nothing."""

from typing import Any

import pytest
from scipy.stats import norm, t

from mlops_ci.statistics.laws import Law, Scale, StudentLaw, WideLaw
from mlops_ci.statistics.restricted import RestrictedLaw


def student(**changes: Any) -> StudentLaw:
    fields: dict[str, Any] = {"value": 0.4, "error": 0.05, "freedom": 30.0, "method": ""}
    return StudentLaw(**fields | changes)


def restricted(**changes: Any) -> RestrictedLaw:
    fields: dict[str, Any] = {
        "candidate": 0.8, "champion": 0.82, "mine": 0.02**2, "theirs": 0.019**2, "both": 0.017**2, "freedom": 80.0,
        "scale": Scale.LOGIT, "method": "",
    }  # fmt: skip
    return RestrictedLaw(**fields | changes)


LAWS: dict[str, Law] = {
    **{f"student-{scale.name.lower()}": student(scale=scale) for scale in Scale},
    "student-skewed": student(skew=0.2),
    "student-skewed-the-other-way": student(skew=-0.2),
    "student-too-high": student(bias=0.02, scale=Scale.LOGIT),
    "restricted-logit": restricted(),
    "restricted-log": restricted(scale=Scale.LOG),
    "restricted-log-of-rest": restricted(scale=Scale.LOG_OF_REST, candidate=-0.2, champion=0.1, both=0.015**2),
    "restricted-at-one": restricted(champion=1.0, theirs=0.0, both=0.0),
}


@pytest.mark.parametrize("name", LAWS)
def test_an_end_of_the_interval_is_where_the_p_value_says_so(name: str) -> None:
    law = LAWS[name]
    low, high = law.interval(0.9)
    assert law.p_at_most(low) == pytest.approx(0.05, abs=1e-6)
    assert law.p_at_least(high) == pytest.approx(0.05, abs=1e-6)
    assert law.p_at_most(high) == pytest.approx(0.95, abs=1e-6)
    assert low < law.value < high


@pytest.mark.parametrize("name", LAWS)
def test_a_bound_that_is_no_number_is_neither_kept_nor_missed(name: str) -> None:
    law = LAWS[name]
    assert not law.p_at_least(float("nan")) < 0.05
    assert not law.p_at_most(float("nan")) < 0.05


def test_on_the_plain_scale_it_is_the_t_interval() -> None:
    assert student().interval(0.95) == pytest.approx(t.interval(0.95, 30, loc=0.4, scale=0.05))


@pytest.mark.parametrize(
    ("scale", "value", "inside"),
    [(Scale.LOGIT, 0.99, (0, 1)), (Scale.FISHER, -0.99, (-1, 1)), (Scale.LOG, 0.02, (0, 9e9))], ids=str,
)  # fmt: skip
def test_ends_are_values_that_there_can_be(scale: Scale, value: float, inside: tuple[float, float]) -> None:
    low, high = student(scale=scale, value=value).interval(0.99)
    assert inside[0] < low < high < inside[1]
    assert student(scale=scale, value=value).p_at_least(inside[0]) == 1


def test_skewness_moves_the_interval_of_a_loss_up() -> None:
    plain, skewed = student().interval(0.95), student(skew=0.2).interval(0.95)
    assert skewed[0] > plain[0]
    assert skewed[1] > plain[1]


def test_a_mean_of_positive_numbers_has_no_negative_end() -> None:
    assert student(value=0.01, least=0.0).interval(0.95)[0] == 0


def test_where_it_is_off_by_construction_the_ends_move_out_and_nothing_is_shown_sooner() -> None:
    law = WideLaw(law=student(), below=0.02, above=0.01, least=0.0, most=1.0)
    low, high = student().interval(0.9)
    assert law.interval(0.9) == pytest.approx((low - 0.02, high + 0.01))
    assert law.p_at_most(low - 0.02) == pytest.approx(0.05)
    assert law.p_at_least(high + 0.01) == pytest.approx(0.05)
    assert (law.value, law.error) == (0.4, 0.05)


def test_a_candidate_that_looks_good_has_the_error_that_it_would_have_if_it_were_not() -> None:
    law = restricted(candidate=0.9, champion=0.85, both=0.0)
    plain = float(norm.cdf(-(0.05 + 0.02) / law.error))
    assert law.p_at_most(-0.02) > plain
