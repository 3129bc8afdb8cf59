import pandas as pd
import pytest

from flight_delays_evaluate.judge import better, metrics

LATE = pd.Series([False, False, True, True])


def test_a_perfect_order_has_an_auc_of_one() -> None:
    judged = metrics(LATE, pd.Series([0.1, 0.2, 0.8, 0.9]))
    assert (judged["roc_auc"], judged["average_precision"]) == (1.0, 1.0)
    assert judged["brier"] == pytest.approx(0.025)
    assert judged["log_loss"] == pytest.approx(0.164252)


def test_one_score_for_all_says_nothing() -> None:
    judged = metrics(LATE, pd.Series([0.5] * 4))
    assert (judged["roc_auc"], judged["average_precision"], judged["brier"]) == (0.5, 0.5, 0.25)


def test_metrics_are_plain_numbers() -> None:
    assert {type(value) for value in metrics(LATE, pd.Series([0.5] * 4)).values()} == {float}


def test_the_higher_auc_is_picked_and_the_first_of_two_alike() -> None:
    assert better({"linear": {"roc_auc": 0.6}, "boosting": {"roc_auc": 0.7}}) == "boosting"
    assert better({"linear": {"roc_auc": 0.7}, "boosting": {"roc_auc": 0.7}}) == "linear"
