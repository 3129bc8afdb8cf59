"""One column of a table, as numbers, as labels, or as texts with a code for each.

Columns of a CSV file arrive as text (`loose`), and what they are is told from all of their rows, not from the first
ones. In Parquet and JSON text is text: a score written as text there is a mistake, and is called one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
MISSING = "(missing)"
_EXACT = 2**53  # below it floats hold whole numbers exactly
_NUMBER = r"^\s*[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|Inf|infinity|Infinity)\s*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Texts by code. codes: (n,), each a place in `texts`, which are distinct and sorted."""

    codes: npt.NDArray[np.int32]
    texts: tuple[str, ...]


class UnfitColumnError(Exception):
    """A column holds something else than is needed; `rows` marks where, None: the whole column does."""

    def __init__(self, expected: str, rows: npt.NDArray[np.bool_] | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.rows = rows


def nulls(column: pa.ChunkedArray, *, loose: bool = False) -> npt.NDArray[np.bool_]:
    """Which rows hold nothing: null or NaN; where text is `loose` also the empty text and words like NA."""
    plain = plain_of(column)
    if loose and _is_text(plain.type):
        words = pa.array(_MISSING, type=plain.type)
        return _flags(pc.or_kleene(pc.is_null(plain), pc.is_in(plain, value_set=words)))
    return _flags(pc.is_null(plain, nan_is_null=True)) if _can_be_nan(plain.type) else _flags(pc.is_null(plain))


def as_numbers(column: pa.ChunkedArray, *, loose: bool = False) -> npt.NDArray[np.float64]:
    """Floats, NaN where nothing is. Raises UnfitColumnError where something else is."""
    plain = plain_of(column)
    if loose and _is_text(plain.type):
        return _parsed(plain)
    if kinds.is_null(plain.type):
        return np.full(len(plain), np.nan)
    if not (kinds.is_integer(plain.type) or kinds.is_floating(plain.type) or kinds.is_decimal(plain.type)):
        raise UnfitColumnError("numbers")
    return _floats(plain)


def as_labels(column: pa.ChunkedArray, *, loose: bool = False) -> npt.NDArray[np.float64] | Coded:
    """Classes: floats where all are numbers or true and false (1 and 0), else texts."""
    plain = plain_of(column)
    if kinds.is_boolean(plain.type):
        return _floats(plain.cast(pa.int8()))
    if not _is_text(plain.type):
        return _number_labels(plain)
    if not loose:
        return as_texts(plain)
    there = ~nulls(plain, loose=True)
    words = pc.utf8_lower(pc.utf8_trim_whitespace(plain))
    true, false = _flags(pc.equal(words, "true")), _flags(pc.equal(words, "false"))
    if (true | false)[there].all():
        return np.where(there, true.astype(np.float64), np.nan)
    try:
        return _parsed(plain)
    except UnfitColumnError:
        return as_texts(plain)


def as_texts(column: pa.ChunkedArray) -> Coded:
    """The value of each row as text: whole numbers without a point, `(missing)` where nothing is.

    Raises UnfitColumnError where a value is not one value but a list or a structure.
    """
    codes, values = _encoded(column)
    texts = [_text(value) for value in values.to_pylist()]
    # Two values may have one text: 1 and "1" can't, but nothing and the empty text have.
    distinct, merged = np.unique(np.array([*texts, MISSING], dtype=object), return_inverse=True)
    codes = merged[np.where(codes < 0, len(texts), codes)]
    if (codes == merged[-1]).any():
        return Coded(codes=codes.astype(np.int32), texts=tuple(distinct.tolist()))
    kept = np.delete(distinct, merged[-1])
    return Coded(codes=(codes - (codes > merged[-1])).astype(np.int32), texts=tuple(kept.tolist()))


def as_codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """A number from 0 on for each distinct value, in the order in which they occur; -1 where nothing is.

    Raises UnfitColumnError as `as_texts` does.
    """
    return _encoded(column)[0]


def _encoded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], pa.Array]:
    # A file's own dictionary may hold a value twice: only one made here tells values apart.
    try:
        made = plain_of(column).combine_chunks().dictionary_encode()
    except pa.ArrowException as error:
        raise UnfitColumnError("numbers, text or times") from error
    if not kinds.is_dictionary(made.type):  # a column without any value
        return np.full(len(made), -1, dtype=np.int64), pa.array([], type=pa.string())
    return np.asarray(pc.fill_null(made.indices.cast(pa.int64()), -1), dtype=np.int64), made.dictionary


def _text(value: object) -> str:
    if value is None or value == "" or value != value:  # noqa: PLR0124 - NaN differs from itself
        return MISSING
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value)


def _number_labels(plain: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    try:
        return as_numbers(plain)
    except UnfitColumnError as error:
        raise UnfitColumnError("classes: numbers, text, or true and false") from error


def plain_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values as such, whatever way they are kept."""
    if kinds.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if kinds.is_run_end_encoded(column.type):
        return pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], type=column.type.value_type)
    if isinstance(column.type, pa.BaseExtensionType):
        return column.cast(column.type.storage_type)
    return column


def _is_text(kind: pa.DataType) -> bool:
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind))


def _can_be_nan(kind: pa.DataType) -> bool:
    return bool(kinds.is_floating(kind))


def _flags(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=np.bool_)


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(pc.fill_null(column.cast(pa.float64(), safe=False), float("nan")).to_numpy(), dtype=np.float64)


def _parsed(texts: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    there = ~nulls(texts, loose=True)
    unfit = there & ~_flags(pc.match_substring_regex(texts, _NUMBER))
    if unfit.any():
        raise UnfitColumnError("numbers", unfit)
    known = pc.if_else(pa.chunked_array([pa.array(there)]), texts, pa.scalar(None, texts.type))
    return _floats(pc.utf8_trim_whitespace(known))
