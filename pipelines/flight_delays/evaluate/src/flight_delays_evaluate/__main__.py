"""`python -m flight_delays_evaluate ...`: the better candidate, its predictions, metrics and plots."""

import argparse
import json
import shutil
from pathlib import Path

import pandas as pd

from flight_delays_evaluate.judge import PICKED_BY, Metrics, better, metrics
from flight_delays_evaluate.plots import PLOTS
from flight_delays_train.model_file import load
from flight_delays_train.predict import scores

SLICES = ["carrier", "origin"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight_delays_evaluate", description=__doc__)
    parser.add_argument("--candidates", type=Path, nargs="+", required=True, help="models, named by their files")
    parser.add_argument("--validation", type=Path, required=True, help="Parquet file to pick the candidate on")
    parser.add_argument("--test", type=Path, required=True, help="Parquet file to judge the picked one on")
    parser.add_argument("--model", type=Path, required=True, help="where the picked model goes")
    parser.add_argument("--predictions", type=Path, required=True, help="its predictions on the test rows")
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--plots", type=Path, required=True, help="the folder for the points to draw")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    for folder in (options.model.parent, options.predictions.parent, options.metrics.parent, options.plots):
        folder.mkdir(parents=True, exist_ok=True)
    validation = validated(options.candidates, pd.read_parquet(options.validation))
    picked = better(validation)
    [model] = [path for path in options.candidates if path.stem == picked]
    predictions = predicted(model, pd.read_parquet(options.test))
    shutil.copyfile(model, options.model)
    predictions.to_parquet(options.predictions, index=False)
    write_metrics(metrics(predictions["late"], predictions["score"]), validation, options.metrics)
    write_plots(predictions, options.plots)
    print(f"picked {picked} by {PICKED_BY} on validation: {validation}")


def validated(candidates: list[Path], rows: pd.DataFrame) -> dict[str, Metrics]:
    """The metrics of every candidate, by the name of its file, on the validation rows."""
    return {path.stem: metrics(rows["late"], scores(load(path), rows)["score"]) for path in candidates}


def predicted(model: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a flight: its name, when it was to leave, the truth, the score, and the slices to judge apart."""
    scored = scores(load(model), rows)
    known = rows[["flight_id", "scheduled_departure", "late", *SLICES]]
    known.insert(3, "score", scored["score"])
    return known


def write_metrics(test: Metrics, validation: dict[str, Metrics], path: Path) -> None:
    """The picked model's values on test at the top, all candidates' values on validation below."""
    path.write_text(json.dumps({**test, "validation": validation}, indent=2) + "\n", encoding="utf-8", newline="\n")


def write_plots(predictions: pd.DataFrame, folder: Path) -> None:
    for name, points in PLOTS.items():
        drawn = points(predictions["late"], predictions["score"])
        drawn.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
