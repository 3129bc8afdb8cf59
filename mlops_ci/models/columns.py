"""One column of a table, as numbers, labels or texts.

Columns of a CSV file arrive as text (`loose`), and what they are is told from all of their rows, not from the first
ones. In Parquet and JSON text is text: a score written as text there is a mistake, and is called one.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_NUMBER = r"^\s*[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|inf|Inf|infinity|Infinity)\s*$"


class UnfitColumnError(Exception):
    """A column holds something else than is needed; `rows` marks where, None: the whole column does."""

    def __init__(self, expected: str, rows: npt.NDArray[np.bool_] | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.rows = rows


def nulls(column: pa.ChunkedArray, *, loose: bool = False) -> npt.NDArray[np.bool_]:
    """Which rows hold nothing: null or NaN; where text is `loose` also the empty text and words like NA."""
    plain = _plain(column)
    if loose and _is_text(plain.type):
        words = pa.array(_MISSING, type=plain.type)
        return _flags(pc.or_kleene(pc.is_null(plain), pc.is_in(plain, value_set=words)))
    return _flags(pc.is_null(plain, nan_is_null=True)) if _can_be_nan(plain.type) else _flags(pc.is_null(plain))


def as_numbers(column: pa.ChunkedArray, *, loose: bool = False) -> npt.NDArray[np.float64]:
    """Floats, NaN where nothing is. Raises UnfitColumnError where something else is."""
    plain = _plain(column)
    if loose and _is_text(plain.type):
        return _parsed(plain)
    if kinds.is_null(plain.type):
        return np.full(len(plain), np.nan)
    if not (kinds.is_integer(plain.type) or kinds.is_floating(plain.type) or kinds.is_decimal(plain.type)):
        raise UnfitColumnError("numbers")
    return _floats(plain)


def as_labels(
    column: pa.ChunkedArray, *, loose: bool = False
) -> npt.NDArray[np.float64] | npt.NDArray[np.object_]:  # fmt: skip
    """Classes: floats where all are numbers or true and false (1 and 0), else texts."""
    plain = _plain(column)
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


def as_texts(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """The value of each row as text; `(missing)` where nothing is."""
    values = _plain(column).to_pylist()
    return np.array(["(missing)" if value is None or value == "" else str(value) for value in values], dtype=object)


def _number_labels(plain: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    try:
        return as_numbers(plain)
    except UnfitColumnError as error:
        raise UnfitColumnError("classes: numbers, text, or true and false") from error


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if kinds.is_dictionary(column.type) else column


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
