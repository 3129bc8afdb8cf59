"""Areas under curves: DeLong's variance by its definition, and how their intervals take few of a class."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import average_precision_score

from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.ranks import average_precision, roc_auc
from mlops_ci.statistics.rows import Numbers, Rows, UndefinedError
from mlops_ci.statistics.single import estimate
from tests.unit.statistics.samples import scores


def kernel(rows: Rows) -> Numbers:
    """Of each positive (row) and negative (column): 1 where it is won, 1/2 where they are equal."""
    positive, negative = rows.predicted[rows.truth == 1], rows.predicted[rows.truth == 0]
    return np.asarray(
        (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative), dtype=np.float64
    )  # fmt: skip


def delong(one: Numbers, other: Numbers) -> float:
    """Their covariance, by the definition: that of components over positives, and over negatives."""
    positives, negatives = one.shape
    return float(
        np.cov(one.mean(axis=1), other.mean(axis=1))[0, 1] / positives
        + np.cov(one.mean(axis=0), other.mean(axis=0))[0, 1] / negatives
    )  # fmt: skip


def test_the_error_of_one_area_is_delong_s() -> None:
    rows = scores(np.random.default_rng(1))
    law = estimate("roc_auc", rows)
    assert law.error == pytest.approx(delong(kernel(rows), kernel(rows)) ** 0.5, rel=1e-12)
    statistic = mannwhitneyu(rows.predicted[rows.truth == 1], rows.predicted[rows.truth == 0]).statistic
    assert law.value == pytest.approx(statistic / kernel(rows).size)


def test_the_error_of_a_difference_is_delong_s() -> None:
    draw = np.random.default_rng(2)
    one = scores(draw)
    other = replace(one, predicted=np.round(0.8 * one.predicted + 0.2 * draw.random(one.count), 2))
    mine, theirs = kernel(one), kernel(other)
    variance = delong(mine, mine) + delong(theirs, theirs) - 2 * delong(mine, theirs)
    assert difference("roc_auc", one, other).error == pytest.approx(variance**0.5, rel=1e-12)


def test_weights_that_are_whole_numbers_are_rows_that_occur_so_often() -> None:
    draw = np.random.default_rng(3)
    rows = scores(draw)
    times = draw.integers(1, 4, rows.count)
    often = Rows(truth=np.repeat(rows.truth, times), predicted=np.repeat(rows.predicted, times))
    weighed = replace(rows, weights=times.astype(np.float64))
    for metric in (roc_auc, average_precision):
        assert metric(weighed).value == pytest.approx(metric(often).value, rel=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "log_loss", "brier"])
@pytest.mark.parametrize(
    ("positives", "few"), [(0, "single class"), (19, "19 of 300 rows are positive")], ids=["none", "few"]
)
def test_few_of_a_class_give_no_interval(name: str, positives: int, few: str) -> None:
    draw = np.random.default_rng(4)
    rows = Rows(truth=(np.arange(300) < positives).astype(np.float64), predicted=draw.random(300))
    with pytest.raises(UndefinedError, match=few) as refused:
        estimate(name, rows)
    assert refused.value.few


def test_rows_are_really_left_out_of_average_precision() -> None:
    rows = scores(np.random.default_rng(6))
    left_out = average_precision(rows).left_out
    assert left_out is not None
    first = average_precision_score(np.delete(rows.truth, 0), np.delete(rows.predicted, 0))
    for at in range(0, rows.count, 17):
        rest = replace(rows, truth=np.delete(rows.truth, at), predicted=np.delete(rows.predicted, at))
        without = average_precision_score(rest.truth, rest.predicted)
        apart = (left_out[at] - left_out[0]) / (rows.count - 1)
        assert apart == pytest.approx(first - without, abs=1e-12)
    assert left_out.mean() == pytest.approx(0, abs=1e-9)


def test_average_precision_is_too_high_by_what_each_positive_adds_to_its_own_precision() -> None:
    draw = np.random.default_rng(5)
    found = [average_precision(scores(draw, count=400, positive=0.1)) for _ in range(400)]
    true = average_precision(scores(draw, count=400_000, positive=0.1)).value
    off = float(np.mean([one.value for one in found])) - true
    assert off == pytest.approx(float(np.mean([one.bias for one in found])), rel=0.5)
    assert off > 0.005
