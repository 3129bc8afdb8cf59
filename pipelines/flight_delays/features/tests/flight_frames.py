"""Small tables in the shape of ingest's, made from rows that say only what differs; `at` is New York local time."""

from typing import Any

import pandas as pd


def flights(*rows: dict[str, Any]) -> pd.DataFrame:
    plain = {"carrier": "UA", "origin": "EWR", "dest": "IAH", "tailnum": "N1", "distance": 1400}
    times = {"at": "2013-01-02 05:15", "sched_arr_time": 819, "arr_delay": 11.0}
    table = pd.DataFrame([{"flight_id": f"flight-{i}", **plain, **times, **row} for i, row in enumerate(rows)])
    return table.assign(scheduled_departure=new_york(table.pop("at")))


def weather(*rows: dict[str, Any]) -> pd.DataFrame:
    air = {"temp": 39.0, "dewp": 26.0, "humid": 59.0, "precip": 0.0, "pressure": 1012.0, "visib": 10.0}
    wind = {"wind_dir": 270.0, "wind_speed": 10.4, "wind_gust": None}
    table = pd.DataFrame([{"origin": "EWR", "at": "2013-01-02 04:00", **air, **wind, **row} for row in rows])
    return table.assign(time_hour=new_york(table.pop("at")).dt.tz_convert("UTC"))


def planes() -> pd.DataFrame:
    return pd.DataFrame({"tailnum": ["N1"], "manufacturer": ["BOEING"], "seats": [149], "year": [1999.0]})


def new_york(local: pd.Series) -> pd.Series:
    return pd.to_datetime(local).dt.as_unit("us").dt.tz_localize("America/New_York")
