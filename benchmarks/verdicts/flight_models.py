"""Runs in the flight pipeline's own environment: its code makes features, trains on half a year, scores the other half.

    PYTHON flight_models.py FOLDER

writes FOLDER/NAME.parquet for each model: flight_id, scheduled_departure, late, score, carrier, origin. Nothing of
mlops-ci is imported here, and nothing here by mlops-ci.
"""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from flight_delays_features.build import build
from flight_delays_features.weather import WEATHER
from flight_delays_ingest.flights import flights_of
from flight_delays_ingest.source import data_folder, read_table
from flight_delays_train.candidates import fit
from flight_delays_train.predict import scores

LATE_AFTER = 15  # these as in params.yaml
LINEAR = {"C": 0.1, "max_iter": 1000, "random_state": 2013}
BOOSTING = {
    "learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 15, "min_samples_leaf": 200, "l2_regularization": 1.0,
    "random_state": 2013,
}  # fmt: skip
JUDGED_FROM = "2013-07"
KEPT = ["flight_id", "scheduled_departure", "late", "carrier", "origin"]
_MINUTES_OF_DAY, _UTC_AHEAD = 1440, 240


def main() -> None:
    """All models, on the same rows."""
    out = Path(sys.argv[1])
    rows = features()
    months = rows["scheduled_departure"].dt.strftime("%Y-%m")
    known, judged = rows[months < JUDGED_FROM], rows[months >= JUDGED_FROM].reset_index(drop=True)
    boosting, linear = fit("boosting", known, BOOSTING), fit("linear", known, LINEAR)
    tuned = fit("boosting", known, {**BOOSTING, "max_leaf_nodes": 31, "learning_rate": 0.08})
    blind = fit("boosting", known.drop(columns=WEATHER), BOOSTING)
    made = {
        "boosting": (boosting, judged), "linear": (linear, judged), "tuned": (tuned, judged),
        "no-weather": (blind, judged), "utc": (boosting, in_utc(judged)), "airport": (boosting, one_airport(judged)),
    }  # fmt: skip
    for name, (model, seen) in made.items():
        save(model, seen, judged, out / f"{name}.parquet")


def features() -> pd.DataFrame:
    """All of 2013."""
    flights, weather, planes = (read_table(name, data_folder()) for name in ("flights", "weather", "planes"))
    months = [flights_of(f"2013-{month:02}", flights).to_pandas() for month in range(1, 13)]
    return build(pd.concat(months, ignore_index=True), weather.to_pandas(), planes.to_pandas(), LATE_AFTER)


def in_utc(rows: pd.DataFrame) -> pd.DataFrame:
    """Damaged on purpose, as it happens: whoever asks for scores sends the time of departure in UTC."""
    return rows.assign(departure_minute=(rows["departure_minute"] + _UTC_AHEAD) % _MINUTES_OF_DAY)


def one_airport(rows: pd.DataFrame) -> pd.DataFrame:
    """Damaged for a third of the flights: the feed of one airport has lost its departure times and weather."""
    lost = rows["origin"] == "LGA"
    columns = ["departure_minute", "arrival_minute", *WEATHER]
    return rows.assign(**{name: rows[name].astype("float64").mask(lost) for name in columns})


def save(model: Any, seen: pd.DataFrame, judged: pd.DataFrame, path: Path) -> None:
    """Scores of what the model sees, beside what is true of the flight."""
    table = judged[KEPT].assign(score=scores(model, seen)["score"].to_numpy())
    table.to_parquet(path, index=False)
    print(f"{path.name}: {len(table):,} flights, {table['late'].mean():.1%} late")


if __name__ == "__main__":
    main()
