"""A champion's table is compared with only where it is of the same rows and the same truth; else words say why not."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import GateVerdict
from mlops_ci.models.sources import Sources
from tests.integration.predicted import Columns, binary, saved
from tests.model_factories import PREDICTIONS, a_model, judged, table_at

ROWS = 600


def verdict_on(
    folder: Path, candidate: Columns, champion: Columns, *, metric: str = "roc_auc", **named: Any
) -> GateVerdict:
    """The verdict of one gate that compares with the base."""
    settings = {**PREDICTIONS, "path": "p.parquet", **named}
    model = a_model(
        judge=None, metrics=None, predictions=settings,
        gates={"same": {"metric": "roc_auc", "champion": "base", "margin": 0.05}},
    )  # fmt: skip
    now, then = saved(folder, candidate, "now.parquet"), saved(folder, champion, "then.parquet")
    found = judged(model, Sources(predictions=table_at(now)), base=Sources(predictions=table_at(then)))
    (verdict,) = found.verdicts
    return verdict


def changed(columns: Columns, **others: Any) -> Columns:
    return {**columns, **others}


def part(columns: Columns, rows: Any) -> Columns:
    return {name: values[rows] for name, values in columns.items()}


def half(columns: Columns, **others: Any) -> Columns:
    """The very rows of the candidate, but for these columns."""
    return changed(part(columns, slice(0, ROWS // 2)), **others)


def test_rows_in_another_order_are_the_same_rows(tmp_path: Path) -> None:
    columns = binary(ROWS)
    other = part(columns, np.random.default_rng(1).permutation(ROWS))
    found = verdict_on(tmp_path, columns, other)
    assert found.verdict is Verdict.PASS, found.words


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("champion", "words"),
    [
        pytest.param(lambda whole: part(whole, slice(0, ROWS)), "a part of the champion's rows", id="fewer-test-rows"),
        pytest.param(lambda whole: part(whole, slice(ROWS // 2, ROWS)), "are for other rows", id="another-split"),
        pytest.param(
            lambda whole: half(whole, late=~whole["late"][: ROWS // 2]),
            "the truth of the same rows has changed",
            id="truth-recomputed",
        ),
        pytest.param(
            lambda whole: half(whole, id=whole["id"][: ROWS // 2].astype(str)),
            "ids are text, the candidate's numbers",
            id="ids-as-text",
        ),
        pytest.param(
            lambda whole: half(whole, id=np.zeros(ROWS // 2, dtype=np.int64)),
            "ids occur more than once",
            id="one-id-for-all",
        ),
        pytest.param(
            lambda whole: half(whole, score=np.full(ROWS // 2, np.nan)),
            "NaN or missing in column score",
            id="nan-scores",
        ),
        pytest.param(
            lambda whole: half(whole, score=np.full(ROWS // 2, 0.5)), "one and the same score", id="constant-scores"
        ),
        pytest.param(
            lambda whole: {name: values for name, values in whole.items() if name != "score"},
            "no column score",
            id="no-score",
        ),
    ],
)
def test_a_table_that_is_not_of_the_same_rows_and_truth_passes_nothing(
    tmp_path: Path, champion: Any, words: str
) -> None:
    whole = binary(2 * ROWS)
    found = verdict_on(tmp_path, part(whole, slice(0, ROWS // 2)), champion(whole))
    assert found.verdict in (Verdict.INCONCLUSIVE, Verdict.FAIL)
    assert words in found.words, found.words


def test_a_champion_needs_none_of_the_columns_that_only_say_how_to_judge(tmp_path: Path) -> None:
    columns = binary(ROWS)
    candidate = changed(
        columns, w=np.ones(ROWS), tail=np.arange(ROWS) % 100, region=np.arange(ROWS) % 3,
        score=np.clip(columns["score"] + 0.01, 0, 1),
    )  # fmt: skip
    found = verdict_on(tmp_path, candidate, columns, weight="w", group="tail", slices=["region"])
    assert found.verdict is Verdict.PASS, found.words


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("off", [0, 1], ids=["same", "one-off"])
def test_ids_of_nineteen_digits_are_compared_to_the_last(tmp_path: Path, off: int) -> None:
    columns = binary(ROWS)
    ids = 2**60 + 2 * np.arange(ROWS, dtype=np.int64)
    other = ids.copy()
    other[-1] += off
    found = verdict_on(tmp_path, changed(columns, id=ids), changed(columns, id=other))
    assert (found.verdict is Verdict.PASS) is (off == 0), found.words


def test_ids_of_another_width_are_the_same(tmp_path: Path) -> None:
    columns = binary(ROWS)
    path = tmp_path / "then.parquet"
    ids = pa.array(np.arange(ROWS).astype(str)).dictionary_encode()
    candidate = changed(columns, id=np.arange(ROWS).astype(str))
    found = verdict_on(tmp_path, candidate, changed(columns, id=ids))
    assert parquet.read_schema(path).field("id").type != pa.string()
    assert found.verdict is Verdict.PASS, found.words
