"""Intervals of one model's metric: as often right as they say, wide on little evidence, refused on none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mlops_ci.statistics.families import influence_of
from mlops_ci.statistics.rows import Rows, UndefinedError
from mlops_ci.statistics.single import estimate
from tests.unit.statistics.samples import CASES, IDS, KINDS, flags, grouped, scores, values, weighed

DRAWS = 600


def clustered(draw: np.random.Generator, *, count: int = 400) -> Rows:
    """Ten rows a group, whose errors have an intraclass correlation of 0.3."""
    groups = np.arange(count) // 10
    noise = 0.3**0.5 * draw.standard_normal(count // 10)[groups] + 0.7**0.5 * draw.standard_normal(count)
    truth = draw.normal(0, 2, count)
    return Rows(truth=truth, predicted=truth + noise, groups=groups)


def right(draw: np.random.Generator, *, count: int = 400) -> Rows:
    """Of clustered rows those that are right."""
    rows = clustered(draw, count=count)
    return replace(rows, truth=np.ones(count), predicted=(rows.predicted - rows.truth < 1.0).astype(np.float64))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("roc_auc", scores), ("average_precision", scores), ("log_loss", scores), ("accuracy", flags), ("f1", flags),
        ("balanced_accuracy", flags), ("rmse", values), ("mae", values), ("r2", values),
        ("median_absolute_error", values), ("rmse", clustered), ("r2", clustered), ("accuracy", right),
    ],
    ids=[
        "roc_auc", "average_precision", "log_loss", "accuracy", "f1", "balanced_accuracy", "rmse", "mae", "r2",
        "median_absolute_error", "rmse-clustered", "r2-clustered", "accuracy-clustered",
    ],
)  # fmt: skip
def test_nineteen_of_twenty_intervals_hold_the_true_value(name: str, make: Callable[..., Rows]) -> None:
    draw = np.random.default_rng(7)
    true = influence_of(name, make(draw, count=400_000))[1].value
    ends = [estimate(name, make(draw, count=400)).interval(0.95) for _ in range(DRAWS)]
    held = sum(low <= true <= high for low, high in ends) / DRAWS
    assert 0.92 <= held <= 0.98  # three standard errors of 600 draws


@pytest.mark.parametrize(("kind", "name"), CASES, ids=IDS)
def test_the_value_lies_within_its_interval_and_p_values_agree(kind: str, name: str) -> None:
    law = estimate(name, KINDS[kind](np.random.default_rng(8)))
    low, high = law.interval(0.95)
    assert low < law.value < high
    assert law.error > 0
    assert law.method
    assert law.p_at_most(low) == pytest.approx(0.025, abs=1e-6)
    assert law.p_at_least(high) == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize(("kind", "name"), CASES, ids=IDS)
def test_the_unit_of_weights_does_not_matter(kind: str, name: str) -> None:
    draw = np.random.default_rng(9)
    rows = KINDS[kind](draw)
    if rows.queries is not None:
        return
    rows = weighed(rows, draw)
    assert rows.weights is not None
    one, other = estimate(name, rows), estimate(name, replace(rows, weights=1000 * rows.weights))
    assert one.interval(0.95) == pytest.approx(other.interval(0.95))


# The density at the median is found at another width; labels of a row that agree less than by chance are no gain.
CLOSE = {"median_absolute_error": 0.12, "f1_micro": 0.06}


@pytest.mark.parametrize(("kind", "name"), CASES, ids=IDS)
def test_rows_that_are_repeated_in_a_group_are_no_more_evidence(kind: str, name: str) -> None:
    rows = KINDS[kind](np.random.default_rng(10))
    if rows.queries is not None:
        return
    once = replace(rows, groups=np.arange(rows.count))
    often = Rows(
        truth=np.repeat(rows.truth, 5, axis=0), predicted=np.repeat(rows.predicted, 5, axis=0),
        groups=np.repeat(np.arange(rows.count), 5),
    )  # fmt: skip
    one, five = estimate(name, once).interval(0.95), estimate(name, often).interval(0.95)
    assert five[1] - five[0] == pytest.approx(one[1] - one[0], rel=CLOSE.get(name, 0.02))


def all_right(count: int, *, wrong: bool = False) -> Rows:
    truth = (np.arange(count) % 2).astype(np.float64)
    return Rows(truth=truth, predicted=1 - truth if wrong else truth)


PERFECT = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "f1_macro", "matthews_corrcoef", "roc_auc", "average_precision")  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("name", PERFECT)
def test_a_model_that_is_always_right_may_still_be_wrong(name: str) -> None:
    few, many = (estimate(name, all_right(count)).interval(0.95) for count in (60, 6000))
    assert few[1] == pytest.approx(1)
    assert few[0] < 0.95
    assert 0.995 < many[0] < 1


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "matthews_corrcoef", "roc_auc"])
def test_a_model_that_is_always_wrong_may_still_be_right(name: str) -> None:
    law = estimate(name, all_right(60, wrong=True))
    low, high = law.interval(0.95)
    assert low == pytest.approx(law.value)
    assert high > law.value + 0.05


@pytest.mark.parametrize("name", ["brier", "hamming_loss"])
def test_no_loss_at_all_is_known_as_well_as_a_share_of_0(name: str) -> None:
    truth = (np.arange(100) % 2).astype(np.float64)
    rows = Rows(truth=truth[:, None], predicted=truth[:, None]) if name == "hamming_loss" else all_right(100)
    low, high = estimate(name, rows).interval(0.95)
    assert low == 0
    assert high == pytest.approx(3.84 / 103.84, abs=1e-3)


@pytest.mark.parametrize("name", ["mae", "rmse", "log_loss"])
def test_what_never_varies_and_has_no_end_has_no_interval(name: str) -> None:
    with pytest.raises(UndefinedError, match="the same in all 100 rows"):
        estimate(name, all_right(100))


def spoiled(kind: str, column: str, number: float) -> Rows:
    rows = KINDS[kind](np.random.default_rng(11))
    if column == "weights":
        return replace(rows, weights=np.where(np.arange(rows.count) == 5, number, 1.0))
    array = getattr(rows, column).copy()
    array[5] = number
    return replace(rows, **{column: array})


@pytest.mark.parametrize("column", ["truth", "predicted", "weights"])
@pytest.mark.parametrize("number", [float("nan"), float("inf")], ids=["nan", "infinite"])
@pytest.mark.parametrize(("kind", "name"), [*CASES, ("scores", "ece")], ids=[*IDS, "ece-scores"])
def test_what_is_no_number_is_refused(kind: str, name: str, column: str, number: float) -> None:
    with pytest.raises(UndefinedError, match=r"is no finite number in \d places"):
        estimate(name, spoiled(kind, column, number))


@pytest.mark.parametrize(
    ("name", "rows", "why", "few"),
    [
        ("accuracy", Rows(truth=np.zeros(0), predicted=np.zeros(0)), "no row is there", True),
        ("accuracy", all_right(9), "9 rows, and 10 at least are needed", True),
        ("accuracy", replace(all_right(80), groups=np.arange(80) % 8), "8 groups, and 10 at least", True),
        ("accuracy", replace(all_right(80), weights=np.zeros(80)), "all weights are 0", True),
        ("accuracy", replace(all_right(80), weights=-np.ones(80)), "weights are below 0", False),
        ("roc_auc", replace(all_right(80), predicted=np.full(80, 0.3)), "one and the same score", False),
        ("log_loss", replace(all_right(80), predicted=np.full(80, 1.3)), "outside 0 to 1 in 80 places", False),
        ("log_loss", replace(all_right(80), predicted=np.full(80, -0.1)), "outside 0 to 1", False),
        ("ece", replace(all_right(800), predicted=np.full(800, 1.3)), "outside 0 to 1", False),
        ("ece", all_right(80), "80 rows, and 150 at least", True),
        ("ece", all_right(800), "scores are 0 or 1, and always right", True),
        ("ece", replace(all_right(800), groups=np.arange(800) % 8), "8 groups, and 10 at least", True),
        ("r2", Rows(truth=np.ones(80), predicted=np.arange(80.0)), "the truth is the same in all 80 rows", False),
        ("mape", Rows(truth=np.arange(80.0), predicted=np.ones(80)), "the truth is 0", False),
        ("balanced_accuracy", Rows(truth=np.ones(80), predicted=np.ones(80)), "a single class", True),
        ("matthews_corrcoef", Rows(truth=np.ones(80), predicted=np.ones(80)), "one and the same class", True),
        ("precision", replace(all_right(80), predicted=np.zeros(80)), "no row is predicted positive", True),
        ("recall", Rows(truth=np.zeros(80), predicted=np.ones(80)), "no row is positive", True),
        ("mrr", all_right(80), "name no query", False),
        ("max_error", all_right(80), "no interval of max_error is known", False),
    ],
    ids=[
        "no-row", "nine-rows", "eight-groups", "no-weight", "negative-weights", "constant-score", "score-over-1",
        "score-below-0", "ece-score-over-1", "ece-few", "ece-right", "ece-groups", "constant-truth", "mape-of-0",
        "one-class", "mcc-one-class", "nothing-predicted", "nothing-positive", "no-query", "max-error",
    ],
)  # fmt: skip
def test_what_is_not_defined_or_hardly_known_is_refused_in_words(name: str, rows: Rows, why: str, few: bool) -> None:
    with pytest.raises(UndefinedError, match=why) as refused:
        estimate(name, rows)
    assert refused.value.few is few


def test_groups_of_one_row_change_nothing_but_the_normal_into_t() -> None:
    rows = flags(np.random.default_rng(12))
    plain, apart = estimate("accuracy", rows), estimate("accuracy", replace(rows, groups=np.arange(rows.count)))
    assert plain.interval(0.95) == pytest.approx(apart.interval(0.95), abs=2e-3)


def test_rows_that_depend_on_each_other_make_the_interval_wider() -> None:
    rows = right(np.random.default_rng(13))
    alone, together = estimate("accuracy", replace(rows, groups=None)), estimate("accuracy", rows)
    assert together.error > 1.3 * alone.error


def test_the_calibration_error_of_a_calibrated_model_is_not_shown_to_be_above_0() -> None:
    draw = np.random.default_rng(14)
    shown = 0
    for _ in range(200):
        score = draw.beta(2, 5, 1000)
        rows = Rows(truth=(draw.random(1000) < score).astype(np.float64), predicted=score)
        shown += estimate("ece", rows).p_at_most(0.005) < 0.05
    assert shown <= 10


def test_groups_and_weights_go_together() -> None:
    draw = np.random.default_rng(15)
    for kind, name in CASES:
        rows = KINDS[kind](draw)
        if rows.queries is None:
            low, high = estimate(name, grouped(weighed(rows, draw), draw)).interval(0.95)
            assert low < high
