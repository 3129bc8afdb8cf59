"""Gates on tables of predictions: judged, remembered, and without a heavy library where the answer is known."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlops_ci.core.verdicts import ExitCode, Verdict, worst_exit
from mlops_ci.gates.values import ModelVerdict
from mlops_ci.models.computed import Cell, Computed
from mlops_ci.models.evidence import evidence
from mlops_ci.models.sources import Sources
from tests.doubles.metric_store import AnsweringStore, MemoryStore
from tests.integration.predicted import binary, saved, wanted
from tests.model_factories import PREDICTIONS, a_model, judged, table_at


def _verdict(path: Path, store: MemoryStore, base: Path | None = None) -> ModelVerdict:
    model = a_model(
        metrics=None, predictions={**PREDICTIONS, "path": "p.parquet", "slices": ["carrier"]},
        gates={
            "floor": {"metric": "roc_auc", "min": 0.6},
            "same": {"metric": "roc_auc", "champion": "base", "slices": True, "judge": "interval"},
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
    assert "MC-MODEL-023" not in [finding.code for finding in verdict.findings]  # none is left out


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
