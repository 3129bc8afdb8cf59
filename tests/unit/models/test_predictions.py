"""A table of predictions that would make a metric worthless is refused, with counts and row numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.config.models import Predictions
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.models.predictions import Table, read_predictions
from mlops_ci.models.problems import Problem
from mlops_ci.models.table_file import TableError


def settings(path: str = "p.parquet", **overrides: Any) -> Predictions:
    named = {"id": "id", "truth": "late", "score": "score", **overrides}
    return Predictions.model_validate({"path": path, **named})


def read(folder: Path, content: bytes, name: str = "p.csv", *, classes: bool = True, **overrides: Any) -> Table:
    path = folder / "a copy without a suffix"
    path.write_bytes(content)
    return read_predictions(path, settings(name, **overrides), classes=classes)


def as_parquet(folder: Path, *, classes: bool = True, **columns: Any) -> Table:
    whole = {"id": [1, 2, 3, 4], "late": [0, 1, 0, 1], "score": [0.1, 0.9, 0.4, 0.6], **columns}
    path = folder / "p.parquet"
    parquet.write_table(pa.table(whole), path)
    named = {name: name for name in ("prediction",) if name in columns}
    slices = ("carrier",) if "carrier" in columns else ()
    return read_predictions(path, settings(slices=slices, **named), classes=classes)


def texts_of(table: Table, column: str) -> list[str]:
    coded = table.slices[column]
    return [coded.texts[code] for code in coded.codes]


def problem_of(caught: pytest.ExceptionInfo[TableError]) -> Problem:
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", b"id,late,score\na,0,0.1\nb,1,0.9\n"),
        ("p.csv", b"\xef\xbb\xbfid,late,score\r\na,false,0.1\r\nb,True,.9\r\n"),
        ("p.jsonl", b'{"id": "a", "late": 0, "score": 0.1}\n{"id": "b", "late": 1, "score": 0.9}\n'),
        ("p.ndjson", b'{"id": "a", "late": false, "score": 0.1}\n{"id": "b", "late": true, "score": 0.9}\n'),
    ],
)
def test_each_notation_gives_the_same_numbers(tmp_path: Path, name: str, content: bytes) -> None:
    table = read(tmp_path, content, name)
    assert table.truth.tolist() == [0.0, 1.0]
    assert table.score is not None
    assert table.score.tolist() == [0.1, 0.9]


@pytest.mark.parametrize("late", [[0, 1, 0, 1], [False, True, False, True], [0.0, 1.0, 0.0, 1.0]])
def test_parquet_types_of_a_truth_do_not_matter(tmp_path: Path, late: list[Any]) -> None:
    assert as_parquet(tmp_path, late=late).truth.tolist() == [0.0, 1.0, 0.0, 1.0]


def test_categories_are_read_by_their_values(tmp_path: Path) -> None:
    carriers = pa.array(["UA", "AA", None, "UA"]).dictionary_encode()
    table = as_parquet(tmp_path, carrier=carriers, id=pa.array(["a", "b", "c", "d"]).dictionary_encode())
    assert texts_of(table, "carrier") == ["UA", "AA", "(missing)", "UA"]


def test_what_a_csv_column_holds_is_told_from_all_of_its_rows(tmp_path: Path) -> None:
    rows = b"".join(b"%d,%d,0.5\n" % (row, row % 2) for row in range(100_000))
    with pytest.raises(TableError) as caught:
        read(tmp_path, b"id,late,score\n" + rows + b"last,1,high\n")
    assert problem_of(caught).found == "1 row (100,001)"


def test_slices_keep_the_text_of_a_csv_file(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,late,score,gate\n1,0,.1,01\n2,1,.9,NA\n3,1,.9,\n", slices=("gate",))
    assert texts_of(table, "gate") == ["01", "NA", "(missing)"]


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("columns", "code", "found"),
    [
        ({"score": [0.1, float("nan"), None, 0.6]}, "MC-MODEL-016", "2 rows (2, 3)"),
        ({"score": [0.1, float("inf"), 0.4, float("-inf")]}, "MC-MODEL-016", "2 rows (2, 4)"),
        ({"score": ["0.1", "0.9", "0.4", "0.6"]}, "MC-MODEL-018", "the type string"),
        ({"score": [[0.1], [0.9], [0.4], [0.6]]}, "MC-MODEL-018", "the type list<element: double>"),
        ({"score": pa.nulls(4)}, "MC-MODEL-016", "4 rows (1, 2, 3, 4)"),
        ({"late": [0, None, 0, 1]}, "MC-MODEL-016", "1 row (2)"),
        ({"late": [1, 1, 1, 1]}, "MC-MODEL-017", "one class in 4 rows"),
        ({"late": [0.0, float("nan"), 0.0, 1.0]}, "MC-MODEL-016", "1 row (2)"),
        ({"id": [1, 2, 2, 1]}, "MC-MODEL-015", "4 rows (1, 2, 3, 4)"),
        ({"id": ["a", None, "c", None]}, "MC-MODEL-014", "2 rows (2, 4)"),
        ({"id": [1.0, float("nan"), 3.0, 4.0]}, "MC-MODEL-014", "1 row (2)"),
        ({"prediction": [0, 1, None, 1]}, "MC-MODEL-016", "1 row (3)"),
    ],
)
def test_bad_rows_are_counted_and_numbered(tmp_path: Path, columns: dict[str, Any], code: str, found: str) -> None:
    with pytest.raises(TableError) as caught:
        as_parquet(tmp_path, **columns)
    problem = problem_of(caught)
    assert (problem.code, problem.found, problem.exit) == (code, found, ExitCode.FAIL)
    assert problem.do


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id,late,score\n", "MC-MODEL-013"),
        (b"id,late,score\na,1,0.5\n", "MC-MODEL-013"),
        (b"id,late,score\na,0,NaN\nb,1,0.5\n", "MC-MODEL-016"),
        (b"id,late,score\na,0,inf\nb,1,0.5\n", "MC-MODEL-016"),
        (b"id,late,score\na,,0.4\nb,1,0.5\n", "MC-MODEL-016"),
        (b"id,late,score\na,0,high\nb,1,0.5\n", "MC-MODEL-018"),
        (b"id,late,score\n,0,0.4\nb,1,0.5\n", "MC-MODEL-014"),
        (b"id,late,score,score\na,0,.4,.4\nb,1,.5,.5\n", "MC-MODEL-012"),
    ],
)
def test_a_csv_file_without_evidence_fails(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, content)
    assert (problem_of(caught).code, problem_of(caught).exit) == (code, ExitCode.FAIL)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.parquet", b""),
        ("p.parquet", b"PAR1 and then nothing"),
        ("p.csv", b""),
        ("p.csv", b"id,late,score\na,0,0.1\nsecret,1\n"),
        ("p.csv", b"id,late,score\nca\xe9,0,0.1\nb,1,0.9\n"),
        ("p.jsonl", b'{"id": "secret", "late": 0, "score"'),
        ("p.jsonl", b'{"id": "a", "late": 0, "score": 0.1}\n{"id": "secret", "late": 1, "score": "high"}\n'),
        ("p.pickle", b"cos\nsystem\n(S'exit 1'\ntR."),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_2_without_its_values(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, content, name)
    problem = problem_of(caught)
    assert (problem.code, problem.exit) == ("MC-MODEL-011", ExitCode.USAGE)
    assert "secret" not in problem.found
    assert str(tmp_path) not in problem.found


def test_ragged_rows_are_numbered(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, b"id,late,score\na,0,0.1\nb,1\nc,1,0.5,9\n")
    assert problem_of(caught).found == "2 rows (2, 3) with another number of columns"


def test_a_truncated_parquet_file_is_exit_2(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    parquet.write_table(pa.table({"id": range(1000), "late": [0, 1] * 500, "score": np.linspace(0, 1, 1000)}), whole)
    with pytest.raises(TableError) as caught:
        read(tmp_path, whole.read_bytes()[:-100], "p.parquet")
    assert problem_of(caught).exit is ExitCode.USAGE


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read_predictions(tmp_path, settings(), classes=True)
    assert problem_of(caught).found == "no regular file"


def test_an_absent_column_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, b"id,late,scores\na,0,.1\nb,1,.9\n")
    problem = problem_of(caught)
    assert problem.code == "MC-MODEL-012"
    assert "did you mean scores?" in problem.do


def test_all_absent_columns_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, b"id\na\n", slices=("carrier",))
    assert [problem.expected for problem in caught.value.problems] == [
        "one column late", "one column score", "one column carrier",
    ]  # fmt: skip


def test_row_values_are_kept_for_the_local_report_alone(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        as_parquet(tmp_path, id=["a", "b", "b", "d"])
    problem = problem_of(caught)
    assert problem.rows == ({"row": 2, "id": "b"}, {"row": 3, "id": "b"})
    assert "b" not in problem.found


def test_a_truth_of_regression_needs_no_two_values(tmp_path: Path) -> None:
    table = as_parquet(tmp_path, late=[7.5] * 4, prediction=[1.0, 2.0, 3.0, 4.0], classes=False)
    assert table.rows == 4
