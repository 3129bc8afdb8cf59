"""What a comparison is made of: rows that both models scored. The same model file proves nothing of how they were."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_ci.models.appraisal import ALL, Beside, Compared, NoValue, Question
from mlops_ci.models.appraising import Rival, appraise_table
from mlops_ci.models.predictions import Table
from tests.unit.models.tables import settings, table

ROWS = 400
CLASSES: dict[str, Any] = {"score": None, "prediction": "said"}


def columns(*, shift: int = 0) -> dict[str, Any]:
    """Half of the rows late. shift: by how many rows the scores have slipped."""
    late = np.tile([0, 1], ROWS // 2)
    score = np.roll(np.where(late == 1, 0.7, 0.3) + np.arange(ROWS) / (3 * ROWS), shift)
    return {"id": list(range(ROWS)), "late": late, "score": score, "said": (score > 0.6).astype(int)}


def compared(candidate: Table, champion: Table, metric: str, *, same_model: bool, **named: Any) -> Compared:
    question = Question(metric=metric, champion="base", margin=0.01)
    rival = Rival(table=champion, beside=Beside(), same_model=same_model)
    found = (
        appraise_table(candidate, settings(**named), {"gate": question}, {"base": rival}).cells["gate"][ALL].compared
    )
    assert isinstance(found, Compared)
    return found


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("metric", "named"), [pytest.param("roc_auc", {}, id="scores"), pytest.param("accuracy", CLASSES, id="classes")]
)
def test_the_same_model_file_that_says_other_things_is_compared(
    tmp_path: Path, metric: str, named: dict[str, Any]
) -> None:  # fmt: skip
    candidate, champion = (table(tmp_path, columns(shift=shift), **named) for shift in (1, 0))
    found = compared(candidate, champion, metric, same_model=True, **named)
    assert not found.same
    assert found.difference < -0.5


def test_equal_scores_are_the_same_model(tmp_path: Path) -> None:
    one = table(tmp_path, columns())
    assert compared(one, table(tmp_path, columns()), "roc_auc", same_model=False).same


def test_equal_classes_are_the_same_model_only_where_the_model_file_is(tmp_path: Path) -> None:
    one, other = (table(tmp_path, columns(), **CLASSES) for _ in range(2))
    assert compared(one, other, "accuracy", same_model=True, **CLASSES).same
    apart = compared(one, other, "accuracy", same_model=False, **CLASSES)
    assert not apart.same
    assert apart.low < 0 < apart.high


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("required", [True, False], ids=["required", "not-required"])
def test_values_that_nobody_looks_at_are_without_a_number_where_their_column_is_required(
    tmp_path: Path, *, required: bool
) -> None:  # fmt: skip
    named = {"slices": [{"column": "shop", "required": required}]}
    one = table(tmp_path, {**columns(), "shop": [f"S{row % 25:02}" for row in range(ROWS)]}, **named)
    question = Question(metric="roc_auc", low=0.5, columns=(("shop",),))
    cells = appraise_table(one, settings(**named), {"gate": question}, {}).cells["gate"]
    lacking = {name: cell for name, cell in cells.items() if "more" in name}
    assert list(lacking) == (["shop (5 more values)"] if required else [])
    assert all(isinstance(cell.estimated, NoValue) and cell.columns == ("shop",) for cell in lacking.values())
    assert all(cell.rows == 5 * ROWS // 25 for cell in lacking.values())
