"""What the timetable says. Hours and weekdays are New York local time, arrivals the local time of their airport."""

import pandas as pd

TIMETABLE = ["departure_minute", "arrival_minute", "weekday", "departures_in_hour", "carrier_departures_in_hour"]


def with_timetable(flights: pd.DataFrame) -> pd.DataFrame:
    """Adds `TIMETABLE`: minutes since midnight, weekday (Monday is 0), and how many flights are scheduled to leave
    the same airport within the same hour, in all and of the same carrier."""
    departure = flights["scheduled_departure"].dt
    hour = departure.tz_convert("UTC").dt.floor("h")
    return flights.assign(
        departure_minute=departure.hour * 60 + departure.minute,
        arrival_minute=flights["sched_arr_time"] // 100 * 60 + flights["sched_arr_time"] % 100,
        weekday=departure.day_of_week,
        departures_in_hour=traffic(flights, [hour, "origin"]),
        carrier_departures_in_hour=traffic(flights, [hour, "origin", "carrier"]),
    )


def traffic(flights: pd.DataFrame, together: list[pd.Series | str]) -> pd.Series:
    """For each flight, how many flights share `together` with it, itself included."""
    return flights.groupby(together)["flight_id"].transform("size")
