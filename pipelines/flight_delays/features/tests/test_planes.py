from flight_delays_features.planes import with_plane
from flight_frames import flights, planes


def test_a_plane_is_found_by_its_tail_number() -> None:
    [row] = with_plane(flights({}), planes()).to_dict("records")
    assert (row["manufacturer"], row["seats"], row["plane_age"]) == ("BOEING", 149, 14)


def test_a_flight_of_an_unknown_plane_stays_with_nulls() -> None:
    joined = with_plane(flights({"tailnum": "N999"}, {"tailnum": None}), planes())
    assert len(joined) == 2
    assert joined[["manufacturer", "seats", "plane_age"]].isna().all(axis=None)
