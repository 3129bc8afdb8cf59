"""The first row of a table is a table of its own, as the whole one is written."""

from pathlib import Path, PurePosixPath

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.models.rows_file import NoRowError, count_rows, write_first_row

TEXTS = {
    "csv": ("rows.csv", b"id,x\n007,1.50\nb,2\n", 2, b"id,x\n007,1.50\n"),
    "csv-with-a-line-end-in-quotes": ("rows.csv", b'id,x\r\na,"1\r\n2"\r\nb,2', 2, b'id,x\r\na,"1\r\n2"\r\n'),
    "csv-with-quotes-in-quotes": ("rows.csv", b'id,x\na,"say ""hm"""\nb,2\n', 2, b'id,x\na,"say ""hm"""\n'),
    "csv-with-empty-lines": ("rows.csv", b"\nid,x\n\na,1\n\n", 1, b"id,x\na,1\n"),
    "json-lines": ("rows.jsonl", b'{"id": 1, "x": "\\""}\n\n{"id": 2}\n', 2, b'{"id": 1, "x": "\\""}\n'),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "rows", "first"), TEXTS.values(), ids=TEXTS)
def test_text_is_copied_as_it_stands(tmp_path: Path, name: str, content: bytes, rows: int, first: bytes) -> None:
    path, declared = tmp_path / "nameless", PurePosixPath(name)
    path.write_bytes(content)
    write_first_row(path, declared, tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == first
    assert (count_rows(path, declared), count_rows(tmp_path / "one", declared)) == (rows, 1)


def test_parquet_keeps_its_types_and_what_pandas_says_of_it(tmp_path: Path) -> None:
    said = {b"pandas": b'{"index_columns": []}'}
    kind = pa.dictionary(pa.int8(), pa.string())
    schema = pa.schema([("id", pa.int8()), ("at", pa.timestamp("us", tz="UTC")), ("kind", kind)], said)
    table = pa.table({"id": [7, 8], "at": [1, 2], "kind": ["a", "b"]}).cast(schema)
    parquet.write_table(table, tmp_path / "rows.parquet")
    path, declared = tmp_path / "rows.parquet", PurePosixPath("rows.parquet")
    write_first_row(path, declared, tmp_path / "one.parquet")
    one = parquet.read_table(tmp_path / "one.parquet")
    assert one.schema.equals(schema, check_metadata=True)
    assert one.to_pylist() == table.slice(0, 1).to_pylist()
    assert (count_rows(path, declared), count_rows(tmp_path / "one.parquet", declared)) == (2, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.csv", b"id,x\n"), ("rows.csv", b""), ("rows.jsonl", b"\n"), ("rows.parquet", b"PAR1")],
    ids=["header-alone", "empty", "no-line", "no-parquet"],
)
def test_without_a_row_nothing_is_written(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NoRowError, match=f"^{name} "):
        write_first_row(tmp_path / name, PurePosixPath(name), tmp_path / "one")
    assert not (tmp_path / "one").exists()


def test_a_parquet_table_without_rows_has_no_first(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": pa.array([], pa.int64())}), tmp_path / "rows.parquet")
    with pytest.raises(NoRowError, match=r"^rows\.parquet has no row$"):
        write_first_row(tmp_path / "rows.parquet", PurePosixPath("rows.parquet"), tmp_path / "one")
