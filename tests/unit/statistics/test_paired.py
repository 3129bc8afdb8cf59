"""Differences of two models on the same rows: seldom wrong at the margin, as decisive as the textbook's tests."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm, ttest_rel

from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import Numbers, Rows, UndefinedError
from mlops_ci.statistics.single import estimate
from tests.unit.statistics.samples import CASES, IDS, KINDS, grouped, weighed

DRAWS = 1000
ROWS = 300
Pair = tuple[Rows, Rows]


def other_than(rows: Rows, draw: np.random.Generator) -> Rows:
    """What another model says of the same rows: of a third of them something else."""
    changed = draw.random(rows.count) < 0.3
    mixed = rows.predicted[draw.permutation(rows.count)]
    return replace(rows, predicted=np.where(changed if mixed.ndim == 1 else changed[:, None], mixed, rows.predicted))


@pytest.mark.parametrize("grouping", [False, True], ids=["rows", "groups"])
@pytest.mark.parametrize(("kind", "name"), CASES, ids=IDS)
def test_it_is_the_difference_of_both_values_and_turns_round_with_them(kind: str, name: str, grouping: bool) -> None:
    draw = np.random.default_rng(1)
    one = KINDS[kind](draw)
    one = one if one.queries is not None else weighed(one, draw)
    one = grouped(one, draw) if grouping and one.queries is None else one
    other = other_than(one, draw)
    law, back = difference(name, one, other), difference(name, other, one)
    assert law.value == pytest.approx(estimate(name, one).value - estimate(name, other).value, abs=1e-9)
    low, high = law.interval(0.9)
    assert low < law.value < high
    assert back.interval(0.9) == pytest.approx((-high, -low), abs=1e-7)
    assert law.p_at_most(low) == pytest.approx(0.05, abs=1e-6)
    assert back.p_at_least(-low) == pytest.approx(0.05, abs=1e-6)


def normals(draw: np.random.Generator, *, shared: float = 0.0) -> tuple[Numbers, Numbers]:
    """Two of correlation 0.9; shared: which part of their variance groups of ten rows have in common."""

    def one() -> Numbers:
        effect = np.repeat(draw.standard_normal(ROWS // 10), 10)
        return np.asarray(np.sqrt(shared) * effect + np.sqrt(1 - shared) * draw.standard_normal(ROWS))

    first, second = one(), one()
    return first, np.asarray(0.9 * first + np.sqrt(0.19) * second)


def of_scores(draw: np.random.Generator) -> Pair:
    """AUC 0.8413 of the champion, of the candidate 0.02 less."""
    truth = (draw.random(ROWS) < 0.4).astype(np.float64)
    mine, theirs = normals(draw)
    worse = np.sqrt(2) * norm.ppf(norm.cdf(np.sqrt(2) / np.sqrt(2)) - 0.02)
    return (
        Rows(truth=truth, predicted=mine + worse * truth),
        Rows(truth=truth, predicted=theirs + np.sqrt(2) * truth),
    )


def of_flags(draw: np.random.Generator, *, shared: float = 0.0) -> Pair:
    """Accuracy 0.85 of the champion, of the candidate 0.83."""
    mine, theirs = normals(draw, shared=shared)
    truth = np.ones(ROWS)
    groups = np.arange(ROWS) // 10 if shared else None
    return (
        Rows(truth=truth, predicted=(mine < norm.ppf(0.83)).astype(np.float64), groups=groups),
        Rows(truth=truth, predicted=(theirs < norm.ppf(0.85)).astype(np.float64), groups=groups),
    )


def of_values(draw: np.random.Generator, *, shared: float = 0.0) -> Pair:
    """RMSE 1 of the champion, of the candidate 1.02."""
    mine, theirs = normals(draw, shared=shared)
    truth = 2 * draw.standard_normal(ROWS)
    groups = np.arange(ROWS) // 10 if shared else None
    return (
        Rows(truth=truth, predicted=truth + 1.02 * mine, groups=groups),
        Rows(truth=truth, predicted=truth + theirs, groups=groups),
    )


@pytest.mark.parametrize(
    ("name", "make", "true"),
    [
        ("roc_auc", of_scores, -0.02),
        ("accuracy", of_flags, -0.02),
        ("accuracy", lambda draw: of_flags(draw, shared=0.3), -0.02),
        ("rmse", of_values, 0.02),
        ("rmse", lambda draw: of_values(draw, shared=0.3), 0.02),
        ("mae", of_values, 0.02 * np.sqrt(2 / np.pi)),
        ("r2", of_values, -(1.02**2 - 1) / 4),
    ],
    ids=["roc_auc", "accuracy", "accuracy-clustered", "rmse", "rmse-clustered", "mae", "r2"],
)  # fmt: skip
def test_at_a_loss_equal_to_the_margin_one_in_twenty_passes(
    name: str, make: Callable[[np.random.Generator], Pair], true: float
) -> None:
    draw = np.random.default_rng(2)
    below = above = 0
    for _ in range(DRAWS):
        law = difference(name, *make(draw))
        below, above = below + (law.p_at_least(true) < 0.05), above + (law.p_at_most(true) < 0.05)
    assert 0.03 < below / DRAWS < 0.07  # three standard errors of 1,000 draws
    assert 0.03 < above / DRAWS < 0.07


def test_a_difference_of_means_is_the_paired_t_test() -> None:
    one, other = of_values(np.random.default_rng(3))
    theirs = ttest_rel(np.abs(one.predicted - one.truth), np.abs(other.predicted - other.truth), alternative="greater")
    ours = difference("mae", one, other)
    assert ours.p_at_most(0.0) == pytest.approx(theirs.pvalue, rel=0.02)  # freedom by kurtosis: a little fewer
    assert ours.p_at_most(0.0) >= theirs.pvalue or ours.p_at_most(0.0) > 0.5


def test_no_discordant_row_of_200_is_no_proof_that_there_is_none() -> None:
    rows = Rows(truth=np.ones(200), predicted=(np.arange(200) % 5 > 0).astype(np.float64))
    z = float(norm.ppf(0.975))
    law = difference("accuracy", rows, rows)
    assert law.interval(0.95) == pytest.approx((-z * z / (200 + z * z), z * z / (200 + z * z)))


UNBOUNDED = ("log_loss", "mae", "rmse", "r2", "mape", "median_absolute_error")


@pytest.mark.parametrize(
    ("kind", "name"),
    [case for case in CASES if case[1] not in UNBOUNDED],
    ids=[id_ for id_, case in zip(IDS, CASES, strict=True) if case[1] not in UNBOUNDED],
)
def test_where_nothing_differs_the_interval_is_wide_on_few_rows(kind: str, name: str) -> None:
    rows = KINDS[kind](np.random.default_rng(4))
    law = difference(name, rows, rows)
    low, high = law.interval(0.9)
    assert law.value == 0
    assert low < -0.003
    assert high > 0.003


def test_two_perfect_models_may_differ_elsewhere() -> None:
    truth = (np.arange(60) % 2).astype(np.float64)
    rows = Rows(truth=truth, predicted=truth)
    for name in ("f1", "roc_auc", "average_precision", "matthews_corrcoef", "balanced_accuracy"):
        assert difference(name, rows, rows).interval(0.9)[0] < -0.02


def test_the_same_difference_in_all_rows_says_nothing_of_others() -> None:
    truth = np.arange(100.0)
    with pytest.raises(UndefinedError, match="the same difference in all rows"):
        difference("mae", Rows(truth=truth, predicted=truth + 2), Rows(truth=truth, predicted=truth + 1))


def test_a_few_rows_that_decide_all_are_few() -> None:
    truth = np.zeros(1000)
    one, other = truth + 1.0, truth + 1.0
    one[:2] += 5
    law = difference("mae", Rows(truth=truth, predicted=one), Rows(truth=truth, predicted=other))
    low, high = law.interval(0.9)
    assert low < 0 < high


@pytest.mark.parametrize("name", ["precision", "f1", "f1_macro", "matthews_corrcoef"])
def test_metrics_of_a_class_with_hardly_a_row_are_not_compared(name: str) -> None:
    truth = (np.arange(200) < 19).astype(np.float64)
    rows = Rows(truth=truth, predicted=(np.arange(200) % 7 < 3).astype(np.float64))
    with pytest.raises(UndefinedError, match="19 of 200 rows are of the rarest class, and 20 at least") as refused:
        difference(name, rows, rows)
    assert refused.value.few


@pytest.mark.parametrize("name", ["ece", "max_error"])
def test_what_has_no_comparison_is_refused(name: str) -> None:
    rows = KINDS["scores"](np.random.default_rng(5))
    with pytest.raises(UndefinedError, match="no interval"):
        difference(name, rows, rows)


def test_a_champion_whose_scores_are_no_numbers_is_refused() -> None:
    rows = KINDS["scores"](np.random.default_rng(6))
    with pytest.raises(UndefinedError, match="no finite number"):
        difference("roc_auc", rows, replace(rows, predicted=np.full(rows.count, np.nan)))
