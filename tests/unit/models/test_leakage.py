"""A feature that alone tells the truth is found, whatever it is made of; one that is merely good is not."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from pyarrow import parquet

from mlops_ci.core.digests import digest_of_bytes
from mlops_ci.models.leakage import Leaks, find_leaks, leak_problems
from mlops_ci.models.sources import Absent, PredictionsFile
from tests.doubles.metric_store import MemoryStore
from tests.unit.models.tables import settings

ROWS = 2_000
DRAW = np.random.default_rng(5)
LATE = DRAW.random(ROWS) < 0.2
NOISE = DRAW.normal(0, 1, ROWS)
NAMES = np.array([f"N{number}" for number in range(ROWS)])
_DAY = np.datetime64("2013-01-01", "s")


def at(path: Path) -> PredictionsFile:
    return PredictionsFile(digest=digest_of_bytes(path.read_bytes()), fetch=lambda: path)


def searched(folder: Path, features: Mapping[str, Any], **changed: Any) -> Leaks:
    """Leaks among the features of rows that are in another order than the predictions."""
    predictions, inputs = folder / "p.parquet", folder / "x.parquet"
    ids = changed.pop("ids", np.arange(ROWS))
    truth = changed.pop("truth", LATE)
    parquet.write_table(
        pa.table({"id": np.arange(len(truth)), "late": truth, "score": NOISE[: len(truth)]}), predictions
    )
    order = pa.array(np.random.default_rng(1).permutation(len(ids)))
    parquet.write_table(pa.table({"id": ids, **features}).take(order), inputs)
    return find_leaks(at(predictions), at(inputs), settings(**changed), PurePosixPath("x.parquet"), MemoryStore())


@pytest.mark.guarantee("G12")
@pytest.mark.parametrize(
    ("feature", "area"),
    [
        pytest.param(LATE.astype(float), 1.0, id="the-truth-itself"),
        pytest.param(1.0 - LATE, 0.0, id="turned-round"),
        pytest.param(10 * LATE + NOISE, 1.0, id="the-delay-it-is-made-of"),
        pytest.param(LATE, 1.0, id="true-and-false"),
        pytest.param(np.where(LATE, "after", "on time"), 1.0, id="a-word-for-it"),
        pytest.param(pa.array(np.where(LATE, "after", "on time")).dictionary_encode(), 1.0, id="a-category"),
        pytest.param(pa.array([5.0 if one else None for one in LATE]), 1.0, id="there-only-if-true"),
        pytest.param(pa.array(["a reason" if one else None for one in LATE]), 1.0, id="a-text-only-if-true"),
        pytest.param(pa.array(_DAY + 1_000_000 * LATE), 1.0, id="a-time"),
    ],
)  # fmt: skip
def test_a_feature_that_alone_tells_the_truth_is_found(tmp_path: Path, feature: Any, area: float) -> None:
    found = searched(tmp_path, {"good": NOISE + LATE, "leaky": feature})
    assert found.areas == {"leaky": pytest.approx(area, abs=1e-3)}
    assert found.rows == ROWS


@pytest.mark.parametrize(
    "feature",
    [
        pytest.param(3 * LATE + NOISE, id="good"), pytest.param(NAMES, id="a-name-for-each-row"),
        pytest.param(DRAW.integers(0, 400, ROWS).astype(str), id="many-categories"),
        pytest.param(np.full(ROWS, 7), id="constant"), pytest.param(pa.nulls(ROWS), id="empty"),
        pytest.param(pa.array([[1]] * ROWS), id="lists"),
    ],
)  # fmt: skip
def test_a_feature_that_is_merely_good_is_none(tmp_path: Path, feature: Any) -> None:
    assert searched(tmp_path, {"feature": feature}) == Leaks(rows=ROWS)


def test_the_truth_and_the_id_are_no_features(tmp_path: Path) -> None:
    assert searched(tmp_path, {"late": LATE, "x": NOISE}).areas == {}


@pytest.mark.parametrize(
    ("truth", "named"),
    [(NOISE, {}), (DRAW.integers(0, 3, ROWS), {})], ids=["values", "three-classes"],
)  # fmt: skip
def test_only_a_truth_of_two_classes_is_told(tmp_path: Path, truth: Any, named: dict[str, Any]) -> None:
    assert searched(tmp_path, {"leaky": truth}, truth=truth, **named) == Leaks()


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        pytest.param(np.arange(ROWS) + ROWS, "0 of 2,000 predicted rows are in x.parquet, and 20 at least of each",
                     id="other-rows"),
        pytest.param(np.r_[0:30, ROWS : 2 * ROWS - 30], "30 of 2,000 predicted rows", id="few-rows"),
    ],
)  # fmt: skip
def test_what_could_not_be_searched_is_said(tmp_path: Path, ids: Any, why: str) -> None:
    found = searched(tmp_path, {"leaky": LATE}, ids=ids)
    assert found.areas == {}
    assert why in found.why


def test_an_id_that_is_a_number_here_and_text_there_is_the_same_row(tmp_path: Path) -> None:
    assert set(searched(tmp_path, {"leaky": LATE}, ids=np.arange(ROWS).astype(str)).areas) == {"leaky"}


def test_inputs_without_the_id_are_said(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,late,score\n1,0,.1\n2,1,.2\n", encoding="utf-8")
    (tmp_path / "x.csv").write_text("flight,leaky\n1,0\n2,1\n", encoding="utf-8")
    named = settings(path="p.csv")
    found = find_leaks(at(tmp_path / "p.csv"), at(tmp_path / "x.csv"), named, PurePosixPath("x.csv"), MemoryStore())
    assert found.why == "x.csv has no column id to join it by"


def test_a_csv_file_is_searched_like_any_other(tmp_path: Path) -> None:
    table = pa.table(
        {"id": NAMES, "late": LATE, "score": NOISE, "word": np.where(LATE, "yes", "no"), "x": NOISE + LATE}
    )
    arrow_csv.write_csv(table.select(["id", "late", "score"]), tmp_path / "p.csv")
    arrow_csv.write_csv(table.select(["id", "word", "x"]), tmp_path / "x.csv")
    named = settings(path="p.csv")
    found = find_leaks(at(tmp_path / "p.csv"), at(tmp_path / "x.csv"), named, PurePosixPath("x.csv"), MemoryStore())
    assert set(found.areas) == {"word"}


def test_what_was_searched_once_is_not_searched_again(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,late,score\n" + "".join(f"{row},{row % 2},{row}\n" for row in range(80)), encoding="utf-8")
    store, asked = MemoryStore(), list[int]()

    def fetch() -> Path:
        asked.append(1)
        return path

    file = PredictionsFile(digest=digest_of_bytes(path.read_bytes()), fetch=fetch)
    named = settings(path="p.csv")
    first, again = (find_leaks(file, at(path), named, PurePosixPath("p.csv"), store) for _ in range(2))
    assert first == again
    assert asked == [1]


def test_a_table_that_is_not_here_is_said_and_not_remembered(tmp_path: Path) -> None:
    store = MemoryStore()
    gone = PredictionsFile(digest=digest_of_bytes(b""), fetch=lambda: Absent(why="no such file in the work tree"))
    assert find_leaks(gone, gone, settings(), PurePosixPath("x.csv"), store).why == "no such file in the work tree"
    assert store.kept == {}


@pytest.mark.guarantee("G12")
def test_each_leak_is_told_unless_it_is_allowed() -> None:
    found = Leaks(areas={"arr_delay": 0.9987, "left": 0.0004, "allowed": 1.0}, rows=41_233)
    told = list(leak_problems(found, PurePosixPath("features.parquet"), ("allowed",)))
    assert [(one.code, one.what, one.found, one.expected) for one in told] == [
        ("MC-MODEL-042", "column left of features.parquet alone tells the truth",
         "area under the ROC curve 0.0004 on 41,233 rows", "0.01 to 0.99 for any one feature"),
        ("MC-MODEL-042", "column arr_delay of features.parquet alone tells the truth",
         "area under the ROC curve 0.9987 on 41,233 rows", "0.01 to 0.99 for any one feature"),
    ]  # fmt: skip
