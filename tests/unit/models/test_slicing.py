"""Slices are told apart by name, whatever their values are; one that is lost would be judged by nobody."""

from pathlib import Path

import pytest

from mlops_ci.models.slicing import slices_by
from tests.unit.models.tables import table

HOSTILE = ["plain", "a\tb", "a\nb", "a\x00b", "1, b=2", '"1, b=2"', " x", "x", "\N{REPLACEMENT CHARACTER}", "z" * 90]


def test_no_two_values_have_one_name(tmp_path: Path) -> None:
    count = len(HOSTILE)
    columns = {"id": list(range(count)), "late": [0, 1] * (count // 2), "score": [0.5] * count, "v": HOSTILE}
    found = slices_by(table(tmp_path, columns, slices=["v"]), ["v"])
    assert sorted(len(rows) for rows in found.rows.values()) == [1] * count
    assert found.left_out == 0
    assert all("\n" not in name and len(name) < 110 for name in found.rows)


@pytest.mark.guarantee("G12")
def test_a_value_that_looks_like_a_pair_is_not_taken_for_one(tmp_path: Path) -> None:
    columns = {"a": ["1", "1, b=2", "1", "1"], "b": ["2", "2", "3", "3"]}
    both = table(tmp_path, columns, slices=["a", "b"])
    single, pair = slices_by(both, ["a"]), slices_by(both, ["a", "b"])
    assert not set(single.rows) & set(pair.rows)
    assert set(single.rows) == {"a=1", 'a="1, b=2"'}
