"""Metrics of real tables are those of scikit-learn, and where it has no answer, that is said."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics as sk

from mlops_ci.models.computed import Cell
from mlops_ci.models.metrics import METRICS, Reads, Shape
from tests.integration.predicted import Columns, binary, computed, saved, wanted


def _reciprocal(truth: npt.NDArray[Any], score: npt.NDArray[Any]) -> float:
    order = sorted(zip(-score, truth, strict=True))
    return next(1 / place for place, (_, relevant) in enumerate(order, start=1) if relevant)


_BINARY: dict[str, Callable[..., float]] = {
    "roc_auc": lambda t, s, _: sk.roc_auc_score(t, s),
    "average_precision": lambda t, s, _: sk.average_precision_score(t, s),
    "log_loss": lambda t, s, _: sk.log_loss(t, s),
    "brier": lambda t, s, _: sk.brier_score_loss(t, s),
    "accuracy": lambda t, _, p: sk.accuracy_score(t, p),
    "balanced_accuracy": lambda t, _, p: sk.balanced_accuracy_score(t, p),
    "precision": lambda t, _, p: sk.precision_score(t, p),
    "recall": lambda t, _, p: sk.recall_score(t, p),
    "f1": lambda t, _, p: sk.f1_score(t, p),
    "f1_macro": lambda t, _, p: sk.f1_score(t, p, average="macro"),
    "matthews_corrcoef": lambda t, _, p: sk.matthews_corrcoef(t, p),
}
_REGRESSION: dict[str, Callable[..., float]] = {
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
    "r2": sk.r2_score,
    "mape": sk.mean_absolute_percentage_error,
    "median_absolute_error": sk.median_absolute_error,
    "max_error": sk.max_error,
}
_OF_CLASSES = ("accuracy", "balanced_accuracy", "f1_macro", "matthews_corrcoef")
_CLASSES: dict[str, Callable[..., float]] = {
    "log_loss": lambda t, s, _: sk.log_loss(t, s),
    "brier": lambda t, s, _: sk.brier_score_loss(t, s),
    "roc_auc_macro": lambda t, s, _: sk.roc_auc_score(t, s, multi_class="ovr"),
    "top_3_accuracy": lambda t, s, _: float(np.mean((s >= s[np.arange(len(t)), t][:, None]).sum(axis=1) <= 3)),
    **{name: _BINARY[name] for name in _OF_CLASSES},
}
_LABELS: dict[str, Callable[..., float]] = {
    "roc_auc_macro": lambda t, s, _: sk.roc_auc_score(t, s),
    "accuracy": lambda t, _, p: sk.accuracy_score(t, p),
    "f1_macro": lambda t, _, p: sk.f1_score(t, p, average="macro"),
    "f1_micro": lambda t, _, p: sk.f1_score(t, p, average="micro"),
    "hamming_loss": lambda t, _, p: sk.hamming_loss(t, p),
}
_RANKING: dict[str, Callable[..., float]] = {
    "ndcg": lambda t, s: sk.ndcg_score([t], [s]),
    "ndcg_at_10": lambda t, s: sk.ndcg_score([t], [s], k=10),
    "mrr": _reciprocal,
    "mean_average_precision": sk.average_precision_score,
}


def test_metrics_of_scores_and_classes_are_those_of_scikit_learn(tmp_path: Path) -> None:
    columns = binary()
    answer = computed(saved(tmp_path, columns), wanted(*_BINARY))
    predicted = columns["score"] >= 0.5
    expected = {name: function(columns["late"], columns["score"], predicted) for name, function in _BINARY.items()}
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-12)
    assert answer.rows == 2000


def test_metrics_of_regression_are_those_of_scikit_learn(tmp_path: Path) -> None:
    draw = np.random.default_rng(7)
    truth = draw.normal(20, 5, 500)
    columns = {"id": np.arange(500), "late": truth, "predicted": truth + draw.normal(0, 2, 500)}
    answer = computed(
        saved(tmp_path, columns), wanted(*_REGRESSION, score=None, prediction="predicted", threshold=None)
    )
    expected = {name: function(truth, columns["predicted"]) for name, function in _REGRESSION.items()}
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-12)


def test_every_metric_of_the_table_is_compared_with_scikit_learn_here() -> None:
    assert set(METRICS) == {*_BINARY, *_REGRESSION, *_CLASSES, *_LABELS, *_RANKING, "ece"}


def in_classes(rows: int = 500) -> Columns:
    """Four classes that are texts, with scores of which many are equal."""
    draw = np.random.default_rng(3)
    code = draw.integers(0, 4, rows)
    likely = 0.6 * draw.dirichlet(np.ones(4), rows) + 0.4 * (code[:, None] == np.arange(4))
    score = draw.multinomial(64, likely) / 64
    names = np.array(["ok", "late", "lost", "void"])
    return {"id": np.arange(rows), "late": names[code], **{f"p{at}": score[:, at] for at in range(4)}}


def test_metrics_of_a_score_for_each_class_are_those_of_scikit_learn(tmp_path: Path) -> None:
    columns, names = in_classes(), ("ok", "late", "lost", "void")
    scores = np.column_stack([columns[f"p{at}"] for at in range(4)])
    code = np.array([names.index(text) for text in columns["late"]])
    asked = wanted(*_CLASSES, score=[f"p{at}" for at in range(4)], classes=list(names), threshold=None)
    answer = computed(saved(tmp_path, columns), asked)
    expected = {name: function(code, scores, scores.argmax(axis=1)) for name, function in _CLASSES.items()}
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-9)


def test_top_3_accuracy_is_that_of_scikit_learn_where_no_scores_are_equal(tmp_path: Path) -> None:
    columns = in_classes()
    scores = np.random.default_rng(5).dirichlet(np.ones(4), 500)
    columns |= {f"p{at}": scores[:, at] for at in range(4)}
    code = np.array([("ok", "late", "lost", "void").index(text) for text in columns["late"]])
    names = ["ok", "late", "lost", "void"]
    asked = wanted("top_3_accuracy", score=[f"p{at}" for at in range(4)], classes=names, threshold=None)
    value = computed(saved(tmp_path, columns), asked).values[Cell(metric="top_3_accuracy")]
    assert value == pytest.approx(sk.top_k_accuracy_score(code, scores, k=3))


def test_metrics_of_labels_are_those_of_scikit_learn(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    truth = draw.random((300, 3)) < 0.4
    scores = np.clip(0.3 * truth + 0.7 * draw.random((300, 3)), 0, 1)
    columns = {"id": np.arange(300), **{f"t{at}": truth[:, at] for at in range(3)},
               **{f"p{at}": scores[:, at] for at in range(3)}}  # fmt: skip
    asked = wanted(*_LABELS, truth=["t0", "t1", "t2"], score=["p0", "p1", "p2"])
    answer = computed(saved(tmp_path, columns), asked)
    expected = {name: function(truth, scores, scores >= 0.5) for name, function in _LABELS.items()}
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-12)


def test_metrics_of_rankings_are_the_mean_of_scikit_learns_over_queries(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    query = np.repeat(np.arange(40), 12)
    relevant = draw.random(480) < 0.3
    relevant[query == 7] = False  # left out
    score = np.round(0.3 * relevant + draw.random(480), 1)
    columns = {"id": np.arange(480), "late": relevant, "score": score, "search": query}
    shuffled = {name: values[draw.permutation(480)] if name == "id" else values for name, values in columns.items()}
    answer = computed(saved(tmp_path, shuffled), wanted(*_RANKING, query="search", threshold=None))
    expected = {
        name: np.mean([
            function(relevant[query == one], score[query == one]) for one in range(40) if relevant[query == one].any()
        ]) for name, function in _RANKING.items()
    }  # fmt: skip
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-12)


def test_graded_relevance_counts_in_ndcg(tmp_path: Path) -> None:
    truth, score = np.array([3, 0, 1, 2, 0, 2]), np.array([0.2, 0.9, 0.4, 0.4, 0.1, 0.3])
    columns = {"id": np.arange(6), "late": truth, "score": score, "search": np.array(["a"] * 4 + ["b"] * 2)}
    answer = computed(saved(tmp_path, columns), wanted("ndcg", query="search", threshold=None))
    expected = (sk.ndcg_score([truth[:4]], [score[:4]]) + sk.ndcg_score([truth[4:]], [score[4:]])) / 2
    assert answer.values[Cell(metric="ndcg")] == pytest.approx(expected)


def test_the_calibration_error_is_that_of_bins_of_equal_size_in_whatever_order_rows_come(tmp_path: Path) -> None:
    columns = binary(1500)
    order = np.argsort(columns["score"])
    bins = np.array_split(order, 15)
    off = [abs(columns["score"][one].mean() - columns["late"][one].mean()) for one in bins]
    answer = computed(saved(tmp_path, columns), wanted("ece"))
    assert answer.values[Cell(metric="ece")] == pytest.approx(np.mean(off), abs=2e-3)
    rounded = {**columns, "score": np.round(columns["score"], 1)}
    sorted_by_truth = {name: values[np.argsort(columns["late"], kind="stable")] for name, values in rounded.items()}
    first, second = (
        computed(saved(tmp_path, one), wanted("ece")).values[Cell(metric="ece")] for one in (rounded, sorted_by_truth)
    )
    assert first == pytest.approx(second, rel=1e-12)


def test_weights_are_scikit_learns_sample_weight(tmp_path: Path) -> None:
    columns = {**binary(), "w": np.random.default_rng(1).random(2000) + 0.1}
    answer = computed(saved(tmp_path, columns), wanted("roc_auc", "log_loss", "recall", weight="w"))
    late, score, weight = columns["late"], columns["score"], columns["w"]
    expected = {
        "roc_auc": sk.roc_auc_score(late, score, sample_weight=weight),
        "log_loss": sk.log_loss(late, score, sample_weight=weight),
        "recall": sk.recall_score(late, score >= 0.5, sample_weight=weight),
    }
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected, rel=1e-12)


def test_rows_of_weight_0_do_not_count(tmp_path: Path) -> None:
    columns = {**binary(), "w": np.random.default_rng(1).integers(0, 2, 2000)}
    answer = computed(saved(tmp_path, columns), wanted(*_BINARY, weight="w"))
    there = columns["w"] > 0
    fewer = {name: values[there] for name, values in columns.items()}
    plain = computed(saved(tmp_path, fewer, "fewer.parquet"), wanted(*_BINARY))
    assert answer.values == pytest.approx(plain.values, rel=1e-12)


def test_classes_may_be_texts(tmp_path: Path) -> None:
    truth, predicted = np.array(["a", "b", "c", "a", "b"]), np.array(["a", "b", "a", "a", "c"])
    columns = {"id": np.arange(5), "late": truth, "predicted": predicted}
    names = [
        name
        for name, metric in METRICS.items()
        if metric.reads is Reads.LABEL and not metric.binary and Shape.ONE in metric.shapes
    ]
    answer = computed(saved(tmp_path, columns), wanted(*names, score=None, prediction="predicted"))
    expected = {name: _BINARY[name](truth, None, predicted) for name in names}
    assert {cell.metric: value for cell, value in answer.values.items()} == pytest.approx(expected)


def test_slices_are_computed_from_their_own_rows(tmp_path: Path) -> None:
    columns = binary()
    answer = computed(saved(tmp_path, columns), wanted("roc_auc", slices=("carrier",)))
    for carrier in ("UA", "AA", "DL"):
        rows = columns["carrier"] == carrier
        expected = sk.roc_auc_score(columns["late"][rows], columns["score"][rows])
        assert answer.values[Cell(metric="roc_auc", slice=f"carrier={carrier}")] == pytest.approx(expected)


def test_only_the_largest_slices_are_computed_and_the_rest_is_counted(tmp_path: Path) -> None:
    columns = {**binary(), "carrier": np.array([f"c{number % 50}" for number in range(2000)])}
    answer = computed(saved(tmp_path, columns), wanted("accuracy", slices=("carrier",)))
    assert sum(cell.slice is not None for cell in answer.values) == 20
    assert answer.slices_left_out == {"carrier": 30}


def test_a_slice_with_a_single_class_is_undefined_and_the_rest_is_not(tmp_path: Path) -> None:
    columns = binary()
    columns["late"] = np.where(columns["carrier"] == "DL", False, columns["late"])
    answer = computed(saved(tmp_path, columns), wanted("roc_auc", slices=("carrier",)))
    assert list(answer.undefined) == [Cell(metric="roc_auc", slice="carrier=DL")]
    assert "a single class" in answer.undefined[Cell(metric="roc_auc", slice="carrier=DL")]


def test_no_warning_of_scikit_learn_reaches_the_terminal(tmp_path: Path) -> None:
    path = saved(tmp_path, {"id": np.arange(4), "late": np.array([True, False, True, False]), "score": np.zeros(4)})
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        computed(path, wanted(*_BINARY))
    assert seen == []
