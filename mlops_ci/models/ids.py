"""Where the ids of one table are in another: by value, exactly, whatever width, sign or coding they were written in."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from mlops_ci.models.columns import plain_of

_UNITS = ("s", "ms", "us", "ns")
_KINDS = (
    ("numbers", (kinds.is_integer, kinds.is_floating, kinds.is_decimal)),
    ("text", (kinds.is_string, kinds.is_large_string, kinds.is_string_view)),
    ("true and false", (kinds.is_boolean,)),
    ("dates", (kinds.is_date,)),
    ("bytes", (kinds.is_binary, kinds.is_large_binary, kinds.is_binary_view, kinds.is_fixed_size_binary)),
)
_EXACT = 2**53  # from here on a float stands for several whole numbers


def kind_of(column: pa.ChunkedArray) -> str:
    """What the ids are, in a word: ids of different kinds are never the same."""
    kind = plain_of(column.slice(0, 0)).type
    if kinds.is_timestamp(kind):
        return "times" if kind.tz is None else "times with a zone"
    return next((name for name, tests in _KINDS if any(test(kind) for test in tests)), str(kind))


def rounded(column: pa.ChunkedArray) -> bool:
    """Whether the ids are floats so large that digits may have been lost when they were written."""
    if not kinds.is_floating(column.type):
        return False
    return bool(pc.any(pc.greater_equal(pc.abs(column.cast(pa.float64())), pa.scalar(float(_EXACT)))).as_py())


def places_of(wanted: pa.ChunkedArray, there: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """For each id of `wanted` its row in `there`, -1 where it has none. No id occurs twice in either."""
    if kind_of(wanted) != kind_of(there):
        return np.full(len(wanted), -1, dtype=np.int64)
    left, right = _alike(_canonical(wanted), _canonical(there))
    if left.type != right.type:
        return np.full(len(wanted), -1, dtype=np.int64)
    found = pc.index_in(left, value_set=right.combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.int64)


def _canonical(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = plain_of(column)
    kind = plain.type
    if any(test(kind) for test in _KINDS[0][1]):
        return _whole(plain)
    if any(test(kind) for test in _KINDS[1][1]):
        return plain.cast(pa.large_string())
    if any(test(kind) for test in _KINDS[4][1]):
        return plain.cast(pa.large_binary())
    return plain.cast(pa.date64()) if kinds.is_date(kind) else plain


def _whole(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """64-bit whole numbers where all are such, else decimals or floats. A cast that would change a value is refused."""
    for kind in (pa.int64(), pa.uint64()):
        try:
            return numbers.cast(kind)
        except pa.ArrowException:
            continue
    if kinds.is_decimal(numbers.type):
        return numbers.cast(pa.decimal256(76, numbers.type.scale))
    return numbers.cast(pa.float64())


def _alike(left: pa.ChunkedArray, right: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Both under one type, if there is one that holds both exactly."""
    if left.type == right.type:
        return left, right
    if kinds.is_timestamp(left.type):
        candidates = [pa.timestamp(unit, left.type.tz) for unit in _UNITS]
    elif kinds.is_integer(left.type) and kinds.is_integer(right.type):
        candidates = [pa.decimal128(20, 0)]
    elif kinds.is_decimal(left.type) and kinds.is_decimal(right.type):
        candidates = [pa.decimal256(76, max(left.type.scale, right.type.scale))]
    else:
        candidates = [left.type]
    for kind in candidates:
        try:
            return left.cast(kind), right.cast(kind)
        except pa.ArrowException:
            continue
    return left, right
