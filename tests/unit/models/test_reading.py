"""Columns of weights, groups, queries, times, labels and classes are read by their values."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.models.tables import csv, json_lines, table


def test_groups_queries_days_and_weights_are_read(tmp_path: Path) -> None:
    times = ["2013-01-01T00:00Z", "2013-01-01T12:00Z", "2013-01-03T00:00Z", "2013-01-02T00:00Z"]
    columns = {"g": ["b", "a", "b", "c"], "q": [9, 9, 7, 7], "w": [1, 0, 2, 3], "t": times}
    read = table(tmp_path, columns, group="g", query="q", weight="w", time="t")
    assert read.groups is not None
    assert read.queries is not None
    assert read.weights is not None
    assert (read.groups.tolist(), read.queries.tolist()) == ([0, 1, 0, 2], [0, 0, 1, 1])
    assert (read.weights.tolist(), read.days) == ([1.0, 0.0, 2.0, 3.0], 2.0)
    blocks = table(tmp_path, columns, time="t", block="day").groups
    assert blocks is not None
    assert blocks.tolist() == [0, 0, 1, 2]


def test_the_same_classes_are_read_of_text_of_numbers_and_of_true_and_false(tmp_path: Path) -> None:
    for late, names in (([1, 0, 1, 0], ["0", "1"]), ([True, False, True, False], ["false", "true"]),
                        (["x", "n", "x", "n"], ["n", "x"]), ([1.0, 0.0, 1.0, 0.0], ["0", "1"])):  # fmt: skip
        columns = {"late": late, "p0": [0.5] * 4, "p1": [0.5] * 4}
        read = table(tmp_path, columns, classes=names, score=["p0", "p1"])
        assert (read.truth.tolist(), read.texts) == ([1.0, 0.0, 1.0, 0.0], tuple(names))


def test_in_a_csv_file_one_text_makes_all_classes_texts(tmp_path: Path) -> None:
    read = csv(tmp_path, "id,late,said\n1,1,1\n2,x,1\n3,2,2\n", score=None, prediction="said")
    assert read.texts == ("1", "2", "x")
    assert read.prediction is not None
    assert (read.truth.tolist(), read.prediction.tolist()) == ([0.0, 2.0, 1.0], [0.0, 0.0, 1.0])
    turned = csv(tmp_path, "id,late,said\n1,1,1\n2,2,x\n3,2,2\n", score=None, prediction="said")
    assert turned.prediction is not None
    assert [turned.texts[int(code)] for code in turned.prediction] == ["1", "x", "2"]


def test_labels_of_a_csv_file_are_read_as_of_any_other(tmp_path: Path) -> None:
    read = csv(tmp_path, "id,a,b,p,q\n1,0,true,.1,.2\n2,1,false,.3,.4\n", truth=["a", "b"], score=["p", "q"])
    assert read.score is not None
    assert (read.truth.tolist(), read.score.tolist()) == ([[0, 1], [1, 0]], [[0.1, 0.2], [0.3, 0.4]])


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0, 2.5, None, 1.0], ["1", "2.5", "(missing)", "1"]),
        ([True, False, None, True], ["True", "False", "(missing)", "True"]),
        (["", "a", None, "(missing)"], ["(missing)", "a", "(missing)", "(missing)"]),
        ([float("nan"), 1.0, 2.0, float("nan")], ["(missing)", "1", "2", "(missing)"]),
    ],
    ids=["floats", "booleans", "texts", "nan"],
)
def test_slices_are_texts_by_code(tmp_path: Path, values: list[Any], texts: list[str]) -> None:
    coded = table(tmp_path, {"s": values}, slices=["s"]).slices["s"]
    assert [coded.texts[code] for code in coded.codes] == texts
    assert len(set(coded.texts)) == len(coded.texts)


def test_texts_of_json_lines_that_look_like_times_stay_texts(tmp_path: Path) -> None:
    texts = ["2013-07-04", "2013-07-05", "2013-07-04"]
    rows = [
        {"id": f"2013-07-04T0{at}:00Z", "late": at % 2, "score": at / 4, "s": text} for at, text in enumerate(texts)
    ]
    read = json_lines(tmp_path, rows, slices=["s"])
    assert read.slices["s"].texts == ("2013-07-04", "2013-07-05")
    assert read.ids[1].as_py() == "2013-07-04T01:00Z"
