"""A champion's table, and a rescored one, need only what they say of rows; the rest is the candidate's."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.models.predictions import Table, read_champion, read_scores
from mlops_ci.models.table_file import TableError
from tests.unit.models.tables import settings, table


def written(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "scores.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def rescored(folder: Path, candidate: Table, columns: dict[str, Any], **named: Any) -> Table:
    return read_scores(written(folder, columns), settings(**named), candidate)


def test_scores_come_in_the_candidates_order_with_its_truth(tmp_path: Path) -> None:
    candidate = table(tmp_path, {"w": [1.0, 2, 3, 4]}, weight="w")
    found = rescored(tmp_path, candidate, {"id": [4, 2, 1, 3], "score": [0.4, 0.2, 0.1, 0.3]}, weight="w")
    assert found.score is not None
    assert found.score.tolist() == [0.1, 0.2, 0.3, 0.4]
    assert found.truth is candidate.truth
    assert found.weights is candidate.weights


def test_predicted_classes_of_a_rescored_table_are_in_the_candidates_codes(tmp_path: Path) -> None:
    named = {"prediction": "said", "score": None}
    candidate = table(tmp_path, {"late": ["n", "y", "n", "y"], "said": ["n", "n", "n", "y"]}, **named)
    found = rescored(tmp_path, candidate, {"id": [1, 2, 3, 4], "said": ["y", "a", "n", "y"]}, **named)
    assert found.prediction is not None
    assert found.texts == ("n", "y", "a")
    assert [found.texts[int(code)] for code in found.prediction] == ["y", "a", "n", "y"]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("columns", "code", "found"),
    [
        pytest.param(
            {"id": [1, 2, 3], "score": [0.1] * 3},
            "MC-MODEL-028",
            "3 rows, 1 row (4) of the candidate without a score",
            id="a-row-too-few",
        ),
        pytest.param(
            {"id": [1, 2, 3, 4, 5], "score": [0.1] * 5}, "MC-MODEL-028", "5 rows, rows too many", id="a-row-too-many"
        ),
        pytest.param(
            {"id": ["1", "2", "3", "4"], "score": [0.1] * 4},
            "MC-MODEL-028",
            "4 rows, 4 rows (1, 2, 3, 4) of the candidate without a score",
            id="ids-as-text",
        ),
        pytest.param({"id": [1, 2, 3, 3], "score": [0.1] * 4}, "MC-MODEL-015", "2 rows (3, 4)", id="an-id-twice"),
        pytest.param({"id": [1, 2, 3, 4], "score": [0.1, None, 0.1, 0.1]}, "MC-MODEL-016", "1 row (2)", id="no-score"),
        pytest.param(
            {"id": [1, 2, 3, 4], "scores": [0.1] * 4}, "MC-MODEL-012", "the columns id, scores", id="no-column"
        ),
    ],
)
def test_a_rescored_table_is_of_exactly_the_candidates_rows(
    tmp_path: Path, columns: dict[str, Any], code: str, found: str
) -> None:
    candidate = table(tmp_path, {})
    with pytest.raises(TableError) as caught:
        rescored(tmp_path, candidate, columns)
    assert [(one.code, one.found) for one in caught.value.problems] == [(code, found)]


def test_a_champion_needs_no_weight_group_time_or_slice(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": [1, 2], "late": [0, 1], "score": [0.1, 0.2]})
    named = settings(weight="w", group="g", time="t", query="q", slices=["s"])
    assert read_champion(path, named, classes=True).rows == 2
