from flight_delays_features.weather import with_last_weather
from flight_frames import flights, weather


def test_the_observation_of_the_departure_hour_itself_is_not_used() -> None:
    observed = weather({"at": "2013-01-02 04:00", "temp": 4.0}, {"at": "2013-01-02 05:00", "temp": 5.0})
    joined = with_last_weather(flights({"at": "2013-01-02 05:00"}, {"at": "2013-01-02 05:59"}), observed)
    assert joined["temp"].tolist() == [4.0, 4.0]


def test_a_missing_hour_is_bridged_and_half_a_day_is_not() -> None:
    observed = weather({"at": "2013-01-02 02:00", "temp": 2.0})
    joined = with_last_weather(flights({"at": "2013-01-02 05:15"}, {"at": "2013-01-02 14:15"}), observed)
    assert joined["temp"].tolist()[0] == 2.0
    assert joined["temp"].isna().tolist() == [False, True]


def test_weather_is_that_of_the_airport() -> None:
    joined = with_last_weather(flights({"origin": "EWR"}, {"origin": "JFK"}), weather({"origin": "JFK", "temp": 1.0}))
    assert joined.set_index("origin").isna().loc["EWR", "temp"]
    assert joined.set_index("origin").loc["JFK", "temp"] == 1.0


def test_the_age_of_an_observation_is_counted_across_the_change_to_winter_time() -> None:
    evening = weather({"at": "2013-11-02 22:00", "temp": 22.0})  # seven hours before 04:00, by the clock six
    joined = with_last_weather(flights({"at": "2013-11-03 03:30"}, {"at": "2013-11-03 04:00"}), evening)
    assert joined["temp"].tolist()[0] == 22.0
    assert joined["temp"].isna().tolist() == [False, True]


def test_an_impossible_wind_is_no_wind() -> None:
    assert with_last_weather(flights({}), weather({"wind_speed": 1048.0}))["wind_speed"].isna().all()
