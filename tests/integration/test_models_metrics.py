"""Metrics of real tables are those of scikit-learn, and where it has no answer, that is said."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn import metrics as sk

from mlops_ci.core.verdicts import ExitCode, Verdict, worst_exit
from mlops_ci.gates.values import ModelVerdict
from mlops_ci.models.computed import Cell, Computed, Wanted
from mlops_ci.models.evidence import evidence
from mlops_ci.models.metrics import METRICS, Reads, Shape
from mlops_ci.models.sources import Sources
from tests.doubles.metric_store import AnsweringStore, MemoryStore
from tests.model_factories import PREDICTIONS, a_model, judged, table_at

Columns = dict[str, npt.NDArray[Any]]


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


def binary(rows: int = 2000) -> Columns:
    draw = np.random.default_rng(7)
    late = draw.random(rows) < 0.3
    score = np.clip(draw.normal(0.35 + 0.2 * late, 0.2), 0.001, 0.999)
    carrier = draw.choice(np.array(["UA", "AA", "DL"]), rows, p=[0.6, 0.3, 0.1])
    return {"id": np.arange(rows), "late": late, "score": score, "carrier": carrier}


def saved(folder: Path, columns: Columns, name: str = "p.parquet") -> Path:
    path = folder / name
    parquet.write_table(pa.table(columns), path)
    return path


def wanted(*names: str, slices: tuple[str, ...] = (), **overrides: Any) -> Wanted:
    settings = {**PREDICTIONS, "path": "p.parquet", "slices": list(slices), **overrides}
    predictions = a_model(predictions=settings).predictions
    assert predictions is not None
    return Wanted(settings=predictions, metrics=dict.fromkeys(names, tuple((one,) for one in slices)))


def computed(path: Path, asked: Wanted) -> Computed:
    answer = evidence(table_at(path), asked, MemoryStore())
    assert isinstance(answer, Computed), answer
    return answer


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


_YES_NO = np.array([True, False, True, False])


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "columns", "why"),
    [
        ("precision", {"score": np.zeros(4)}, "Precision is ill-defined due to no predicted samples"),
        ("matthews_corrcoef", {"score": np.zeros(4)}, "one and the same class is predicted"),
        ("log_loss", {"score": np.array([0.1, 1.5, -2, 0.3])}, "scores lie outside 0 to 1 in 2 of 4 rows"),
        ("brier", {"score": np.array([0.1, 1.5, 0.2, 0.3])}, "scores lie outside 0 to 1 in 1 of 4 rows"),
        ("roc_auc", {"late": np.array(["yes", "no", "yes", "no"])}, "other classes than 0 and 1"),
        ("roc_auc", {"late": np.array([0, 1, 2, 1])}, "other classes than 0 and 1"),
        ("f1", {"late": np.array([0, 1, 2, 1])}, "other classes than 0 and 1"),
        ("accuracy", {"late": np.array(["yes", "no", "yes", "no"])}, "the truth holds text, the prediction numbers"),
        ("accuracy", {"late": np.array([0.5, 0.25, 1.5, 1.0])}, "what reaches the threshold is 1"),
        ("roc_auc", {"score": np.full(4, 0.7)}, "one and the same score in all 4 rows, so roc_auc tells nothing apart"),
        ("average_precision", {"score": np.full(4, 0.7)}, "one and the same score in all 4 rows"),
        ("ece", {"score": np.full(4, 0.7)}, "one and the same score in all 4 rows"),
        ("ece", {"score": np.array([0.1, -0.5, 0.2, 0.3])}, "scores lie outside 0 to 1 in 1 of 4 rows"),
        ("roc_auc", {"late": np.array([-1, 1, -1, 1])}, "the truth holds other classes than 0 and 1"),
        ("accuracy", {"late": np.array([-1, 1, -1, 1])}, "other classes than 0 and 1 (or false and true), and what"),
        ("mae", {"late": np.arange(4)}, "the predictions have no column for the predicted value"),
        ("ndcg", {}, "ndcg needs the column with the query that a row answers: `query:`"),
        ("hamming_loss", {}, "the predictions hold one truth and one score, and hamming_loss needs several labels"),
        (
            "top_3_accuracy",
            {},
            "the predictions hold one truth and one score, and top_3_accuracy needs a score for each class",
        ),
    ],
)
def test_an_undefined_metric_is_no_number(tmp_path: Path, metric: str, columns: Columns, why: str) -> None:
    whole = {"id": np.arange(4), "late": _YES_NO, "score": np.array([0.9, 0.1, 0.8, 0.2]), **columns}
    answer = computed(saved(tmp_path, whole), wanted(metric))
    assert answer.values == {}
    assert why in answer.undefined[Cell(metric=metric)]


def test_classes_that_are_no_whole_numbers_are_no_classes(tmp_path: Path) -> None:
    columns = {"id": np.arange(3), "late": np.array([0.5, 0.25, 1.5]), "predicted": np.array([0.5, 0.5, 1.5])}
    answer = computed(saved(tmp_path, columns), wanted("accuracy", score=None, prediction="predicted", threshold=None))
    assert "continuous" in answer.undefined[Cell(metric="accuracy")]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "columns", "why"),
    [
        ("log_loss", {"p0": np.array([0.5, 0.5, 0.9, 0.1])}, "do not add up to 1 in 2 of 4 rows"),
        ("brier", {"p0": np.array([1.5, 0.5, 0.5, 0.5])}, "scores lie outside 0 to 1 in 1 of 4 rows"),
        ("roc_auc_macro", {}, "1 of 3 classes occur in no row or in all of 4 rows; the first is number 3"),
        ("top_3_accuracy", {}, "of three classes the right one is always among the first three"),
        (
            "roc_auc",
            {},
            "the predictions hold a score for each class, and roc_auc needs one truth and one score; roc_auc_macro",
        ),
        ("f1", {}, "the predictions hold a score for each class, and f1 needs one truth and one score"),
        ("balanced_accuracy", {"late": np.array(["a", "a", "a", "b"])}, None),
    ],
)
def test_a_metric_that_classes_do_not_give_is_no_number(
    tmp_path: Path, metric: str, columns: Columns, why: str | None
) -> None:
    whole = {"id": np.arange(4), "late": np.array(["a", "b", "a", "b"]), "p0": np.full(4, 0.5),
             "p1": np.array([0.3, 0.4, 0.2, 0.1]), "p2": np.array([0.2, 0.1, 0.3, 0.4]), **columns}  # fmt: skip
    asked = wanted(metric, score=["p0", "p1", "p2"], classes=["a", "b", "c"], threshold=None)
    answer = computed(saved(tmp_path, whole), asked)
    assert answer.undefined.get(Cell(metric=metric), "") == "" if why is None else answer.values == {}
    assert why is None or why in answer.undefined[Cell(metric=metric)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "columns", "why"),
    [
        (
            "roc_auc_macro",
            {"t1": np.zeros(4)},
            "1 of 2 labels occur in no row or in all of 4 rows; the first is number 2",
        ),
        ("roc_auc_macro", {"p1": np.full(4, 0.2)}, "one and the same score in all 4 rows (score column 2)"),
        (
            "f1_macro",
            {"t1": np.zeros(4), "p1": np.zeros(4)},
            "1 of 2 labels neither occur nor are predicted in any of 4 rows",
        ),
        ("matthews_corrcoef", {}, "the predictions hold several labels, and matthews_corrcoef needs one truth"),
    ],
)
def test_a_metric_that_labels_do_not_give_is_no_number(tmp_path: Path, metric: str, columns: Columns, why: str) -> None:
    whole = {"id": np.arange(4), "t0": np.array([0, 1, 0, 1]), "t1": np.array([1, 1, 0, 0]),
             "p0": np.array([0.3, 0.4, 0.2, 0.1]), "p1": np.array([0.2, 0.1, 0.3, 0.4]), **columns}  # fmt: skip
    answer = computed(saved(tmp_path, whole), wanted(metric, truth=["t0", "t1"], score=["p0", "p1"]))
    assert answer.values == {}
    assert why in answer.undefined[Cell(metric=metric)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "columns", "why"),
    [
        (
            "ndcg",
            {"late": np.array([-1, 1, 0, 1])},
            "the truth is below 0 in 1 rows, and ndcg needs relevances from 0 on",
        ),
        ("mrr", {"late": np.array([2, 1, 0, 1])}, "the truth holds other classes than 0 and 1"),
        ("mrr", {"score": np.full(4, 0.5)}, "one and the same score in all 4 rows"),
    ],
)
def test_a_metric_that_rankings_do_not_give_is_no_number(
    tmp_path: Path, metric: str, columns: Columns, why: str
) -> None:
    whole = {"id": np.arange(4), "late": _YES_NO, "score": np.array([0.9, 0.1, 0.8, 0.2]), "q": np.arange(4) // 2,
             **columns}  # fmt: skip
    answer = computed(saved(tmp_path, whole), wanted(metric, query="q", threshold=None))
    assert answer.values == {}
    assert why in answer.undefined[Cell(metric=metric)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "truth", "why"),
    [("r2", [5.0, 5.0, 5.0], "the same in all 3 rows"), ("mape", [0.0, 1.0, 2.0], "the truth is 0 in 1 of 3 rows"),
     ("rmse", [1e308, -1e308, 1e308], "scikit-learn answers inf")],
)  # fmt: skip
def test_an_undefined_metric_of_regression_is_no_number(
    tmp_path: Path, metric: str, truth: list[float], why: str
) -> None:
    columns = {"id": np.arange(3), "late": np.array(truth), "predicted": np.array([-1e308, 2.0, 3.0])}
    answer = computed(saved(tmp_path, columns), wanted(metric, score=None, prediction="predicted", threshold=None))
    assert answer.values == {}
    assert why in answer.undefined[Cell(metric=metric)]


def test_no_warning_of_scikit_learn_reaches_the_terminal(tmp_path: Path) -> None:
    path = saved(tmp_path, {"id": np.arange(4), "late": _YES_NO, "score": np.zeros(4)})
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        computed(path, wanted(*_BINARY))
    assert seen == []


def _verdict(path: Path, store: MemoryStore, base: Path | None = None) -> ModelVerdict:
    model = a_model(
        metrics=None, predictions={**PREDICTIONS, "path": "p.parquet", "slices": ["carrier"]},
        gates={
            "floor": {"metric": "roc_auc", "min": 0.6},
            "same": {"metric": "roc_auc", "champion": "base", "slices": True},
        },
    )  # fmt: skip
    sources = Sources(predictions=table_at(base or path))
    return judged(model, Sources(predictions=table_at(path)), base=sources, store=store)


def test_a_worse_model_fails_against_the_base_and_slices_are_listed(tmp_path: Path) -> None:
    columns = binary()
    noise = np.random.default_rng(1).random(2000)
    worse = {**columns, "score": np.clip(0.5 * columns["score"] + 0.5 * noise, 0, 1)}
    verdict = _verdict(saved(tmp_path, worse, "now.parquet"), MemoryStore(), saved(tmp_path, columns, "then.parquet"))
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.PASS, Verdict.FAIL]
    assert {row.slice for row in verdict.metrics} == {None, "carrier=UA", "carrier=AA", "carrier=DL"}
    assert all(row.base is not None and row.candidate is not None for row in verdict.metrics)
    assert "slices are listed and not judged yet" in [finding.what for finding in verdict.findings]


def test_what_was_computed_once_is_not_computed_again(tmp_path: Path) -> None:
    path, store = saved(tmp_path, binary()), MemoryStore()
    first, again = _verdict(path, store), _verdict(path, store)
    assert first.computed
    assert (again.computed, again.stored) == (False, True)
    assert first.metrics == again.metrics
    assert first.verdicts == again.verdicts


def test_other_settings_are_computed_anew(tmp_path: Path) -> None:
    file, store = table_at(saved(tmp_path, binary())), MemoryStore()
    strict, lax = (evidence(file, wanted("recall", threshold=threshold), store) for threshold in (0.6, 0.2))
    assert isinstance(strict, Computed)
    assert isinstance(lax, Computed)
    assert strict.values[Cell(metric="recall")] < lax.values[Cell(metric="recall")]


def test_bad_predictions_are_told_once_and_are_not_stored(tmp_path: Path) -> None:
    columns = binary()
    columns["score"][[3, 5]] = np.nan
    store = MemoryStore()
    verdict = _verdict(saved(tmp_path, columns), store)
    assert [(finding.code, finding.found) for finding in verdict.findings] == [("MC-MODEL-016", "2 rows (4, 6)")]
    assert worst_exit(finding.exit for finding in verdict.findings) is ExitCode.FAIL
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.FAIL, Verdict.FAIL]
    assert store.kept == {}


@pytest.mark.guarantee("G12")
def test_bad_predictions_at_the_base_are_inconclusive(tmp_path: Path) -> None:
    columns = binary()
    bad = {**columns, "score": np.full(2000, np.nan)}
    verdict = _verdict(saved(tmp_path, columns, "now.parquet"), MemoryStore(), saved(tmp_path, bad, "then.parquet"))
    assert [gate.verdict for gate in verdict.verdicts] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    assert worst_exit(finding.exit for finding in verdict.findings) is ExitCode.INCONCLUSIVE


_CODE = """
import json, sys
from tests.doubles.metric_store import AnsweringStore
from tests.model_factories import PREDICTIONS, a_model, judged
from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.models.sources import PredictionsFile, Sources

store = AnsweringStore({"rows": 9, json.dumps(["value", "roc_auc", None]): 0.8})
file = PredictionsFile(digest=digest_of_bytes(b""), fetch=lambda: sys.exit("fetched"))
model = a_model(predictions=PREDICTIONS, gates={"floor": {"metric": "roc_auc", "min": 0.7}})
verdict = judged(model, Sources(metrics=b"{}", predictions=file), store=store)
assert verdict.judged == 1 and not verdict.computed, verdict
heavy = {"sklearn", "pandas", "pyarrow", "numpy", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_judging_what_is_known_imports_no_heavy_library() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", _CODE], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_store_that_knows_is_asked_first(tmp_path: Path) -> None:
    store = AnsweringStore({"rows": 4, '["value", "roc_auc", null]': 0.8})
    answer = evidence(table_at(saved(tmp_path, binary())), wanted("roc_auc"), store)
    assert isinstance(answer, Computed)
    assert answer.values == {Cell(metric="roc_auc"): 0.8}
