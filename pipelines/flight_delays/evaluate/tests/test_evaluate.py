import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from flight_delays_evaluate.__main__ import main
from flight_delays_train.model_file import save


def rows(seed: int) -> pd.DataFrame:
    chosen = np.random.default_rng(seed)
    minute = chosen.integers(0, 1440, 300)
    return pd.DataFrame(
        {
            "flight_id": [f"flight-{number}" for number in range(300)],
            "scheduled_departure": pd.Timestamp("2013-11-02 05:15", tz="America/New_York"),
            "late": chosen.random(300) < minute / 1440,
            "carrier": "UA",
            "origin": "EWR",
            "minute": minute,
            "noise": chosen.normal(size=300),
        }
    )


def model(feature: str) -> Pipeline:
    only = ColumnTransformer([("only", "passthrough", [feature])])
    training = rows(1)
    return make_pipeline(only, LogisticRegression()).fit(training, training["late"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the better of two candidates, `informed`, has been picked and evaluated."""
    for name, feature in (("blind", "noise"), ("informed", "minute")):
        save(model(feature), tmp_path / f"{name}.skops")
    for number, name in enumerate(("validation", "test")):
        rows(number + 2).to_parquet(tmp_path / f"{name}.parquet", index=False)
    inputs = "--candidates blind.skops informed.skops --validation validation.parquet --test test.parquet"
    outputs = "--model out/delays.skops --predictions predictions.parquet --metrics metrics.json --plots plots"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["evaluate", *inputs.split(), *outputs.split()])
    main()
    return tmp_path


def test_the_better_candidate_is_picked_byte_for_byte(folder: Path) -> None:
    assert (folder / "out/delays.skops").read_bytes() == (folder / "informed.skops").read_bytes()


def test_predictions_are_those_of_the_test_rows(folder: Path) -> None:
    predictions = pd.read_parquet(folder / "predictions.parquet")
    assert list(predictions) == ["flight_id", "scheduled_departure", "late", "score", "carrier", "origin"]
    assert predictions["late"].tolist() == rows(3)["late"].tolist()
    assert predictions["score"].between(0, 1).all()


def test_metrics_hold_the_test_at_the_top_and_each_candidate_below(folder: Path) -> None:
    metrics = json.loads((folder / "metrics.json").read_text())
    validation = metrics.pop("validation")
    assert list(validation) == ["blind", "informed"]
    assert validation["informed"]["roc_auc"] > validation["blind"]["roc_auc"]
    assert set(metrics) == {"roc_auc", "average_precision", "log_loss", "brier"}
    assert metrics["roc_auc"] > 0.7


def test_plots_are_written(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "plots").iterdir()) == [
        "calibration.csv",
        "precision_recall.csv",
        "roc.csv",
    ]
