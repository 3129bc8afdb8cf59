"""Values are scikit-learn's; influences are derivatives by the weights of rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk

from mlops_ci.statistics.families import FAMILIES, influence_of
from mlops_ci.statistics.rows import Rows
from mlops_ci.statistics.single import estimate
from tests.unit.statistics.samples import CASES, CLASSES, IDS, KINDS, weighed

_SCALE = {"scale_by_half": False}
SKLEARN: Mapping[str, Callable[[Rows], float]] = {
    "roc_auc-scores": lambda rows: sk.roc_auc_score(*_sides(rows), **_weights(rows)),
    "average_precision-scores": lambda rows: sk.average_precision_score(*_sides(rows), **_weights(rows)),
    "log_loss-scores": lambda rows: sk.log_loss(*_sides(rows), **_weights(rows)),
    "brier-scores": lambda rows: sk.brier_score_loss(*_sides(rows), **_weights(rows)),
    "accuracy-flags": lambda rows: sk.accuracy_score(*_sides(rows), **_weights(rows)),
    "balanced_accuracy-flags": lambda rows: sk.balanced_accuracy_score(*_sides(rows), **_weights(rows)),
    "precision-flags": lambda rows: sk.precision_score(*_sides(rows), **_weights(rows)),
    "recall-flags": lambda rows: sk.recall_score(*_sides(rows), **_weights(rows)),
    "f1-flags": lambda rows: sk.f1_score(*_sides(rows), **_weights(rows)),
    "f1_macro-flags": lambda rows: sk.f1_score(*_sides(rows), average="macro", **_weights(rows)),
    "matthews_corrcoef-flags": lambda rows: sk.matthews_corrcoef(*_sides(rows), **_weights(rows)),
    "accuracy-codes": lambda rows: sk.accuracy_score(*_sides(rows), **_weights(rows)),
    "balanced_accuracy-codes": lambda rows: sk.balanced_accuracy_score(*_sides(rows), **_weights(rows)),
    "f1_macro-codes": lambda rows: sk.f1_score(*_sides(rows), average="macro", **_weights(rows)),
    "matthews_corrcoef-codes": lambda rows: sk.matthews_corrcoef(*_sides(rows), **_weights(rows)),
    "log_loss-matrix": lambda rows: sk.log_loss(*_sides(rows), **_weights(rows)),
    "brier-matrix": lambda rows: sk.brier_score_loss(*_sides(rows), **_SCALE, **_weights(rows)),
    "roc_auc_macro-matrix": lambda rows: sk.roc_auc_score(*_sides(rows), multi_class="ovr", **_weights(rows)),
    "top_3_accuracy-matrix": lambda rows: sk.top_k_accuracy_score(*_sides(rows), k=3, **_weights(rows)),
    "accuracy-labels": lambda rows: sk.accuracy_score(*_sides(rows), **_weights(rows)),
    "f1_micro-labels": lambda rows: sk.f1_score(*_sides(rows), average="micro", **_weights(rows)),
    "f1_macro-labels": lambda rows: sk.f1_score(*_sides(rows), average="macro", **_weights(rows)),
    "hamming_loss-labels": lambda rows: sk.hamming_loss(*_sides(rows), **_weights(rows)),
    "roc_auc_macro-label-scores": lambda rows: sk.roc_auc_score(*_sides(rows), **_weights(rows)),
    "mae-values": lambda rows: sk.mean_absolute_error(*_sides(rows), **_weights(rows)),
    "rmse-values": lambda rows: sk.root_mean_squared_error(*_sides(rows), **_weights(rows)),
    "r2-values": lambda rows: sk.r2_score(*_sides(rows), **_weights(rows)),
    "mape-values": lambda rows: sk.mean_absolute_percentage_error(*_sides(rows), **_weights(rows)),
    "median_absolute_error-values": lambda rows: sk.median_absolute_error(*_sides(rows), **_weights(rows)),
    "ndcg-ranked": lambda rows: _by_query(rows, lambda truth, score: sk.ndcg_score([truth], [score])),
    "ndcg_at_10-ranked": lambda rows: _by_query(rows, lambda truth, score: sk.ndcg_score([truth], [score], k=10)),
    "mrr-ranked": lambda rows: _by_query(rows, lambda t, s: max((t > 0) / [((s > x) | (s == x) & (t == 0)).sum() + 1 for x in s])),  # noqa: E501
    "mean_average_precision-ranked": lambda rows: _by_query(rows, sk.average_precision_score),
}  # fmt: skip
WITHOUT_WEIGHTS = "ranked"


def _sides(rows: Rows) -> tuple[Any, Any]:
    return rows.truth, rows.predicted


def _weights(rows: Rows) -> Mapping[str, Any]:
    return {"sample_weight": rows.weights}


def _by_query(rows: Rows, metric: Callable[[Any, Any], float]) -> float:
    """Queries of several rows, one of them relevant; of one row alone every metric is 1."""
    assert rows.queries is not None
    found = []
    for query in np.unique(rows.queries):
        truth, score = rows.truth[rows.queries == query], rows.predicted[rows.queries == query]
        if truth.any():
            found.append(metric(truth, score) if len(truth) > 1 else 1.0)
    return float(np.mean(found))


def test_every_metric_is_tried() -> None:
    assert {name for _, name in CASES} == set(FAMILIES)
    assert set(SKLEARN) == set(IDS)


@pytest.mark.parametrize("weights", [False, True], ids=["rows-alike", "weights"])
@pytest.mark.parametrize(("kind", "name", "id_"), [(*case, id_) for case, id_ in zip(CASES, IDS, strict=True)], ids=IDS)
def test_the_value_is_that_of_scikit_learn(kind: str, name: str, id_: str, weights: bool) -> None:
    draw = np.random.default_rng(3)
    rows = KINDS[kind](draw)
    if weights and kind != WITHOUT_WEIGHTS:
        rows = weighed(rows, draw)
    assert estimate(name, rows).value == pytest.approx(SKLEARN[id_](rows), abs=1e-9)


SMOOTH = [case for case in CASES if case[0] != WITHOUT_WEIGHTS and case[1] != "median_absolute_error"]


@pytest.mark.parametrize(("kind", "name"), SMOOTH, ids=[f"{name}-{kind.replace(' ', '-')}" for kind, name in SMOOTH])
def test_influences_are_derivatives_by_weight(kind: str, name: str) -> None:
    draw = np.random.default_rng(4)
    rows = weighed(KINDS[kind](draw), draw)
    found = influence_of(name, rows)[1]
    assert found.each.mean() == pytest.approx(0, abs=1e-9)
    for at in range(0, rows.count, 37):
        assert found.each[at] == pytest.approx(_derivative(name, rows, at), abs=1e-5)


def _derivative(name: str, rows: Rows, at: int) -> float:
    """By the share by which the row weighs more, times the number of rows."""
    assert rows.weights is not None
    step, found = 1e-6, []
    for sign in (1, -1):
        weights = rows.weights.copy()
        weights[at] *= 1 + sign * step
        found.append(influence_of(name, replace(rows, weights=weights))[1].value)
    return rows.count * (found[0] - found[1]) / (2 * step)


def test_influences_of_queries_are_what_each_adds_to_the_mean() -> None:
    rows = KINDS["ranked"](np.random.default_rng(5))
    found = influence_of("mrr", rows)[1]
    assert rows.queries is not None
    assert (len(found.each), found.kind) == (len(np.unique(rows.queries)), "queries")
    assert found.each.mean() == pytest.approx(0, abs=1e-12)


def test_classes_that_never_occur_are_no_part_of_a_mean_over_classes() -> None:
    rows = KINDS["codes"](np.random.default_rng(6))
    apart = replace(rows, truth=rows.truth * CLASSES, predicted=rows.predicted * CLASSES)
    for name in ("balanced_accuracy", "f1_macro", "matthews_corrcoef"):
        assert estimate(name, apart).value == estimate(name, rows).value
