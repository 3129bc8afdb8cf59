"""Whether two tables are of the same rows with the same truth, and in which order."""

import numpy as np
import numpy.typing as npt

from mlops_ci.models.appraisal import Mismatch, Unaligned
from mlops_ci.models.ids import kind_of, places_of, rounded
from mlops_ci.models.predictions import Places, Table
from mlops_ci.models.problems import counted

_FLOAT32 = 1e-6  # relative: a truth that was once kept in 32 bits is no other truth
_SHOWN = 20


def align(candidate: Table, champion: Table) -> Places | Unaligned:
    """For each row of the candidate its row in the champion's table; else why these can't be set side by side.

    Ids are compared by value, exactly: whole numbers of any width, texts of any coding. Text is never a number.
    """
    kinds = kind_of(candidate.ids), kind_of(champion.ids)
    if kinds[0] != kinds[1]:
        return _other_kinds(candidate, kinds)
    order = places_of(candidate.ids, champion.ids)
    absent = int(np.count_nonzero(order < 0))
    if absent:
        return _other_rows(candidate, champion, absent)
    if candidate.rows < champion.rows:
        return _fewer_rows(candidate, champion)
    differs = _differs(candidate, champion, order)
    return _other_truth(candidate, differs) if differs.any() else order


def _differs(candidate: Table, champion: Table, order: Places) -> npt.NDArray[np.bool_]:
    """Rows of another truth."""
    mine, theirs = candidate.truth, champion.truth[order]
    if bool(candidate.texts) != bool(champion.texts) or mine.shape != theirs.shape:
        return np.ones(candidate.rows, dtype=np.bool_)
    if candidate.texts != champion.texts:
        place = {text: at for at, text in enumerate(candidate.texts)}
        codes = np.array([place.get(text, -1) for text in champion.texts], dtype=np.float64)
        theirs = codes[theirs.astype(np.int64)]
    same = mine == theirs
    if not (candidate.texts or candidate.labels):
        same = same | (np.abs(mine - theirs) <= _FLOAT32 * np.abs(mine))
    differs: npt.NDArray[np.bool_] = ~(same if same.ndim == 1 else same.all(axis=1))
    return differs


def _other_kinds(candidate: Table, kinds: tuple[str, str]) -> Unaligned:
    return Unaligned(
        mismatch=Mismatch.OTHER_ROWS, what=f"the champion's ids are {kinds[1]}, the candidate's {kinds[0]}",
        found=f"{kinds[1]} against {kinds[0]}, which are never the same id", count=candidate.rows,
        do="write the ids in the same type again",
    )  # fmt: skip


def _other_rows(candidate: Table, champion: Table, absent: int) -> Unaligned:
    lost = rounded(candidate.ids) or rounded(champion.ids)
    hint = "; ids are floats of 2^53 and more, which have lost digits" if lost else ""
    return Unaligned(
        mismatch=Mismatch.OTHER_ROWS, what="the champion's predictions are for other rows",
        found=f"{absent:,} of {candidate.rows:,} ids are not among its {champion.rows:,}{hint}", count=absent,
        do="write ids as whole numbers or text" if lost else "declare `predict:`, so that the champion can score these",
    )  # fmt: skip


def _fewer_rows(candidate: Table, champion: Table) -> Unaligned:
    lacking = champion.rows - candidate.rows
    return Unaligned(
        mismatch=Mismatch.FEWER_ROWS, what="the candidate is tested on only a part of the champion's rows",
        found=f"{candidate.rows:,} of {champion.rows:,} rows", count=lacking,
        do=f"predict the {lacking:,} rows that are left out as well, or let one change shrink the test set, and the "
        "next one compare",
    )  # fmt: skip


def _other_truth(candidate: Table, differs: npt.NDArray[np.bool_]) -> Unaligned:
    at = np.flatnonzero(differs)
    rows = [int(row) + 1 for row in at[:_SHOWN]]
    return Unaligned(
        mismatch=Mismatch.TRUTH, what="the truth of the same rows has changed", count=len(at),
        found=f"another truth in {counted(len(at), rows)} of {candidate.rows:,}",
        do="let one change mend the truth, the next one compare; both are judged by one truth only",
    )  # fmt: skip
