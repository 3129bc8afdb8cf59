"""A gate that can't be judged as it is written is told so, with exit 2, on its line."""

from typing import Any

import pytest

from mlops_ci.config.models import Gate
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.gates.rules import margin_of, problems_of_gates, slice_margin_of
from tests.model_factories import PREDICTIONS, a_model, a_place

SCORES = {"predictions": PREDICTIONS}
_ROW = {"path": "p.csv", "id": "id"}
CLASSES = {"predictions": {**_ROW, "truth": "kind", "score": ["p_a", "p_b"], "classes": ["a", "b"]}}
LABELS = {"predictions": {**_ROW, "truth": ["a", "b"], "prediction": ["p", "q"]}}
SLICED = {"predictions": {**PREDICTIONS, "slices": ["carrier", "origin"]}}
VALUES = {"predictions": {**_ROW, "truth": "y", "prediction": "said", "slices": ["carrier"]}}


@pytest.mark.parametrize(
    ("gate", "model", "code"),
    [
        ({"metric": "roc_auc", "min": 75}, {}, "MC-GATE-011"),
        ({"metric": "mae", "min": -1}, {}, "MC-GATE-011"),
        ({"metric": "log_loss", "champion": "base"}, {}, "MC-GATE-013"),
        ({"metric": "r2", "champion": "base"}, {}, "MC-GATE-013"),
        ({"metric": "own", "champion": "base", "better": "higher"}, {}, "MC-GATE-013"),
        ({"metric": "own", "champion": "base", "margin": 1}, {}, "MC-GATE-014"),
        ({"metric": "roc_auc", "champion": "base", "better": "lower"}, {}, "MC-GATE-014"),
        ({"metric": "mae", "max": 5}, SCORES, "MC-GATE-015"),
        ({"metric": "f1", "min": 0.5}, {"predictions": {**PREDICTIONS, "threshold": None}}, "MC-GATE-015"),
        ({"metric": "ndcg", "min": 0.5}, SCORES, "MC-GATE-015"),
        ({"metric": "roc_auc_macro", "min": 0.5}, SCORES, "MC-GATE-027"),
        ({"metric": "hamming_loss", "max": 0.5}, CLASSES, "MC-GATE-027"),
        ({"metric": "roc_auc", "min": 0.5}, CLASSES, "MC-GATE-027"),
        ({"metric": "matthews_corrcoef", "min": 0.5}, LABELS, "MC-GATE-027"),
        ({"metric": "roc_auc", "min": 0.5}, {"metrics": None}, "MC-GATE-016"),
        ({"metric": "own", "min": 0.5}, {"metrics": None, **SCORES}, "MC-GATE-016"),
        ({"metric": "own", "min": 0.5, "slices": True}, SLICED, "MC-GATE-017"),
        ({"metric": "roc_auc", "min": 0.5, "judge": "point", "slices": True}, SLICED, "MC-GATE-017"),
        ({"metric": "max_error", "max": 5, "slices": True}, VALUES, "MC-GATE-017"),
    ],
)
def test_what_a_gate_lacks_is_exit_2_on_its_line(gate: dict[str, Any], model: dict[str, Any], code: str) -> None:
    ((name, (finding,)),) = problems_of_gates("delays", a_model(gates={"floor": gate}, **model), a_place).items()
    assert (name, finding.subject, finding.code) == ("floor", "delays.floor", code)
    assert finding.exit is ExitCode.USAGE
    assert finding.place is not None
    assert finding.do


@pytest.mark.parametrize(
    ("gate", "model"),
    [
        ({"metric": "roc_auc", "min": 0.5}, SCORES),
        ({"metric": "roc_auc", "champion": "base"}, {}),
        ({"metric": "log_loss", "champion": "base", "margin": 0.01}, SCORES),
        ({"metric": "own", "champion": "base", "margin": 0.01, "better": "lower"}, {}),
        ({"metric": "f1", "min": 0.5}, SCORES),
        ({"metric": "accuracy", "min": 0.5}, CLASSES),
        ({"metric": "roc_auc_macro", "min": 0.5}, CLASSES),
        ({"metric": "f1_micro", "min": 0.5}, LABELS),
        ({"metric": "mrr", "min": 0.5}, {"predictions": {**PREDICTIONS, "query": "search"}}),
        ({"metric": "roc_auc", "min": 0, "max": 1, "judge": "interval", "slices": ["carrier"]}, SLICED),
        ({"metric": "r2", "min": -5}, {}),
    ],
)
def test_a_sound_gate_has_no_problem(gate: dict[str, Any], model: dict[str, Any]) -> None:
    assert problems_of_gates("delays", a_model(gates={"floor": gate}, **model), a_place) == {}


def test_a_mistyped_name_is_answered_with_the_nearest_one() -> None:
    model = a_model(gates={"floor": {"metric": "rocauc", "champion": "base", "margin": 0.01}})
    ((finding,),) = problems_of_gates("delays", model, a_place).values()
    assert "did you mean roc_auc?" in finding.do


@pytest.mark.parametrize(
    ("gate", "margin"),
    [
        ({"metric": "roc_auc"}, 0.01),
        ({"metric": "matthews_corrcoef"}, 0.02),
        ({"metric": "roc_auc", "margin": 0}, 0.0),
        ({"metric": "log_loss"}, None),
        ({"metric": "own"}, None),
    ],
)
def test_the_default_margin_is_one_percent_of_the_range(gate: dict[str, Any], margin: float | None) -> None:
    assert margin_of(a_model(gates={"floor": {"champion": "base", **gate}}).gates["floor"]) == margin


def test_a_gate_that_asks_for_better_needs_no_margin_of_a_metric_without_end() -> None:
    gate = Gate.model_validate_json('{"metric": "log_loss", "champion": "base", "superior": true}')
    assert (margin_of(gate), slice_margin_of(gate)) == (0.0, 0.0)
