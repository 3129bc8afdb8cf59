from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from flight_delays_ingest.flights import flights_of

NEW_YORK = ZoneInfo("America/New_York")


def a_flight(**overrides: Any) -> dict[str, Any]:
    departure = {"year": 2013, "month": 1, "day": 2, "hour": 5, "minute": 15}
    names = {"carrier": "UA", "flight": 1545, "origin": "EWR"}
    return {**departure, **names, "time_hour": datetime(2013, 1, 2, 10, tzinfo=UTC), **overrides}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def test_only_the_asked_month_is_kept_in_the_order_of_the_source() -> None:
    flights = table(a_flight(flight=2), a_flight(month=2), a_flight(year=2014), a_flight(flight=1))
    assert flights_of("2013-01", flights)["flight"].to_pylist() == [2, 1]


def test_a_flight_is_named_by_date_carrier_number_and_origin() -> None:
    flights = flights_of("2013-01", table(a_flight(), a_flight(origin="LGA")))
    assert flights["flight_id"].to_pylist() == ["2013-01-02-UA-1545-EWR", "2013-01-02-UA-1545-LGA"]


def test_the_scheduled_departure_is_an_instant_in_new_york() -> None:
    departures = flights_of("2013-01", table(a_flight()))["scheduled_departure"]
    assert departures.type == pa.timestamp("us", tz="America/New_York")
    assert departures.to_pylist() == [datetime(2013, 1, 2, 5, 15, tzinfo=NEW_YORK)]


def test_summer_time_moves_the_instant_and_not_the_local_hour() -> None:
    summer = a_flight(month=7, hour=6, minute=30, time_hour=datetime(2013, 7, 2, 10, tzinfo=UTC))
    [departure] = flights_of("2013-07", table(summer))["scheduled_departure"].to_pylist()
    assert (departure.hour, departure.minute) == (6, 30)
    assert departure.astimezone(UTC) == datetime(2013, 7, 2, 10, 30, tzinfo=UTC)


def test_a_month_without_flights_is_an_error() -> None:
    with pytest.raises(ValueError, match="no flights in 2014-01"):
        flights_of("2014-01", table(a_flight()))
