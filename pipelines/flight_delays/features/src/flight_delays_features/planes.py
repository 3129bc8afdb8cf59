"""The aircraft, as its registration describes it."""

import pandas as pd

PLANE = ["manufacturer", "seats", "plane_age"]


def with_plane(flights: pd.DataFrame, planes: pd.DataFrame) -> pd.DataFrame:
    """Adds `PLANE` by tail number, the age in years at departure; an unknown aircraft gives nulls."""
    known = planes[["tailnum", "manufacturer", "seats", "year"]]
    joined = flights.merge(known, how="left", on="tailnum", validate="many_to_one")
    return joined.assign(plane_age=joined["scheduled_departure"].dt.year - joined["year"]).drop(columns="year")
