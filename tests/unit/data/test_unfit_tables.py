from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.data.datasets import Format
from mlops_ci.data.tables import Spot, Table, plain
from mlops_ci.data.unfit_tables import UnfitTableError, read_table
from tests.factories import lay


def _read(root: Path, files: dict[str, str | bytes], form: Format = Format.CSV) -> tuple[Table, list[Finding]]:
    lay(root, files)
    return read_table("flights", [(root / name, f"data/{name}") for name in files], form)


def _refusal(root: Path, files: dict[str, str | bytes], form: Format = Format.CSV) -> Finding:
    with pytest.raises(UnfitTableError) as raised:
        _read(root, files, form)
    assert len(raised.value.findings) == 1
    return raised.value.findings[0]


def _parquet(path: Path, **columns: list[object]) -> bytes:
    pd.DataFrame(columns).to_parquet(path)
    return path.read_bytes()


def test_partitions_are_one_table_whose_rows_know_file_row_and_line(tmp_path: Path) -> None:
    table, findings = _read(tmp_path, {"a.csv": 'n,t\n1,"x\ny"\n', "b.csv": "n,t\n", "c.csv": "t,n\nz,2.5\n\nw,\n"})
    assert list(table.frame["n"].fillna(-1)) == [1, 2.5, -1]
    assert table.spot(0) == Spot(file="data/a.csv", row=1, line=2)
    assert table.spot(2) == Spot(file="data/c.csv", row=2, line=4)
    assert [finding.code for finding in findings] == ["MC-DATA-015"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "empty"), ("a,b\n1,2\n3\n", "more or fewer"), ("a\n\0\n", "NUL"), (b"a\n\xe9\n", "UTF-8"),
        ('a,b\n1,"2\n3,4\n', "table"),
    ],
)  # fmt: skip
def test_a_csv_that_is_no_table_is_an_error_of_the_file(tmp_path: Path, content: str | bytes, what: str) -> None:
    finding = _refusal(tmp_path, {"a.csv": content})
    assert finding.exit is ExitCode.USAGE
    assert what in finding.what
    assert str(finding.place).startswith("data/a.csv")


def test_a_parquet_file_that_is_cut_empty_or_none_is_an_error_of_the_file(tmp_path: Path) -> None:
    whole = _parquet(tmp_path / "whole.parquet", n=[1, 2, 3])
    for content in (whole[:-20], whole[:40], b"", b"n\n1\n"):
        finding = _refusal(tmp_path, {"a.parquet": content}, Format.PARQUET)
        assert (finding.exit, finding.what) == (ExitCode.USAGE, "the file is no whole Parquet file")
        assert str(tmp_path) not in finding.found


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize("files", [{"a.csv": "n\n"}, {"a.csv": "n\n", "b.csv": "n\n\n"}])
def test_a_table_without_rows_fails(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    finding = _refusal(tmp_path, files)
    assert (finding.exit, finding.code) == (ExitCode.FAIL, "MC-DATA-014")


def test_a_partition_with_other_columns_is_named(tmp_path: Path) -> None:
    finding = _refusal(tmp_path, {"a.csv": "n,t\n1,x\n", "b.csv": "n,T\n1,x\n", "c.csv": "n,t\n1,x\n"})
    assert (str(finding.place), finding.found) == ("data/b.csv", "no 't'; also 'T'")
    assert finding.exit is ExitCode.FAIL


def test_a_partition_with_another_type_is_named_with_the_first_row_to_blame(tmp_path: Path) -> None:
    finding = _refusal(tmp_path, {"a.csv": "n\n1\n", "b.csv": "n\n1\n\nlate\n", "c.csv": "n\n2\n"})
    assert finding.what == "column 'n' holds text, and numbers in the other files"
    assert (str(finding.place), finding.found) == ("data/b.csv:4", "text, first in row 2")
    assert "late" not in f"{finding.found}{finding.evidence}"


def test_whole_and_broken_numbers_and_empty_columns_fit_together(tmp_path: Path) -> None:
    table, findings = _read(tmp_path, {"a.csv": "n,t\n1,x\n", "b.csv": "n,t\n1.5,\n", "c.csv": "n,t\n,\n"})
    assert (len(table.frame), findings) == (3, [])


def test_mixed_time_zones_do_not_fit_together(tmp_path: Path) -> None:
    utc, local = pd.Timestamp("2013-01-01", tz="UTC"), pd.Timestamp("2013-01-01")
    files: dict[str, str | bytes] = {
        "a.parquet": _parquet(tmp_path / "a", t=[utc]), "b.parquet": _parquet(tmp_path / "b", t=[utc]),
        "c.parquet": _parquet(tmp_path / "c", t=[local]),
    }  # fmt: skip
    assert "holds times, and times in UTC" in _refusal(tmp_path, files, Format.PARQUET).what


def test_text_is_what_great_expectations_takes_for_text(tmp_path: Path) -> None:
    table, _ = _read(tmp_path, {"a.csv": "t\nx\n"})
    assert table.frame["t"].dtype == object


def test_json_lines_make_a_table_too(tmp_path: Path) -> None:
    table, _ = _read(tmp_path, {"a.jsonl": '{"n": 1}\n\n{"n": null}\n'}, Format.JSON_LINES)
    assert table.spot(1) == Spot(file="data/a.jsonl", row=2, line=3)


def test_lists_and_columns_named_by_numbers_are_read(tmp_path: Path) -> None:
    pd.DataFrame({0: [[1, 2], [3]]}).to_parquet(tmp_path / "a")
    table, _ = _read(tmp_path, {"a.parquet": (tmp_path / "a").read_bytes()}, Format.PARQUET)
    assert list(table.frame.columns) == ["0"]
    assert plain(dict(table.frame.iloc[0])) == {"0": "[1 2]"}


def test_values_of_a_row_are_plain_json() -> None:
    row = {"a": np.int64(1), "b": np.float64("nan"), "c": float("inf"), "d": pd.NaT, "e": pd.Timestamp("2013-01-01")}
    assert plain(row) == {"a": 1, "b": None, "c": "inf", "d": None, "e": "2013-01-01 00:00:00"}
