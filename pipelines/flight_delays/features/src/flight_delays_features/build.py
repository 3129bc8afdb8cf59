"""The table of features: one row a flight that arrived, nothing in it from after the scheduled departure.

Two lists keep the future out. Of a flight's own record only `SCHEDULE` is ever looked at, and only `FEATURES` leave.
The arrival delay makes the label and nothing else.
"""

import pandas as pd

from flight_delays_features.planes import PLANE, with_plane
from flight_delays_features.timetable import TIMETABLE, with_timetable
from flight_delays_features.weather import WEATHER, with_last_weather

KEYS = ["flight_id", "scheduled_departure", "late"]
SCHEDULE = ["flight_id", "scheduled_departure", "carrier", "origin", "dest", "tailnum", "distance", "sched_arr_time"]
LABEL_SOURCE = "arr_delay"
FEATURES = ["carrier", "origin", "dest", "distance", *TIMETABLE, *WEATHER, *PLANE]


def build(flights: pd.DataFrame, weather: pd.DataFrame, planes: pd.DataFrame, late_after: int) -> pd.DataFrame:
    """`KEYS` and `FEATURES` of every flight that arrived, by scheduled departure; late means more than `late_after`
    minutes. Cancelled and diverted flights have no arrival delay: they have no row, but still count as traffic."""
    known = with_timetable(flights[SCHEDULE])
    known = with_last_weather(known, weather)
    known = with_plane(known, planes)
    labelled = known.merge(label(flights, late_after), on="flight_id", validate="one_to_one")
    return labelled.sort_values(["scheduled_departure", "flight_id"], ignore_index=True)[KEYS + FEATURES]


def label(flights: pd.DataFrame, late_after: int) -> pd.DataFrame:
    """`flight_id` and `late` of the flights that have an arrival delay (in minutes)."""
    arrived = flights[flights[LABEL_SOURCE].notna()]
    return pd.DataFrame({"flight_id": arrived["flight_id"], "late": arrived[LABEL_SOURCE] > late_after})
