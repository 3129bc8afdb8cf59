from flight_delays_features.timetable import with_timetable
from flight_frames import flights


def test_minutes_and_weekday_are_new_york_time() -> None:
    [row] = with_timetable(flights({"at": "2013-07-06 22:05", "sched_arr_time": 1319})).to_dict("records")
    assert row["departure_minute"] == 22 * 60 + 5
    assert row["arrival_minute"] == 13 * 60 + 19
    assert row["weekday"] == 5  # a Saturday; in UTC it is Sunday already


def test_traffic_is_counted_by_airport_hour_and_carrier() -> None:
    table = flights(
        {"at": "2013-01-02 05:00"},
        {"at": "2013-01-02 05:59", "carrier": "DL"},
        {"at": "2013-01-02 06:00"},
        {"at": "2013-01-02 05:30", "origin": "LGA"},
    )
    counted = with_timetable(table)
    assert counted["departures_in_hour"].tolist() == [2, 2, 1, 1]
    assert counted["carrier_departures_in_hour"].tolist() == [1, 1, 1, 1]
