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
from mlops_ci.models.metrics import METRICS, Reads
from mlops_ci.models.sources import Sources
from tests.doubles.metric_store import AnsweringStore, MemoryStore
from tests.model_factories import PREDICTIONS, a_model, judged, table_at

Columns = dict[str, npt.NDArray[Any]]

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
    return Wanted(settings=predictions, metrics=dict.fromkeys(names, slices))


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
    assert set(METRICS) == {*_BINARY, *_REGRESSION}


def test_classes_may_be_texts(tmp_path: Path) -> None:
    truth, predicted = np.array(["a", "b", "c", "a", "b"]), np.array(["a", "b", "a", "a", "c"])
    columns = {"id": np.arange(5), "late": truth, "predicted": predicted}
    names = [name for name, metric in METRICS.items() if metric.reads is Reads.LABEL and not metric.binary]
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
        ("accuracy", {"late": np.array([0.5, 0.25, 1.5, 1.0])}, "continuous"),
    ],
)
def test_an_undefined_metric_is_no_number(tmp_path: Path, metric: str, columns: Columns, why: str) -> None:
    whole = {"id": np.arange(4), "late": _YES_NO, "score": np.array([0.9, 0.1, 0.8, 0.2]), **columns}
    answer = computed(saved(tmp_path, whole), wanted(metric))
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
