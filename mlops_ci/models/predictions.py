"""A table of predictions, checked: whatever would make a metric of it worthless is named here, with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlops_ci.config.models import Predictions
from mlops_ci.models.columns import Coded
from mlops_ci.models.ids import places_of
from mlops_ci.models.metrics import Shape
from mlops_ci.models.problems import Problem, counted
from mlops_ci.models.reading import Codes, Numbers, Reading, block_codes
from mlops_ci.models.said import Said, said_by
from mlops_ci.models.table_file import TableError, read_columns

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Predictions that can be evidence, row by row in the file's order.

    ids: of any type, each once. truth: (n,) numbers (false and true are 0 and 1), or codes of `texts` where that is
    not empty; (n, k) of 0 and 1 for labels. score: finite, (n,), or (n, k): one for each class or label.
    prediction: as truth. texts: what the codes of truth and prediction mean. labels: the distinct numbers of truth and
    prediction where they are classes, the candidate's first, then what only the champion says.
    weights: (n,), finite, 0 or more, not all 0. groups: (n,) codes from 0 on of rows that depend on each other, by
    `group` or by `block`. queries: (n,) codes from 0 on. days: from the first to the last time.
    slices: by slice column the code and the text of its values.
    """

    ids: pa.ChunkedArray
    truth: Numbers
    score: Numbers | None = None
    prediction: Numbers | None = None
    texts: tuple[str, ...] = ()
    labels: tuple[float, ...] = ()
    weights: Numbers | None = None
    groups: Codes | None = None
    queries: Codes | None = None
    days: float | None = None
    slices: Mapping[str, Coded] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.truth)

    @property
    def shape(self) -> Shape:
        """What is said of a row."""
        if self.truth.ndim > 1:
            return Shape.LABELS
        return Shape.CLASSES if self.score is not None and self.score.ndim > 1 else Shape.ONE

    @property
    def binary(self) -> bool:
        """Whether there is one truth, and it is 0 or 1."""
        return self.truth.ndim == 1 and not self.texts and bool(np.isin(self.truth, (0.0, 1.0)).all())

    def scored_by(self, other: "Table", order: Places) -> "Table":
        """These rows with what another table says of them: truth, weights, groups, slices stay.

        order: for each row of this table its row in the other, as `align` gives it. Codes of classes that both tables
        know are the same in both.
        """
        texts, prediction = _in_texts_of(self, other)
        new = tuple(one for one in other.labels if one not in set(self.labels))
        return replace(
            self, score=None if other.score is None else other.score[order], labels=(*self.labels, *new),
            prediction=None if prediction is None else prediction[order], texts=texts,
        )  # fmt: skip


def read_predictions(path: Path, settings: Predictions, *, classes: bool) -> Table:
    """Read and check the candidate's table. `classes`: whether the truth is a class, of which at least two must occur.

    Raises TableError with all that is wrong.
    """
    reading, ids, said = _begun(path, settings, classes=classes)
    weights = reading.weights(settings.weight)
    times = reading.times(settings.time)
    groups, queries = reading.codes(settings.group), reading.codes(settings.query)
    if settings.block is not None and times is not None:
        groups = block_codes(times, settings.block)
    slices = {name: reading.texts(name) for name in settings.slice_columns}
    if reading.problems or said is None:
        raise TableError(*reading.problems)
    return Table(
        ids=ids, truth=said.truth, score=said.score, prediction=said.prediction, texts=said.texts, labels=said.labels,
        weights=weights, groups=groups, queries=queries, days=None if times is None else times.days,
        slices={name: coded for name, coded in slices.items() if coded is not None},
    )  # fmt: skip


def read_champion(path: Path, settings: Predictions, *, classes: bool) -> Table:
    """Read and check a champion's table: id, truth, score and prediction alone; all else is the candidate's.

    Raises TableError with all that is wrong.
    """
    reading, ids, said = _begun(path, _bare(settings), classes=classes)
    if reading.problems or said is None:
        raise TableError(*reading.problems)
    return Table(
        ids=ids, truth=said.truth, score=said.score, prediction=said.prediction, texts=said.texts, labels=said.labels
    )


def read_scores(path: Path, settings: Predictions, candidate: Table) -> Table:
    """The candidate's rows, in its order, with the score and prediction that a rescored table has of them.

    That table needs no truth. Raises TableError with all that is wrong, and where it is not of exactly these rows.
    """
    bare = _bare(settings)
    columns = _named(bare.id, bare.score, bare.prediction)
    raw = read_columns(path, declared=settings.path, columns=columns)
    reading = Reading(raw, loose=_loose(settings))
    ids = reading.ids(settings.id)
    said = said_by(reading, bare, classes=bool(candidate.texts or candidate.labels), truth=candidate.truth,
                   texts=candidate.texts)  # fmt: skip
    if reading.problems or said is None:
        raise TableError(*reading.problems)
    order = places_of(candidate.ids, ids)
    if len(ids) != candidate.rows or (order < 0).any():
        raise TableError(_other_rows(settings, order, len(ids)))
    scores = Table(ids=ids, truth=candidate.truth, score=said.score, prediction=said.prediction, texts=said.texts,
                   labels=said.labels)  # fmt: skip
    return candidate.scored_by(scores, order)


def _begun(
    path: Path, settings: Predictions, *, classes: bool
) -> tuple[Reading, pa.ChunkedArray, Said | None]:  # fmt: skip
    raw = read_columns(path, declared=settings.path, columns=_wanted(settings))
    if raw.num_rows < 2:  # noqa: PLR2004 - one row shows nothing
        raise TableError(_too_few(raw.num_rows, settings))
    reading = Reading(raw, loose=_loose(settings))
    ids = reading.ids(settings.id)
    said = said_by(reading, settings, classes=classes)
    if said is not None and classes and not reading.problems and (said.truth == said.truth[0]).all():
        reading.problems.append(_one_class(settings, raw.num_rows))
    return reading, ids, said


def _bare(settings: Predictions) -> Predictions:
    return settings.model_copy(
        update={"weight": None, "group": None, "query": None, "time": None, "block": None, "slices": ()}
    )


def _loose(settings: Predictions) -> bool:
    return settings.path.suffix.lower() == ".csv"


def _wanted(settings: Predictions) -> tuple[str, ...]:
    return _named(
        settings.id, settings.truth, settings.score, settings.prediction, settings.weight, settings.query,
        settings.group, settings.time, settings.slice_columns,
    )  # fmt: skip


def _named(*names: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """All columns once, in the order given."""
    flat = [one for name in names if name is not None for one in ((name,) if isinstance(name, str) else name)]
    return tuple(dict.fromkeys(flat))


def _in_texts_of(table: Table, other: Table) -> tuple[tuple[str, ...], Numbers | None]:
    """The texts of both, this table's first, and the other's prediction in codes of them."""
    if not other.texts or other.texts == table.texts or other.prediction is None:
        return table.texts, other.prediction
    known = set(table.texts)
    texts = (*table.texts, *(text for text in other.texts if text not in known))
    place = {text: at for at, text in enumerate(texts)}
    codes = np.array([place[text] for text in other.texts], dtype=np.float64)
    return texts, codes[other.prediction.astype(np.int64)]


def _too_few(rows: int, settings: Predictions) -> Problem:
    return Problem(
        code="MC-MODEL-013", what=f"{settings.path} holds {'no row' if rows == 0 else 'a single row'}",
        found=f"{rows} row{'' if rows == 1 else 's'}", expected="enough rows to judge a model by", count=rows,
        do="see why the evaluation had nothing to predict: an empty test set shows nothing",
    )  # fmt: skip


def _one_class(settings: Predictions, rows: int) -> Problem:
    columns = ", ".join(_named(settings.truth))
    return Problem(
        code="MC-MODEL-017", what=f"the truth holds a single class in column {columns}",
        found=f"one class in {rows:,} rows", expected="two classes at least", count=rows,
        do="see why the test set lost the other classes: no classifier can be judged on one",
    )  # fmt: skip


def _other_rows(settings: Predictions, order: Places, rows: int) -> Problem:
    absent = np.flatnonzero(order < 0)
    first = [int(row) + 1 for row in absent[:20]]
    lacking = f"{counted(len(absent), first)} of the candidate without a score" if len(absent) else "rows too many"
    return Problem(
        code="MC-MODEL-028", what="the rescored table is not of the candidate's rows",
        found=f"{rows:,} rows, {lacking}", expected=f"the ids of {settings.path}, each once, in any order",
        do="let `predict` write a row for each row of `--rows`, with its id as it stands there", count=len(absent),
    )  # fmt: skip
