import numpy as np
import pandas as pd
import pytest

from flight_delays_evaluate.plots import PLOTS, calibration, precision_recall, roc

SCORE = pd.Series(np.random.default_rng(3).random(2000))
LATE = pd.Series(np.random.default_rng(4).random(2000)) < SCORE


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_small_whatever_it_is_drawn_from(name: str) -> None:
    points = PLOTS[name](LATE, SCORE)
    assert 2 <= len(points) <= 200
    assert points.notna().all(axis=None)


def test_a_roc_curve_rises_to_the_corner_above_the_diagonal() -> None:
    points = roc(LATE, SCORE)
    assert points["true_positive_rate"].is_monotonic_increasing
    assert points["true_positive_rate"].iloc[-1] == 1.0
    assert (points["true_positive_rate"] >= points["false_positive_rate"]).all()


def test_finding_all_late_flights_leaves_their_share_as_precision() -> None:
    assert precision_recall(LATE, SCORE)["precision"].iloc[-1] >= round(LATE.mean(), 4)


def test_scores_that_are_probabilities_lie_on_the_diagonal() -> None:
    points = calibration(LATE, SCORE)
    assert (points["mean_score"] - points["late_share"]).abs().max() < 0.15


def test_few_rows_make_few_groups() -> None:
    assert len(calibration(LATE[:5], SCORE[:5])) == 5
