"""Questions about tables of predictions, answered. Imported only where something has to be computed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mlops_ci.config.models import Better, Predictions
from mlops_ci.models.appraisal import ALL, Appraisal, Beside, Cell, Compared, Estimated, NoValue, Question, Unaligned
from mlops_ci.models.metrics import METRICS, Reads
from mlops_ci.models.predictions import Table
from mlops_ci.models.rows_of import rows_of
from mlops_ci.models.slicing import Slices, named, slices_by
from mlops_ci.statistics.laws import Law
from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import Numbers, Rows, UndefinedError
from mlops_ci.statistics.single import estimate

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A champion's table, its rows in the order of the candidate's. same_model: the very bytes of the candidate's."""

    table: Table
    beside: Beside
    same_model: bool = False


def appraise_table(
    candidate: Table, settings: Predictions, questions: Mapping[str, Question], rivals: Mapping[str, Rival | Unaligned]
) -> Appraisal:
    """Answer every question over all rows and over its slices."""
    slices = {columns: slices_by(candidate, columns) for one in questions.values() for columns in one.columns}
    appraiser = _Appraiser(candidate=candidate, settings=settings, rivals=rivals)
    cells = {gate: dict(appraiser.answers(question, slices)) for gate, question in questions.items()}
    return Appraisal(
        rows=candidate.rows, groups=_count(candidate.groups), days=candidate.days, cells=cells,
        beside={name: one.beside if isinstance(one, Rival) else one for name, one in rivals.items()},
        left_out={named(columns): found.left_out for columns, found in slices.items() if found.left_out},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Appraiser:
    candidate: Table
    settings: Predictions
    rivals: Mapping[str, Rival | Unaligned]

    def answers(
        self, question: Question, slices: Mapping[tuple[str, ...], Slices]
    ) -> Iterator[tuple[str, Cell]]:  # fmt: skip
        """The cells of one question; all rows first."""
        yield ALL, self._cell(question, None, question.margin)
        for columns in question.columns:
            for name, places in slices[columns].rows.items():
                yield name, replace(self._cell(question, places, question.slice_margin), columns=columns)
            if slices[columns].left_out and not self.settings.required_slices.isdisjoint(columns):
                yield self._left_out(columns, slices[columns])

    def _cell(self, question: Question, places: Places | None, margin: float) -> Cell:
        rows = self.candidate.rows if places is None else len(places)
        groups = self.candidate.groups
        return Cell(
            rows=rows, groups=_count(groups if groups is None or places is None else groups[places]),
            estimated=self._estimated(question, places), compared=self._compared(question, places, margin),
        )  # fmt: skip

    def _left_out(self, columns: tuple[str, ...], looked_at: Slices) -> tuple[str, Cell]:
        """All values of a required column count, those too that nobody looks at."""
        rows = self.candidate.rows - sum(map(len, looked_at.rows.values()))
        lack = NoValue(why=f"only the largest {len(looked_at.rows)} values of a column are looked at")
        name = f"{named(columns)} ({looked_at.left_out:,} more values)"
        return name, Cell(rows=rows, estimated=lack, compared=lack, columns=columns)

    def _rows(self, table: Table, question: Question, places: Places | None) -> Rows:
        return rows_of(table, question.metric, threshold=self.settings.threshold, rows=places)

    def _estimated(self, question: Question, places: Places | None) -> Estimated | NoValue:
        try:
            law = estimate(question.metric, self._rows(self.candidate, question, places))
        except UndefinedError as error:
            return NoValue(why=str(error), few=error.few)
        return _estimated(law, question)

    def _compared(self, question: Question, places: Places | None, margin: float) -> Compared | NoValue | None:
        rival = self.rivals.get(question.champion) if question.champion is not None else None
        if not isinstance(rival, Rival):
            return None
        try:
            candidate = self._rows(self.candidate, question, places)
            champion = self._rows(rival.table, question, places)
            if self._says_the_same(question, rival, places):
                return _unchanged(question.metric, candidate)
            law = difference(question.metric, candidate, champion)
        except UndefinedError as error:
            return NoValue(why=str(error), few=error.few)
        return _compared(law, _value_of(question.metric, champion), question, margin)

    def _says_the_same(self, question: Question, rival: Rival, places: Places | None) -> bool:
        """Scores and values that are equal in all rows are the same model as far as anyone can see; classes are not,
        unless the model files are. One and the same file that says other things was fed or read otherwise.
        """
        reads, mine, champion = METRICS[question.metric].reads, self.candidate, rival.table
        pairs: list[tuple[Numbers | None, Numbers | None]] = []
        if mine.score is not None:
            pairs.append((mine.score, champion.score))
        if reads is not Reads.SCORE:
            pairs.append((mine.prediction, champion.prediction))
        if reads is Reads.LABEL and mine.score is None and not rival.same_model:
            return False
        return bool(pairs) and all(_equal(one, other, places) for one, other in pairs)


def _equal(one: Numbers | None, other: Numbers | None, places: Places | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other) if places is None else np.array_equal(one[places], other[places])


def _estimated(law: Law, question: Question) -> Estimated:
    low, high = law.interval(question.confidence)
    return Estimated(
        value=law.value, low=low, high=high, error=law.error, method=law.method,
        p_low=None if question.low is None else law.p_at_least(question.low),
        p_high=None if question.high is None else law.p_at_most(question.high),
    )  # fmt: skip


def _value_of(metric: str, rows: Rows) -> float | None:
    """None where there are too few rows for a value, although a difference may be known."""
    try:
        return estimate(metric, rows).value
    except UndefinedError:
        return None


def _compared(law: Law, champion: float | None, question: Question, margin: float) -> Compared:
    low, high = law.interval(2 * question.confidence - 1)
    higher = METRICS[question.metric].better is Better.HIGHER
    return Compared(
        candidate=None if champion is None else champion + law.value, champion=champion, difference=law.value,
        low=low, high=high, error=law.error, method=law.method,
        p_worse=law.p_at_least(-margin) if higher else law.p_at_most(margin),
    )  # fmt: skip


def _unchanged(metric: str, rows: Rows) -> Compared:
    value = _value_of(metric, rows)
    return Compared(
        candidate=value, champion=value, difference=0.0, low=0.0, high=0.0, p_worse=1.0, same=True,
        method="none: nothing differs",
    )  # fmt: skip


def _count(groups: Places | None) -> int | None:
    return None if groups is None else int(np.count_nonzero(np.bincount(groups)))
