"""A card tells of a version what its tag, its run and its author say, and nothing that nobody said."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.config.models import CardText
from mlops_ci.config.schema import Config
from mlops_ci.models.card import CardStage, Origin, lineage_of
from mlops_ci.models.time_range import time_range
from tests.unit.models.cards import a_card, a_config, a_run


def test_the_lineage_holds_what_led_to_the_model_and_nothing_beside() -> None:
    assert tuple(lineage_of(a_run(), "model.bin")) == (
        CardStage(name="clean", data=("raw.csv",), code=("clean.py",), writes=("clean.csv",)),
        CardStage(name="train", needs=("clean",), writes=("model.bin",)),
    )
    assert tuple(lineage_of(a_run(), "unknown.bin")) == ()


def test_data_are_the_declared_datasets_and_what_the_stages_read_that_is_no_code() -> None:
    (one,) = a_card().data
    assert (one.name, one.path, one.digest, one.rows, one.verdict) == (
        "flights",
        "raw.csv",
        "md5:raw.csv",
        1_000,
        "pass",
    )
    assert (one.time, one.span) == ("day", ("2013-01-01", "2013-03-04"))
    (bare,) = a_card(origin=Origin(run=a_run(), config=Config())).data
    assert (bare.name, bare.path, bare.verdict, bare.span) == ("", "raw.csv", "", None)


def test_a_dataset_that_is_a_folder_is_all_that_the_run_had_below_it() -> None:
    config = Config.model_validate_json('{"datasets": {"flights": {"path": "data"}}}')
    artifacts = [
        {"path": path, "digest": f"md5:{path}"} for path in ("data/2013-01.csv", "data/2013-02.csv", "database")
    ]
    card = a_card(origin=Origin(run=a_run(artifacts=artifacts, stages=()), config=config))
    assert [one.path for one in card.data] == ["data/2013-01.csv", "data/2013-02.csv"]


def test_what_the_author_says_is_that_of_the_run_of_this_version() -> None:
    card = a_card(license="mit", limits=["New York only."])
    assert (card.said.license, card.said.limits, card.said.authors) == ("mit", ("New York only.",), ())
    assert card.measured is not None
    assert card.measured.path == "predictions.csv"
    assert a_config().models["delays"].card == CardText()


def md5(path: Path) -> str:
    return "md5:" + hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("rows", "span"),
    [
        (("2013-02-01", "2013-01-01", ""), ("2013-01-01", "2013-02-01")),
        (("2013-02-01T10:00:00Z", "2013-02-01T09:00:00Z"), ("2013-02-01T09:00:00Z", "2013-02-01T10:00:00Z")),
        (("2013-02-01", "2013-01-01T00:00:00"), None),
        (("1.2.2013", "3.2.2013"), None),
        (("yesterday",), None),
        ((), None),
    ],
)
def test_a_small_text_tells_its_time_range_where_texts_sort_as_times(
    tmp_path: Path, rows: tuple[str, ...], span: tuple[str, str] | None
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n,day\n" + "".join(f"1,{row}\n" for row in rows))
    assert time_range(path, "day", digest=md5(path)) == span
    assert time_range(path, "n", digest=md5(path)) is None
    assert time_range(path, "no such column", digest=md5(path)) is None


def test_a_table_that_is_another_one_by_now_tells_no_time_range(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("day\n2013-01-01\n")
    digest = md5(path)
    assert time_range(path, "day", digest=digest) == ("2013-01-01", "2013-01-01")
    path.write_text("day\n2014-01-01\n")
    assert time_range(path, "day", digest=digest) is None
    path.unlink()
    assert time_range(path, "day", digest=digest) is None
    assert time_range(tmp_path, "day", digest=digest) is None


def test_a_parquet_file_tells_its_time_range_by_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    days = [datetime(2013, 3, 4, 5, tzinfo=UTC), None, datetime(2013, 1, 1, tzinfo=UTC), None]
    table = pa.table({
        "s": pa.array([{"day": 1}] * 4), "day": pa.array(days, pa.timestamp("us", "UTC")),
        "date": [date(2013, 1, 1)] * 4, "empty": pa.array([None] * 4, pa.timestamp("us")), "n": [1, 2, 3, 4],
    })  # fmt: skip
    parquet.write_table(table, path, row_group_size=1)
    assert time_range(path, "day", digest=md5(path)) == ("2013-01-01T00:00:00+00:00", "2013-03-04T05:00:00+00:00")
    assert time_range(path, "date", digest=md5(path)) == ("2013-01-01", "2013-01-01")
    assert [time_range(path, name, digest=md5(path)) for name in ("empty", "n", "s", "none")] == [None] * 4
    parquet.write_table(table, path, write_statistics=False)
    assert time_range(path, "day", digest=md5(path)) is None
