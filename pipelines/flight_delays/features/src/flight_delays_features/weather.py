"""The last weather before the hour of the scheduled departure.

An observation named 9:00 may have been made at 9:51, so a flight scheduled at 9:05 may only see the one named 8:00.
Units: degrees Fahrenheit, per cent, degrees of the compass, miles an hour, inches, millibars, miles.
"""

import pandas as pd

WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
OLDEST = pd.Timedelta(hours=6)  # beyond that an observation says little, and the flight has none
STRONGEST_WIND = 200.0  # miles an hour; the source holds one reading of 1,048


def with_last_weather(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Adds `WEATHER` as observed at the flight's airport in the last hour before that of its scheduled departure.

    `weather` is hourly, `time_hour` in UTC. Rows come back in order of departure; missing observations are nulls.
    """
    hours = flights.assign(departure_hour=flights["scheduled_departure"].dt.tz_convert("UTC").dt.floor("h"))
    return pd.merge_asof(
        hours.sort_values("departure_hour", kind="stable"),
        observations(weather),
        left_on="departure_hour",
        right_on="time_hour",
        by="origin",
        allow_exact_matches=False,
        tolerance=OLDEST,
    ).drop(columns=["departure_hour", "time_hour"])


def observations(weather: pd.DataFrame) -> pd.DataFrame:
    """The columns to join, by time, without impossible winds."""
    possible = weather["wind_speed"].where(weather["wind_speed"] < STRONGEST_WIND)
    return weather.assign(wind_speed=possible).sort_values("time_hour", kind="stable")[
        ["origin", "time_hour", *WEATHER]
    ]
