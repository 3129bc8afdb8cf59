import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from flight_delays_features.build import FEATURES, KEYS, LABEL_SOURCE, SCHEDULE, build
from flight_frames import flights, planes, weather

AFTER_DEPARTURE = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "late"]


def rows() -> pd.DataFrame:
    """Forty flights over four hours, every column of the source that is known only afterwards filled in."""
    chosen = np.random.default_rng(0)
    hours = [f"2013-01-02 {5 + number % 4:02d}:{number:02d}" for number in range(40)]
    table = flights(*({"at": hour, "arr_delay": float(chosen.integers(-30, 90))} for hour in hours))
    return table.assign(**{name: chosen.normal(size=40) for name in AFTER_DEPARTURE if name not in table})


def test_no_feature_is_named_like_something_from_after_the_departure() -> None:
    assert not set(FEATURES) & set(AFTER_DEPARTURE)
    assert not set(SCHEDULE) & set(AFTER_DEPARTURE)


@pytest.mark.parametrize("seed", range(3))
def test_features_do_not_change_when_all_that_came_after_is_scrambled(seed: int) -> None:
    before = rows()
    chosen = np.random.default_rng(seed)
    after = before.assign(**{name: chosen.normal(size=40) for name in AFTER_DEPARTURE})
    after[LABEL_SOURCE] = np.where(before[LABEL_SOURCE] > 15, 999.0, -999.0)
    assert_frame_equal(build(before, weather({}), planes(), 15), build(after, weather({}), planes(), 15))


def test_features_need_nothing_but_the_schedule_and_the_label_source() -> None:
    before = rows()
    bare = before[[*SCHEDULE, LABEL_SOURCE]]
    assert_frame_equal(build(before, weather({}), planes(), 15), build(bare, weather({}), planes(), 15))


def test_late_is_more_than_the_given_minutes() -> None:
    table = flights({"arr_delay": 15.0}, {"arr_delay": 16.0}, {"arr_delay": -3.0})
    assert build(table, weather({}), planes(), 15)["late"].tolist() == [False, True, False]


def test_a_flight_that_never_arrived_has_no_row_but_is_traffic() -> None:
    features = build(flights({}, {"arr_delay": None, "tailnum": None}), weather({}), planes(), 15)
    assert features["flight_id"].tolist() == ["flight-0"]
    assert features["departures_in_hour"].tolist() == [2]


def test_columns_and_order_are_fixed() -> None:
    features = build(flights({"at": "2013-01-02 09:00"}, {"at": "2013-01-02 05:00"}), weather({}), planes(), 15)
    assert list(features) == [*KEYS, *FEATURES]
    assert features["flight_id"].tolist() == ["flight-1", "flight-0"]


def test_two_flights_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="not a one-to-one merge"):
        build(flights({"flight_id": "same"}, {"flight_id": "same"}), weather({}), planes(), 15)
