"""A difference of two models that were each trained once: the interval holds the true one as often as it says."""

import math
import random

import pytest

from mlops_ci.statistics.training_noise import spread_of, widened

Z = 1.6448536269514722  # of 95 % on each side


def test_the_formula_by_hand() -> None:
    spread = spread_of([0.70, 0.71, 0.72])
    assert (round(spread.deviation, 12), spread.trainings) == (0.01, 3)
    found = widened(0.0, (-0.02 * Z, 0.02 * Z), spread, confidence=0.95, bound=-0.05)
    error = math.sqrt(0.02**2 + 2 * 0.01**2)
    freedom = error**4 / ((2 * 0.01**2) ** 2 / 2)
    assert freedom == pytest.approx(18)
    assert found.high == pytest.approx(1.734063606617536 * error)  # the quantile of t with 18 degrees, by tables
    assert found.low == pytest.approx(-found.high)
    assert found.error == pytest.approx(found.high / Z)


def test_without_spread_the_interval_is_that_of_the_rows() -> None:
    found = widened(0.01, (-0.02, 0.03), spread_of([0.7, 0.7, 0.7]), confidence=0.95, bound=-0.01)
    assert (found.low, found.high) == pytest.approx((-0.02, 0.03))


def test_each_side_keeps_its_own_width_and_none_gets_narrower() -> None:
    draw = random.Random(8)
    for _ in range(500):
        low, high = -draw.random(), draw.random()
        spread = spread_of([draw.gauss(0, draw.random()) for _ in range(draw.randint(2, 9))])
        found = widened(0.0, (low, high), spread, confidence=0.95, bound=0.0)
        assert found.low <= low
        assert found.high >= high
        assert (found.high > -found.low) == (high > -low)


def test_rows_without_noise_leave_the_noise_of_training() -> None:
    spread = spread_of([0.6, 0.7, 0.8, 0.9])
    found = widened(0.0, (0.0, 0.0), spread, confidence=0.95, bound=0.0)
    assert found.high == pytest.approx(2.3533634348018264 * math.sqrt(2) * spread.deviation)  # t with 3 degrees


@pytest.mark.parametrize("values", [[0.7], [0.7, math.nan], [0.7, math.inf]], ids=["one", "nan", "infinite"])
def test_what_has_no_spread_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="two finite values"):
        spread_of(values)


@pytest.mark.parametrize("trainings", [3, 5, 10])
@pytest.mark.parametrize("rows", [0.0, 0.005, 0.02], ids=["no-rows-noise", "less-than-training", "more"])
def test_a_true_loss_of_the_margin_passes_one_time_in_twenty(rows: float, trainings: int) -> None:
    """Training noise 0.01; the candidate's own training is one of those that its spread is taken from."""
    draw, margin, passed, count = random.Random(20130101 + trainings), 0.03, 0, 3000
    for _ in range(count):
        values = [draw.gauss(0.70 - margin, 0.01) for _ in range(trainings)]
        difference = values[0] - draw.gauss(0.70, 0.01) + draw.gauss(0, rows)
        ends = (difference - Z * rows, difference + Z * rows)
        found = widened(difference, ends, spread_of(values), confidence=0.95, bound=-margin)
        passed += found.low >= -margin
        assert (found.p_at_most < 0.05) == (found.low > -margin)
    assert 0.02 < passed / count < 0.05 + 3 * math.sqrt(0.05 * 0.95 / count)
