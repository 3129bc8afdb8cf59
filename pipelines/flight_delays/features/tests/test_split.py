import pytest

from flight_delays_features.split import months_of, split
from flight_frames import flights


def test_the_last_months_test_and_those_before_validate() -> None:
    parts = months_of(["2013-10", "2013-11", "2013-12", "2014-01"], 1, 2)
    assert parts == {"train": ["2013-10"], "validation": ["2013-11"], "test": ["2013-12", "2014-01"]}


def test_a_later_month_moves_every_boundary() -> None:
    assert months_of(["2013-01", "2013-02", "2013-03", "2013-04"], 1, 1)["train"] == ["2013-01", "2013-02"]


@pytest.mark.parametrize(("count", "validation", "test"), [(2, 1, 1), (3, 1, 2), (5, 0, 1), (5, 1, 0), (0, 1, 1)])
def test_no_part_may_be_empty(count: int, validation: int, test: int) -> None:
    with pytest.raises(ValueError, match=r"name more in inputs\.yaml"):
        months_of([f"2013-{month:02d}" for month in range(1, count + 1)], validation, test)


def test_every_row_is_in_one_part_by_its_new_york_month() -> None:
    late_evening = {"at": "2013-01-31 23:30"}  # February in UTC
    rows = flights(late_evening, {"at": "2013-02-01 06:00"}, {"at": "2013-03-01 06:00"})
    parts = split(rows, 1, 1)
    assert {name: part["flight_id"].tolist() for name, part in parts.items()} == {
        "train": ["flight-0"],
        "validation": ["flight-1"],
        "test": ["flight-2"],
    }
