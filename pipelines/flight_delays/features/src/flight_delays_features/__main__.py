"""`python -m flight_delays_features build ...` and, after it, `split ...`; `--help` tells their options."""

import argparse
from pathlib import Path

import pandas as pd

from flight_delays_features.build import LABEL_SOURCE, SCHEDULE, build
from flight_delays_features.split import split


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight_delays_features", description=__doc__)
    steps = parser.add_subparsers(required=True)
    building = steps.add_parser("build", help="flights, weather and planes to one table of features")
    building.set_defaults(step=build_features)
    building.add_argument("--flights", type=Path, required=True, help="folder with one Parquet file a month")
    building.add_argument("--months", nargs="+", required=True, help="which of them to read, like 2013-01")
    building.add_argument("--weather", type=Path, required=True)
    building.add_argument("--planes", type=Path, required=True)
    building.add_argument("--late-after", type=int, required=True, help="minutes of arrival delay that are not late")
    building.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    splitting = steps.add_parser("split", help="features to train, validation and test, by month")
    splitting.set_defaults(step=split_features)
    splitting.add_argument("--features", type=Path, required=True)
    splitting.add_argument("--validation-months", type=int, required=True)
    splitting.add_argument("--test-months", type=int, required=True)
    splitting.add_argument("--out", type=Path, required=True, help="the folder for the three Parquet files")
    return parser.parse_args()


def build_features(options: argparse.Namespace) -> None:
    columns = [*SCHEDULE, LABEL_SOURCE]
    months = [pd.read_parquet(options.flights / f"{month}.parquet", columns=columns) for month in options.months]
    flights = pd.concat(months, ignore_index=True)
    weather, planes = pd.read_parquet(options.weather), pd.read_parquet(options.planes)
    features = build(flights, weather, planes, options.late_after)
    write(features, options.out)
    dropped = len(flights) - len(features)
    print(f"dropped {dropped:,} of {len(flights):,} flights: cancelled or diverted, so without an arrival delay")


def split_features(options: argparse.Namespace) -> None:
    parts = split(pd.read_parquet(options.features), options.validation_months, options.test_months)
    for name, part in parts.items():
        write(part, options.out / f"{name}.parquet")


def write(rows: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(path, index=False)
    late = f"{rows['late'].mean():.1%} late"
    print(f"{path.as_posix()}: {len(rows):,} rows, {rows.shape[1]} columns, {late}")


if __name__ == "__main__":
    options = arguments()
    options.step(options)
