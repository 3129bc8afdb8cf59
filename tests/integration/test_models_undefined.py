"""Where a metric has no value, or none that means anything, that is said, and it is no number."""

from pathlib import Path

import numpy as np
import pytest

from mlops_ci.models.computed import Cell
from tests.integration.predicted import Columns, computed, saved, wanted

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
        ("roc_auc_macro", {}, "1 of 3 classes occur in no row or in all of 4 rows; the first is c"),
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
