"""`python -m flight_delays_train.predict --model FILE --rows FILE --out FILE`: scores for a table of features."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from flight_delays_train.model_file import load


def scores(model: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """`flight_id` and `score`, the probability of being late, in the order of the rows. Needs no column `late`."""
    return pd.DataFrame({"flight_id": rows["flight_id"], "score": model.predict_proba(rows)[:, 1]})


def main() -> None:
    parser = argparse.ArgumentParser(prog="flight_delays_train.predict", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a model in skops format")
    parser.add_argument("--rows", type=Path, required=True, help="Parquet file of features with a flight_id")
    parser.add_argument("--out", type=Path, required=True, help="the Parquet file to write: flight_id, score")
    options = parser.parse_args()
    scored = scores(load(options.model), pd.read_parquet(options.rows))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    scored.to_parquet(options.out, index=False)


if __name__ == "__main__":
    main()
