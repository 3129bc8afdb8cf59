import zipfile
from pathlib import Path

import pytest

from flight_delays_ingest.flights import flights_of
from flight_delays_ingest.source import data_folder, parse, read_table

CSV = b"origin,temp,time_hour\nEWR,39.02,2013-01-01T06:00:00Z\nNA,NA,2013-01-01T07:00:00Z\n"


def test_na_is_null_in_numbers_and_in_text() -> None:
    table = parse(CSV)
    assert table["temp"].to_pylist() == [39.02, None]
    assert table["origin"].to_pylist() == ["EWR", None]


def test_the_hour_of_the_source_is_utc() -> None:
    assert str(parse(CSV).schema.field("time_hour").type) == "timestamp[us, tz=UTC]"


@pytest.mark.parametrize("compressed", [False, True])
def test_a_table_is_read_plain_or_zipped(tmp_path: Path, compressed: bool) -> None:
    if compressed:
        with zipfile.ZipFile(tmp_path / "weather.csv.zip", "w") as archive:
            archive.writestr("weather.csv", CSV)
    else:
        (tmp_path / "weather.csv").write_bytes(CSV)
    assert read_table("weather", tmp_path).num_rows == 2


def test_the_real_flights_of_january_have_unique_names_and_one_clock() -> None:
    january = flights_of("2013-01", read_table("flights", data_folder()))
    assert january.num_rows == 27_004
    assert len(set(january["flight_id"].to_pylist())) == january.num_rows
    local = [departure.hour for departure in january["scheduled_departure"].to_pylist()]
    assert local == january["hour"].to_pylist()
