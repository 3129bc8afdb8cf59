"""How well each feature alone tells the truth: the area under its ROC curve. What this imports is heavy."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as kinds
from scipy.stats import rankdata

from mlops_ci.config.models import Predictions
from mlops_ci.models.columns import Coded, UnfitColumnError, as_labels, as_texts
from mlops_ci.models.ids import kind_of, places_of
from mlops_ci.models.leakage import MOST_AUC, Leaks
from mlops_ci.models.predictions import Table, read_champion
from mlops_ci.models.reading import Numbers
from mlops_ci.models.table_file import TableError, read_columns
from mlops_ci.models.table_head import PARQUET, UnknownColumnsError, columns_of_text
from mlops_ci.models.table_schema import columns_of_parquet
from mlops_ci.models.times import MixedZonesError, as_times

Places = npt.NDArray[np.int64]

_LEAST = 20  # rows of either class, below which a feature may tell them apart by chance
_SAMPLE = 20_000  # rows of either class that are looked at first
_NEAR = 0.02  # how far from the limit an area of the sample is looked at again with all rows


def search(predictions: Path, inputs: Path, settings: Predictions, declared: PurePosixPath) -> Leaks:
    """Features whose area is beyond the limit. Raises nothing: what can't be read or joined is said in `why`."""
    try:
        table = read_champion(predictions, settings, classes=True)
    except TableError:
        return Leaks()  # the gates tell what is wrong with it
    truth = _binary(table)
    if truth is None:
        return Leaks()
    try:
        names = _names(inputs, declared)
        if settings.id not in names:
            return Leaks(why=f"{declared} has no column {settings.id} to join it by")
        place = _joined(table, inputs, settings, declared)
    except (TableError, UnknownColumnsError, OSError) as error:
        return Leaks(why=f"{declared} can't be read: {error}")
    there = place >= 0
    truth, place = truth[there], place[there]
    few = min(int(truth.sum()), int((1 - truth).sum()))
    if few < _LEAST:
        return Leaks(why=f"{len(truth):,} of {table.rows:,} predicted rows are in {declared}, and {_LEAST} at least of "
                     f"each class are needed")  # fmt: skip
    truths = {settings.truth} if isinstance(settings.truth, str) else set(settings.truth)
    features = [name for name in names if name != settings.id and name not in truths]
    areas = {name: area for name, column in _columns(inputs, declared, features)
             if (area := _area(column, place, truth, loose=_loose(declared))) is not None}  # fmt: skip
    return Leaks(areas={name: area for name, area in areas.items() if _tells(area)}, rows=len(truth))


def _binary(table: Table) -> Numbers | None:
    """The truth as 0 and 1, if it has two classes."""
    if table.truth.ndim > 1:
        return None
    values = np.unique(table.truth)
    return (table.truth == values[1]).astype(np.float64) if len(values) == 2 else None  # noqa: PLR2004


def _loose(declared: PurePosixPath) -> bool:
    return declared.suffix.lower() == ".csv"


def _names(path: Path, declared: PurePosixPath) -> list[str]:
    parquet = declared.suffix.lower() in PARQUET
    columns = columns_of_parquet(path) if parquet else columns_of_text(path, declared)
    names = [one.name for one in columns]
    return [name for name in names if names.count(name) == 1]


def _joined(table: Table, inputs: Path, settings: Predictions, declared: PurePosixPath) -> Places:
    """For each predicted row its row in the inputs, -1 where it has none. Ids of different kinds are joined as text."""
    ids = read_columns(inputs, declared=declared, columns=(settings.id,))[settings.id]
    if kind_of(ids) == kind_of(table.ids):
        return places_of(table.ids, ids)
    try:
        mine, theirs = (_decoded(as_texts(one)) for one in (table.ids, ids))
    except UnfitColumnError:
        return np.full(table.rows, -1, dtype=np.int64)
    return places_of(mine, theirs)


def _decoded(coded: Coded) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(coded.texts).take(pa.array(coded.codes))])


def _columns(path: Path, declared: PurePosixPath, names: list[str]) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """The columns: one at a time where that is cheap, so that a wide table fits into memory."""
    if declared.suffix.lower() in PARQUET:
        for name in names:
            yield name, read_columns(path, declared=declared, columns=(name,))[name]
        return
    table = read_columns(path, declared=declared, columns=tuple(names))
    yield from ((name, table[name]) for name in names)


def _area(column: pa.ChunkedArray, place: Places, truth: Numbers, *, loose: bool) -> float | None:
    """The area of the feature that is farthest from one half, of the ways to order it; None where it has no order.

    What is missing comes first, or last. A sample decides whether all rows are looked at.
    """
    try:
        values = _values(column, loose=loose)
    except (UnfitColumnError, MixedZonesError):
        return None
    chosen = _sample(truth)
    seen = _farthest(_taken(values, place[chosen]), truth[chosen])
    if len(chosen) == len(truth) or abs(seen - 0.5) < MOST_AUC - 0.5 - _NEAR:
        return seen
    return _farthest(_taken(values, place), truth)


def _values(column: pa.ChunkedArray, *, loose: bool) -> Numbers | Coded:
    if kinds.is_timestamp(column.type) or kinds.is_date(column.type):
        missing = np.asarray(column.is_null().to_numpy(), dtype=np.bool_)
        return np.where(missing, np.nan, as_times(column).seconds.astype(np.float64))
    return as_labels(column, loose=loose)


def _taken(values: Numbers | Coded, place: Places) -> Numbers | Coded:
    return Coded(codes=values.codes[place], texts=values.texts) if isinstance(values, Coded) else values[place]


def _sample(truth: Numbers) -> Places:
    """All rows, or evenly spread ones of either class."""
    parts = []
    for one in (0.0, 1.0):
        rows = np.flatnonzero(truth == one)
        parts.append(rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64)])
    chosen: Places = np.sort(np.concatenate(parts))
    return chosen


def _farthest(values: Numbers | Coded, truth: Numbers) -> float:
    if isinstance(values, Coded):
        return _auc(_as_shares(values, truth), truth)
    missing = np.isnan(values)
    if not missing.any():
        return _auc(values, truth)
    areas = [_auc(np.where(missing, end, values), truth) for end in (-np.inf, np.inf)]
    return max(areas, key=lambda area: abs(area - 0.5))


def _as_shares(coded: Coded, truth: Numbers) -> Numbers:
    """Each text as the share of positives that it has among the other half of the rows.

    So a text that occurs once, like an id, says nothing of its own row.
    """
    half = np.arange(len(truth)) % 2
    scores = np.empty(len(truth))
    for side in (0, 1):
        mine, other = half == side, half != side
        counts = np.bincount(coded.codes[other], minlength=len(coded.texts))
        positive = np.bincount(coded.codes[other], weights=truth[other], minlength=len(coded.texts))
        shares = (positive + truth[other].mean()) / (counts + 1)
        scores[mine] = shares[coded.codes[mine]]
    return scores


def _auc(values: Numbers, truth: Numbers) -> float:
    """By the ranks, equal values sharing theirs (Mann and Whitney 1947)."""
    positives = float(truth.sum())
    negatives = len(truth) - positives
    ranks = rankdata(values)
    return float((ranks[truth == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _tells(area: float) -> bool:
    return not 1 - MOST_AUC <= area <= MOST_AUC
