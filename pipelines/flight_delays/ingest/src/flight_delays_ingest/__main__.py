"""`python -m flight_delays_ingest flights --month 2013-01 --out FILE`, likewise `weather` and `planes`."""

import argparse
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from flight_delays_ingest.flights import flights_of
from flight_delays_ingest.source import data_folder, read_table


def month(text: str) -> str:
    """A month as "2013-01"."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no month; expected a year and a month, like 2013-01")
    return text


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight_delays_ingest", description=__doc__)
    tables = parser.add_subparsers(dest="table", required=True)
    for name in ("flights", "weather", "planes"):
        table = tables.add_parser(name)
        table.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
        if name == "flights":
            table.add_argument("--month", type=month, required=True, help="the month to take, like 2013-01")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    table = read_table(options.table, data_folder())
    if options.table == "flights":
        table = flights_of(options.month, table)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(table, options.out)
    print(f"{options.out.as_posix()}: {table.num_rows:,} rows")


if __name__ == "__main__":
    main()
