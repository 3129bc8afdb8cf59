"""One month of flights, each with a name of its own and its scheduled departure.

In the source `year`, `month`, `day`, `hour` and `minute` are the scheduled departure in New York local time, while
`time_hour` is that hour in UTC. All delays are in minutes, `distance` is in miles.
"""

import pyarrow as pa
import pyarrow.compute as pc

NEW_YORK = "America/New_York"


def flights_of(month: str, flights: pa.Table) -> pa.Table:
    """The flights of one month ("2013-01", by New York date) in the order of the source, with their identity."""
    year, number = (int(part) for part in month.split("-"))
    rows = flights.filter((pc.field("year") == year) & (pc.field("month") == number))
    if not rows.num_rows:
        raise ValueError(f"no flights in {month}: the source has none of that month, see months in inputs.yaml")
    departures = rows.add_column(0, "scheduled_departure", scheduled_departures(rows))
    return departures.add_column(0, "flight_id", flight_ids(rows))


def flight_ids(rows: pa.Table) -> pa.ChunkedArray:
    """`2013-01-31-UA-1545-EWR`: date, carrier, number, origin. Unique in 2013; without the origin it is not."""
    date = [pc.utf8_lpad(pc.cast(rows[part], pa.string()), 2, "0") for part in ("year", "month", "day")]
    return pc.binary_join_element_wise(
        *date, rows["carrier"], pc.cast(rows["flight"], pa.string()), rows["origin"], "-"
    )


def scheduled_departures(rows: pa.Table) -> pa.ChunkedArray:
    """Instants with the time zone of New York. Built from UTC, so the hour that autumn repeats is no riddle."""
    minutes = pc.multiply(pc.cast(rows["minute"], pa.int64()), 60_000_000)
    instants = pc.add(rows["time_hour"], pc.cast(minutes, pa.duration("us")))
    return pc.cast(instants, pa.timestamp("us", tz=NEW_YORK))
