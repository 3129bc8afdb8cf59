"""The same data has the same signature, whatever wrote it; only what is needed is read, and nothing raises."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.config.models import Predictions
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Scalar
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.run_record import Column
from mlops_ci.metadata.verdicts import Stored, VerdictStore
from mlops_ci.models.signature import Columns, columns_of, digest_of_head, inputs_of, outputs_of
from mlops_ci.models.sources import Absent, PredictionsFile


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.facts: dict[Digest, Mapping[str, Scalar]] = {}

    def get(self, key: Digest) -> Stored | None:
        return Stored(facts=self.facts[key]) if key in self.facts else None

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        assert not findings
        self.facts[key] = facts


def read(path: Path, *, store: Kept | None = None) -> Columns:
    file = PredictionsFile(digest=digest_of_head(path, PurePosixPath(path.name)), fetch=lambda: path)
    return columns_of(file, PurePosixPath(path.name), store or Kept())


def types(folder: Path, content: str | bytes, name: str = "t.csv") -> dict[str, str]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read(path)
    assert not found.why, found.why
    return {one.name: one.type for one in found.columns}


def parquet_types(folder: Path, **columns: Any) -> dict[str, str]:
    path = folder / "t.parquet"
    parquet.write_table(pa.table(columns), path)
    return {one.name: one.type for one in read(path).columns}


def test_a_number_has_one_type_however_it_is_written(tmp_path: Path) -> None:
    whole, holes = [1, 2, 3], [1, None, 3]
    arrays = (
        pa.array(whole, pa.int64()), pa.array(whole, pa.int8()), pa.array(whole, pa.uint32()), pa.array(holes),
        pa.array([1.0, float("nan"), 3.0]), pa.array(whole, pa.float32()), pa.array([Decimal("1.50")]),
        pa.array(whole).dictionary_encode(),
    )  # fmt: skip
    assert [parquet_types(tmp_path, n=array) for array in arrays] == [{"n": "double"}] * len(arrays)
    for text in ("n\n1\n2\n", "n,\n1,\n,\n3,\n", "n\n1.0\n\nNaN\n", "n\n-1e5\ninf\n"):
        assert types(tmp_path, text)["n"] == "double"
    for lines in ('{"n": 1}\n{"n": null}\n', '{"n": 1.5}\n{}\n{"n": 2}\n'):
        assert types(tmp_path, lines, "t.jsonl") == {"n": "double"}


def test_what_only_differs_by_writer_is_one_type(tmp_path: Path) -> None:
    times = [0, 1]
    assert parquet_types(
        tmp_path,
        a=pa.array(["x", "y"], pa.large_string()),
        b=pa.array(["x", "y"]).dictionary_encode(),
        c=pa.array(times, pa.timestamp("ns")),
        d=pa.array(times, pa.timestamp("ms", "Europe/Paris")),
        e=pa.array(times, pa.date32()),
        f=pa.array([[1], [2]], pa.large_list(pa.int32())),
        g=pa.array([{"x": 1, "y": "z"}, None]),
        h=pa.array([None, None]),
    ) == {
        "a": "string", "b": "string", "c": "timestamp", "d": "timestamp[UTC]", "e": "date", "f": "list<double>",
        "g": "struct<x: double, y: string>", "h": "null",
    }  # fmt: skip


def test_a_text_table_tells_types_by_its_first_rows(tmp_path: Path) -> None:
    assert types(tmp_path, '\ufeffa,b,c,d\n1,true,"x\ny",\n,,2013-01-01,NA\n') == {
        "a": "double", "b": "bool", "c": "string", "d": "null"
    }  # fmt: skip
    row = {"a": [1, None], "b": {"x": 1, "y": [True]}, "c": "x", "d": None, "e": []}
    assert types(tmp_path, json.dumps(row) + "\n", "t.ndjson") == {
        "a": "list<double>", "b": "struct<x: double, y: list<bool>>", "c": "string", "d": "null", "e": "list"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_of_a_large_text_only_the_head_is_read(tmp_path: Path, name: str) -> None:
    rows = "a\n" + "1\n" * 1_000_000 if name == "t.csv" else '{"a": 1}\n' * 300_000
    assert types(tmp_path, rows + "no number, and \0 beside it\n", name) == {"a": "double"}
    before = digest_of_head(tmp_path / name, PurePosixPath(name))
    with (tmp_path / name).open("a") as file:
        file.write("2\n")
    assert digest_of_head(tmp_path / name, PurePosixPath(name)) == before


def test_the_digest_of_a_parquet_file_that_nobody_vouches_for_is_that_of_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    digests = set()
    for columns in ({"a": [1, 2]}, {"b": [1, 2]}):
        parquet.write_table(pa.table(columns), path)
        digests.add(digest_of_head(path, PurePosixPath(path.name)))
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("t.csv", b"", "no column"),
        ("t.csv", b"a,b\n1\n", "its first rows are no csv in UTF-8 (ValueError)"),
        ("t.csv", b"a\n\xff\n", "its first rows are no csv in UTF-8 (UnicodeDecodeError)"),
        ("t.csv", b'a\n"open\n', "its first rows are no csv in UTF-8 (Error)"),
        ("t.jsonl", b"[1]\n", "its first rows are no jsonl in UTF-8 (ValueError)"),
        ("t.jsonl", b'{"a": ' + b"[" * 100_000, "its first rows are no jsonl in UTF-8 (RecursionError)"),
        ("t.parquet", b"PAR1 cut", "it is no whole Parquet file (ArrowInvalid)"),
        ("t.pkl", b"\x80", "the suffix '.pkl' is none of .parquet, .csv and .jsonl"),
    ],
)
def test_what_can_not_be_read_is_said_without_its_values(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path / name) == Columns(why=why)


def test_too_many_columns_are_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{number}" for number in range(2_001)) + "\n")
    assert read(path).why == "2,001 columns, too much to record; 2,000 of usual names are not"
    path.write_text(",".join(["x" * 100_001, "y" * 100_001]) + "\n")
    assert read(path).why.startswith("2 columns, too much")


def test_what_is_known_is_neither_fetched_nor_read(tmp_path: Path) -> None:
    path, store = tmp_path / "t.csv", VerdictStore(tmp_path / "verdicts")
    path.write_text("b,a\n1,x\n")
    digest = Digest("md5", "0" * 32)
    first = columns_of(PredictionsFile(digest=digest, fetch=lambda: path), PurePosixPath("t.csv"), store)

    def fetch() -> Path:
        raise AssertionError("it is known")

    again = columns_of(PredictionsFile(digest=digest, fetch=fetch), PurePosixPath("t.csv"), store)
    assert again == first == Columns(columns=(Column(name="b", type="double"), Column(name="a", type="string")))


def test_what_is_kept_and_no_longer_understood_is_read_anew(tmp_path: Path) -> None:
    path, store = tmp_path / "t.csv", Kept()
    path.write_text("a\n1\n")
    known = read(path, store=store)
    (key,) = store.facts
    for broken in ({}, {"columns": "[[1]]"}, {"columns": 7}, {"columns": '{"a": 1}'}):
        store.facts[key] = broken
        assert read(path, store=store) == known


def no_network() -> Path:
    raise ServiceError.at("MC-X", "x", "it does not answer", do="wait")


@pytest.mark.parametrize("fetch", [lambda: Absent(why="no such file"), no_network])
def test_a_table_that_is_not_to_be_had_is_tried_again(fetch: Callable[[], Path | Absent]) -> None:
    store = Kept()
    file = PredictionsFile(digest=Digest("md5", "0" * 32), fetch=fetch)
    assert columns_of(file, PurePosixPath("t.csv"), store).why
    assert not store.facts


def test_what_a_model_says_is_neither_id_nor_truth_nor_slice() -> None:
    columns = tuple(Column(name=name, type="double") for name in ("id", "late", "score", "carrier", "extra"))
    asked = {"path": "p.csv", "id": "id", "truth": "late", "score": "score", "slices": ("carrier", "score")}
    settings = Predictions.model_validate(asked)
    assert [one.name for one in outputs_of(columns, settings)] == ["score", "extra"]
    assert [one.name for one in inputs_of(columns, settings)] == ["id", "score", "carrier", "extra"]
    assert inputs_of(columns, None) == columns
