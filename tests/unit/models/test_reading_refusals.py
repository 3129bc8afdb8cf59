"""Columns of weights, groups, queries, times, labels and classes that are no evidence are told, with their rows."""

from pathlib import Path
from typing import Any

import pytest

from mlops_ci.models.table_file import TableError
from tests.unit.models.tables import csv, json_lines, table, told


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("columns", "code", "what", "found"),
    [
        pytest.param(
            [1.0, None, 1.0, 1.0], "MC-MODEL-016", "values are NaN or missing in column w", "1 row (2)", id="missing"
        ),
        pytest.param(
            [1.0, float("nan"), 1.0, 1.0],
            "MC-MODEL-016",
            "values are NaN or missing in column w",
            "1 row (2)",
            id="nan",
        ),
        pytest.param(
            [1.0, float("inf"), 1.0, 1.0], "MC-MODEL-016", "values are infinite in column w", "1 row (2)", id="infinite"
        ),
        pytest.param(
            [1.0, -1.0, 1.0, -0.5], "MC-MODEL-026", "weights below 0 in column w", "2 rows (2, 4)", id="negative"
        ),
        pytest.param([0, 0, 0, 0], "MC-MODEL-026", "all weights are 0 in column w", "0 in 4 rows", id="all-zero"),
        pytest.param(
            ["1", "2", "1", "1"], "MC-MODEL-018", "column w does not hold numbers", "the type string", id="text"
        ),
    ],
)
def test_weights_that_weigh_nothing_are_refused(
    tmp_path: Path, columns: list[Any], code: str, what: str, found: str
) -> None:
    assert told(lambda: table(tmp_path, {"w": columns}, weight="w")) == [(code, what, found)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("name", ["group", "query"])
@pytest.mark.parametrize(
    ("values", "code", "what", "found"),
    [
        pytest.param(
            ["a", None, "b", "b"], "MC-MODEL-016", "values are NaN or missing in column g", "1 row (2)", id="missing"
        ),
        pytest.param(
            [1.0, 2.0, float("nan"), 2.0],
            "MC-MODEL-016",
            "values are NaN or missing in column g",
            "1 row (3)",
            id="nan",
        ),
        pytest.param(
            [[1], [2], [1], [2]],
            "MC-MODEL-018",
            "column g does not hold numbers, text or times",
            "the type list<element: int64>",
            id="lists",
        ),
    ],
)
def test_rows_without_a_group_or_query_are_refused(
    tmp_path: Path, name: str, values: list[Any], code: str, what: str, found: str
) -> None:
    assert told(lambda: table(tmp_path, {"g": values}, **{name: "g"})) == [(code, what, found)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("values", "code", "what", "found"),
    [
        pytest.param(
            ["2013-01-01T00:00Z", None, "2013-01-01T00:00Z", "2013-01-01T00:00Z"],
            "MC-MODEL-016",
            "values are NaN or missing in column t",
            "1 row (2)",
            id="missing",
        ),
        pytest.param(
            ["2013-01-01T00:00Z", "2013-01-01T00:00", "2013-01-01T00:00Z", "2013-01-01T00:00Z"],
            "MC-MODEL-024",
            "times of different zones in column t",
            "+00:00 in 3 rows, no zone in 1 row",
            id="naive-and-aware",
        ),
        pytest.param(
            ["2013-01-01", "soon", "2013-01-01", "never"],
            "MC-MODEL-018",
            "column t does not hold times like 2013-07-04T18:30:00Z",
            "2 rows (2, 4)",
            id="words",
        ),
        pytest.param(
            [1357000000, 1357000001, 1357000002, 1357000003],
            "MC-MODEL-018",
            "column t does not hold times like 2013-07-04T18:30:00Z",
            "the type int64",
            id="numbers",
        ),
    ],
)
def test_times_that_make_no_block_are_refused(
    tmp_path: Path, values: list[Any], code: str, what: str, found: str
) -> None:
    assert told(lambda: table(tmp_path, {"t": values}, time="t", block="day")) == [(code, what, found)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("values", "code", "what", "found"),
    [
        pytest.param(
            [0, 1, 2, 1], "MC-MODEL-027", "column b holds something else than a label", "1 row (3)", id="a-third-class"
        ),
        pytest.param(
            [-1, 1, -1, 1],
            "MC-MODEL-027",
            "column b holds something else than a label",
            "2 rows (1, 3)",
            id="minus-one",
        ),
        pytest.param(
            [0.0, 0.5, 1.0, 0.0], "MC-MODEL-027", "column b holds something else than a label", "1 row (2)", id="half"
        ),
        pytest.param(
            ["no", "yes", "no", "yes"],
            "MC-MODEL-027",
            "column b holds something else than a label",
            "4 rows (1, 2, 3, 4)",
            id="text",
        ),
        pytest.param(
            [0, None, 1, 0], "MC-MODEL-016", "values are NaN or missing in column b", "1 row (2)", id="missing"
        ),
        pytest.param(
            [[0], [1], [1], [0]],
            "MC-MODEL-018",
            "column b does not hold classes: numbers, text, or true and false",
            "the type list<element: int64>",
            id="lists",
        ),
    ],
)
def test_labels_are_0_and_1(tmp_path: Path, values: list[Any], code: str, what: str, found: str) -> None:
    columns = {"b": values, "p": [0.1, 0.2, 0.3, 0.4]}
    assert told(lambda: table(tmp_path, columns, truth=["late", "b"], score=["score", "p"])) == [(code, what, found)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("columns", "code", "what", "found"),
    [
        pytest.param(
            {"late": ["a", "b", "d", "b"]},
            "MC-MODEL-025",
            "column late holds a class that `classes` lacks",
            "1 row (3)",
            id="unknown",
        ),
        pytest.param(
            {"late": [0, 1, 0, 1]},
            "MC-MODEL-025",
            "column late holds a class that `classes` lacks",
            "4 rows (1, 2, 3, 4)",
            id="numbers-for-names",
        ),
        pytest.param(
            {"late": ["a", "a", "a", "a"]},
            "MC-MODEL-017",
            "the truth holds a single class in column late",
            "one class in 4 rows",
            id="single",
        ),
        pytest.param(
            {"late": ["a", None, "b", "a"]},
            "MC-MODEL-016",
            "values are NaN or missing in column late",
            "1 row (2)",
            id="missing",
        ),
        pytest.param(
            {"p1": ["0.1", "0.2", "0.3", "0.4"]},
            "MC-MODEL-018",
            "column p1 does not hold numbers",
            "the type string",
            id="text-in-the-matrix",
        ),
        pytest.param(
            {"p1": [0.1, float("nan"), 0.2, 0.3]},
            "MC-MODEL-016",
            "values are NaN or missing in column p1",
            "1 row (2)",
            id="nan-in-the-matrix",
        ),
        pytest.param(
            {"p1": [0.1, float("inf"), 0.2, 0.3]},
            "MC-MODEL-016",
            "values are infinite in column p1",
            "1 row (2)",
            id="infinite-in-the-matrix",
        ),
        pytest.param(
            {"said": ["a", "b", "c", "e"]},
            "MC-MODEL-025",
            "column said holds a class that `classes` lacks",
            "1 row (4)",
            id="predicted-unknown",
        ),
    ],
)
def test_classes_are_those_that_are_declared(
    tmp_path: Path, columns: dict[str, Any], code: str, what: str, found: str
) -> None:
    whole = {"late": ["a", "b", "a", "c"], "p0": [0.5] * 4, "p1": [0.3] * 4, "p2": [0.2] * 4, **columns}
    named = {"prediction": "said"} if "said" in columns else {}
    read = lambda: table(tmp_path, whole, classes=["a", "b", "c"], score=["p0", "p1", "p2"], **named)  # noqa: E731
    assert told(read) == [(code, what, found)]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("columns", "found"),
    [
        pytest.param({"said": ["no", "yes", "no", "yes"]}, "numbers in late, text in said", id="numbers-text"),
        pytest.param(
            {"late": ["a", "b", "a", "b"], "said": [0, 1, 0, 1]}, "text in late, numbers in said", id="text-numbers"
        ),
    ],
)
def test_truth_and_prediction_are_classes_of_one_kind(tmp_path: Path, columns: dict[str, Any], found: str) -> None:
    what = "column said does not hold what column late holds"
    assert told(lambda: table(tmp_path, columns, prediction="said")) == [("MC-MODEL-018", what, found)]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    columns = {
        "id": [1, 1, 3, 4],
        "score": [0.1, None, 0.4, 0.6],
        "w": [1.0, -1.0, 1.0, 1.0],
        "g": ["a", None, "b", "b"],
    }
    read = lambda: table(tmp_path, columns, weight="w", group="g")  # noqa: E731
    assert [code for code, _, _ in told(read)] == ["MC-MODEL-015", "MC-MODEL-016", "MC-MODEL-026", "MC-MODEL-016"]


def test_a_slice_column_of_lists_is_refused(tmp_path: Path) -> None:
    read = lambda: table(tmp_path, {"s": [[1], [2], [1], [2]]}, slices=["s"])  # noqa: E731
    assert told(read) == [
        ("MC-MODEL-018", "column s does not hold numbers, text or times", "the type list<element: int64>")
    ]


@pytest.mark.guarantee("G12")
def test_zones_of_times_in_json_lines_are_not_lost_on_the_way(tmp_path: Path) -> None:
    times = ["2013-07-04T10:00:00+02:00", "2013-07-04T10:00:00+01:00", "2013-07-04T10:00:00+02:00"]
    rows = [{"id": at, "late": at % 2, "score": at / 4, "t": time} for at, time in enumerate(times)]
    found = told(lambda: json_lines(tmp_path, rows, time="t", block="day"))
    what = "times of different zones in column t"
    assert found == [("MC-MODEL-024", what, "+02:00 in 2 rows, +01:00 in 1 row")]


def test_a_word_of_a_csv_file_that_might_be_a_class_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        csv(tmp_path, "id,late,score\n1,DE,0.1\n2,NA,0.2\n3,DE,0.3\n")
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("MC-MODEL-016", "1 row (2)")
    assert "if NA is a value" in problem.do


@pytest.mark.parametrize(
    ("rows", "named", "found", "do"),
    [
        pytest.param("1,0,25%\n2,1,0.5\n", {}, "1 row (1)", "without %", id="per-cent"),
        pytest.param("1,0,0.2,2013-13-45\n2,1,0.5,2013-07-04\n", {"time": "t"}, "1 row (1)", "times", id="month-13"),
    ],
)
def test_a_value_of_a_csv_file_that_cannot_be_read_is_told_by_its_row(
    tmp_path: Path, rows: str, named: dict[str, Any], found: str, do: str
) -> None:  # fmt: skip
    with pytest.raises(TableError) as caught:
        csv(tmp_path, f"id,late,score{',t' if named else ''}\n{rows}", **named)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("MC-MODEL-018", found)
    assert do in problem.do


def test_doubled_ids_that_have_lost_digits_are_told_so(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        table(tmp_path, {"id": [2.0**60 + row for row in range(4)]})
    (problem,) = caught.value.problems
    assert (problem.code, problem.count) == ("MC-MODEL-015", 4)
    assert "whole numbers or text" in problem.do
