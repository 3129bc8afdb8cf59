"""The candidate's table and those of its champions, read and set side by side, then appraised."""

from dataclasses import replace
from pathlib import Path

from mlops_ci.core.digests import Digest
from mlops_ci.models.alignment import align
from mlops_ci.models.appraisal import Appraisal, Beside, Mismatch, Unaligned
from mlops_ci.models.appraisals import Asked
from mlops_ci.models.appraising import Rival, appraise_table
from mlops_ci.models.metrics import classes_are_read
from mlops_ci.models.predictions import Table, read_champion, read_predictions, read_scores
from mlops_ci.models.problems import Problem
from mlops_ci.models.sights import sight_of
from mlops_ci.models.sources import Absent, Rescoring, Sources
from mlops_ci.models.table_file import TableError

_TRIED_BEFORE = "the champion's own predictions are for other rows, and its code could not score these"


def appraise_file(path: Path, digest: Digest, asked: Asked) -> Appraisal | tuple[Problem, ...]:
    """Read the tables and answer; problems where the candidate's table is no evidence."""
    classes = classes_are_read(one.metric for one in asked.questions.values())
    try:
        candidate = read_predictions(path, asked.settings, classes=classes)
    except TableError as error:
        return error.problems
    reader = _Reader(candidate, digest, asked, classes=classes)
    rivals = {name: reader.rival(sources) for name, sources in asked.champions.items()}
    appraisal = appraise_table(candidate, asked.settings, asked.questions, rivals)
    tables = {"": candidate, **{name: one.table for name, one in rivals.items() if isinstance(one, Rival)}}
    return replace(appraisal, sights={name: sight_of(table, asked.settings) for name, table in tables.items()})


class _Reader:
    """Champions' tables, in the order of the candidate's rows."""

    def __init__(self, candidate: Table, digest: Digest, asked: Asked, *, classes: bool) -> None:
        self._candidate = candidate
        self._digest = digest
        self._asked = asked
        self._classes = classes

    def rival(self, champion: Sources) -> Rival | Unaligned:
        """By its own predictions; where they are for other rows, or not there, by what its code says of these."""
        same = champion.artifact is not None and champion.artifact == self._asked.artifact
        own = self._by_predictions(champion)
        if isinstance(own, Unaligned) and own.mismatch in (Mismatch.OTHER_ROWS, Mismatch.ABSENT):
            own = self._rescored(champion, own)
        return replace(own, same_model=same) if isinstance(own, Rival) else own

    def _by_predictions(self, champion: Sources) -> Rival | Unaligned:
        file = champion.predictions
        if isinstance(file, Absent):
            return _absent(file)
        if file.digest == self._digest:
            return Rival(table=self._candidate, beside=Beside())
        path = file.fetch()
        if isinstance(path, Absent):
            return _absent(path)
        try:
            table = read_champion(path, self._asked.settings, classes=self._classes)
        except TableError as error:
            return _unreadable(error)
        order = align(self._candidate, table)
        if isinstance(order, Unaligned):
            return order
        return Rival(table=self._candidate.scored_by(table, order), beside=Beside())

    def _rescored(self, champion: Sources, why: Unaligned) -> Rival | Unaligned:
        rescoring = champion.rescoring
        if not isinstance(rescoring, Rescoring):
            return replace(why, do=f"{rescoring.why}: {rescoring.do}" if rescoring.do else rescoring.why)
        path = rescoring.score()
        if isinstance(path, Absent):
            return Unaligned(mismatch=Mismatch.ABSENT, what=_TRIED_BEFORE, found=path.why, do=path.do)
        try:
            table = read_scores(path, self._asked.settings, self._candidate)
        except TableError as error:
            return _unreadable(error)
        beside = Beside(rescored=True, notes=(f"its own code scored these rows, since {why.what}",))
        return Rival(table=table, beside=beside)


def _absent(absent: Absent) -> Unaligned:
    return Unaligned(mismatch=Mismatch.ABSENT, what=absent.why, do=absent.do)


def _unreadable(error: TableError) -> Unaligned:
    first = error.problems[0]
    return Unaligned(
        mismatch=Mismatch.UNREADABLE, what="; ".join(one.what for one in error.problems), found=first.found,
        do="let one change mend the table, the next one compare it; or set `mode: warn` meanwhile",
    )  # fmt: skip
