"""Slices of a table: the largest values of a column, or of a pair of columns, with their rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from mlops_ci.models.computed import MOST_SLICES
from mlops_ci.models.notations import shown
from mlops_ci.models.predictions import Table

Rows = npt.NDArray[np.int64]  # places in the table, ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The largest slices by name, `carrier=UA` or `carrier=UA, origin=JFK`; left_out: how many values more."""

    rows: dict[str, Rows]
    left_out: int


def named(columns: Sequence[str]) -> str:
    """How a slice column, or a pair of them, is called."""
    return ", ".join(map(_told, columns))


def _told(text: str) -> str:
    """A column or value, in quotes where its end could be anywhere; no two texts are told alike."""
    kept = shown(text)
    if not text.isprintable():
        kept = f"{kept} #{sha256(text.encode()).hexdigest()[:8]}"
    unclear = any(sign in kept for sign in ('"', "=", ", ")) or kept != kept.strip()
    return json.dumps(kept, ensure_ascii=False) if unclear else kept


def slices_by(table: Table, columns: Sequence[str]) -> Slices:
    """The MOST_SLICES largest slices by one column or two; of equally large ones the first by name."""
    coded = [table.slices[column] for column in columns]
    codes = coded[0].codes.astype(np.int64)
    for more in coded[1:]:
        codes = codes * len(more.texts) + more.codes
    values, counts = np.unique(codes, return_counts=True)
    names = {int(value): _name(int(value), columns, [one.texts for one in coded]) for value in _largest(values, counts)}
    order = sorted(names, key=lambda value: (-counts[np.searchsorted(values, value)], names[value]))[:MOST_SLICES]
    rows = {names[value]: np.flatnonzero(codes == value) for value in order}
    return Slices(rows=rows, left_out=len(values) - len(rows))


def _largest(values: Rows, counts: Rows) -> Rows:
    """Those among which the largest are, whatever their names are."""
    if len(values) <= MOST_SLICES:
        return values
    kept: Rows = values[counts >= np.sort(counts)[-MOST_SLICES]]
    return kept


def _name(value: int, columns: Sequence[str], texts: Sequence[Sequence[str]]) -> str:
    parts = []
    for column, known in reversed(list(zip(columns, texts, strict=True))):
        value, code = divmod(value, len(known))
        parts.append(f"{_told(column)}={_told(known[code])}")
    return ", ".join(reversed(parts))
