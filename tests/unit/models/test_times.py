"""Times are instants of one clock, and blocks begin at the same instant for all rows."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from mlops_ci.config.models import Block
from mlops_ci.models.columns import UnfitColumnError
from mlops_ci.models.times import MixedZonesError, as_times

TOKYO = timezone(timedelta(hours=9))


def seconds(values: list[Any], kind: pa.DataType | None = None) -> list[int]:
    return [int(one) for one in as_times(pa.chunked_array([pa.array(values, type=kind)])).seconds]


NOON = datetime(2013, 7, 4, 12, tzinfo=UTC)
AT_NOON = int(NOON.timestamp())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2013-07-04T12:00:00Z", AT_NOON), ("2013-07-04 12:00:00+00:00", AT_NOON), ("2013-07-04T12:00Z", AT_NOON),
        ("2013-07-04T21:00:00+09:00", AT_NOON), ("2013-07-04T21:00:00.987654321+0900", AT_NOON),
        ("2013-07-04T08:00:00-04", AT_NOON), ("2013-07-04T12:00:00", AT_NOON), ("2013-07-04", AT_NOON - 43_200),
        (NOON, AT_NOON), (NOON.astimezone(TOKYO), AT_NOON), (NOON.replace(tzinfo=None), AT_NOON),
        (date(2013, 7, 4), AT_NOON - 43_200),
    ],
)  # fmt: skip
def test_a_time_is_the_same_instant_however_it_is_written(value: Any, expected: int) -> None:
    assert seconds([value, value]) == [expected, expected]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_column_of_times_has_a_zone_and_counts_in_utc(unit: str) -> None:
    kind = pa.timestamp(unit, "America/New_York")
    assert seconds([NOON, NOON.astimezone(TOKYO)], kind) == [AT_NOON, AT_NOON]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["2013-07-04T12:00Z", "2013-07-04T12:00Z", "2013-07-04T12:00"], "+00:00 in 2 rows, no zone in 1 row"),
        (["2013-07-04T12:00+02:00", "2013-07-04T12:00+01:00"], "+02:00 in 1 row, +01:00 in 1 row"),
        (["2013-07-04", "2013-07-04T00:00Z"], "no zone in 1 row, +00:00 in 1 row"),
    ],
)
def test_times_of_several_zones_are_refused(values: list[str], told: str) -> None:
    with pytest.raises(MixedZonesError) as caught:
        seconds(values)
    assert str(caught.value) == told


def test_one_zone_may_be_written_in_several_ways() -> None:
    assert seconds(["2013-07-04T12:00Z", "2013-07-04T12:00+0000", "2013-07-04T12:00z"]) == [AT_NOON] * 3


@pytest.mark.parametrize(
    "values", [[1, 2], [1.5, 2.5], ["noon"], ["04/07/2013"], ["2013-13-45"], ["2013-07-04T25:00"], [[1], [2]], [True]],
    ids=["numbers", "floats", "word", "day-first", "month-13", "hour-25", "lists", "booleans"],
)  # fmt: skip
def test_what_is_no_time_is_refused(values: list[Any]) -> None:
    with pytest.raises(UnfitColumnError, match="times like 2013"):
        seconds(values)


@pytest.mark.parametrize(
    ("block", "together"),
    [
        (Block.HOUR, [0, 1, 2, 2, 3, 4]), (Block.DAY, [0, 0, 0, 0, 1, 2]), (Block.WEEK, [0, 0, 0, 0, 0, 1]),
        (Block.MONTH, [0, 0, 0, 0, 1, 1]),
    ],
)  # fmt: skip
def test_blocks_begin_at_midnight_on_mondays_and_on_the_first_in_utc(block: Block, together: list[int]) -> None:
    times = ["2024-02-29T00:00", "2024-02-29T01:59", "2024-02-29T23:00", "2024-02-29T23:59", "2024-03-01T00:00",
             "2024-03-04T00:00"]  # fmt: skip
    found = as_times(pa.chunked_array([pa.array(times)])).blocks(block)
    assert [sorted(set(found.tolist())).index(one) for one in found.tolist()] == together


def test_blocks_before_1970_are_blocks_too() -> None:
    found = as_times(pa.chunked_array([pa.array(["1969-12-31T23:30", "1970-01-01T00:30"])]))
    assert found.blocks(Block.DAY).tolist() == [-1, 0]
    assert found.days == pytest.approx(1 / 24)
