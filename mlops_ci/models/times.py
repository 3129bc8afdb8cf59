"""A column of times: instants in UTC, the span of them, and blocks of rows that depend on each other.

Times have a zone, all the same one, or none has: a day that begins at two places at once is no block.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from mlops_ci.config.models import Block
from mlops_ci.models.columns import UnfitColumnError, nulls, plain_of

TIMES = "times like 2013-07-04T18:30:00Z"
_ISO = (
    r"^\s*(?P<time>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?)"
    r"(?:[.,]\d+)?(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?)?\s*$"
)
_HOUR, _DAY, _WEEK = 3_600, 86_400, 7
_MONDAY = 3  # days from a Monday to 1970-01-01


class MixedZonesError(Exception):
    """Times of several zones, or with and without one; the message tells which, `rows` marks those of the rarest."""

    def __init__(self, zones: str, rows: npt.NDArray[np.bool_]) -> None:
        super().__init__(zones)
        self.rows = rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """seconds: since 1970, in UTC where the times have a zone, else by their own clock."""

    seconds: npt.NDArray[np.int64]

    @property
    def days(self) -> float:
        """From the first to the last."""
        return float(self.seconds.max() - self.seconds.min()) / _DAY

    def blocks(self, block: Block) -> npt.NDArray[np.int64]:
        """A number for each hour, day, week (from Monday on) or month of UTC."""
        match block:
            case Block.HOUR:
                found = self.seconds // _HOUR
            case Block.DAY:
                found = self.seconds // _DAY
            case Block.WEEK:
                found = (self.seconds // _DAY + _MONDAY) // _WEEK
            case Block.MONTH:
                found = self.seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        return found


def as_times(column: pa.ChunkedArray, *, loose: bool = False) -> Times:
    """Times, or texts of them in ISO 8601; fractions of seconds are cut. What is missing is 0 here: look for it first.

    Raises UnfitColumnError where something else is, MixedZonesError.
    """
    plain = plain_of(column)
    if kinds.is_timestamp(plain.type) or kinds.is_date(plain.type):
        return Times(seconds=_seconds(plain))
    if not (kinds.is_string(plain.type) or kinds.is_large_string(plain.type) or kinds.is_string_view(plain.type)):
        raise UnfitColumnError(TIMES)
    return _of_texts(plain.cast(pa.large_string()), nulls(plain, loose=loose))


def _seconds(times: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    zone = times.type.tz if kinds.is_timestamp(times.type) else None
    try:
        whole = times.cast(pa.timestamp("s", zone), safe=False).cast(pa.int64())
    except pa.ArrowException as error:
        raise UnfitColumnError(TIMES) from error
    return np.asarray(pc.fill_null(whole, 0).to_numpy(), dtype=np.int64)


def _of_texts(texts: pa.ChunkedArray, missing: npt.NDArray[np.bool_]) -> Times:
    parts = pc.extract_regex(texts, pattern=_ISO).combine_chunks()
    unfit = ~missing & np.asarray(pc.is_null(parts).to_numpy(zero_copy_only=False), dtype=np.bool_)
    if unfit.any():
        raise UnfitColumnError(TIMES, unfit)
    _refuse_mixed(pc.struct_field(parts, "zone"), ~missing)
    clock = pc.struct_field(parts, "time")
    try:
        local = _seconds(pa.chunked_array([clock]).cast(pa.timestamp("s")))
    except pa.ArrowException as error:  # a 30th of February
        raise UnfitColumnError(TIMES) from error
    return Times(seconds=local - _offset(pc.struct_field(parts, "zone"), ~missing))


def _refuse_mixed(zones: pa.Array, there: npt.NDArray[np.bool_]) -> None:
    named = pc.if_else(pa.array(there), _same(zones), pa.scalar(None, zones.type)).dictionary_encode()
    codes = np.asarray(pc.fill_null(named.indices.cast(pa.int64()), -1), dtype=np.int64)
    if len(named.dictionary) < 2:  # noqa: PLR2004 - several
        return
    counts = np.bincount(codes[codes >= 0])
    order = np.argsort(-counts, kind="stable")
    texts = [f"{text or 'no zone'} in {_rows(counts[at])}" for at, text in enumerate(named.dictionary.to_pylist())]
    raise MixedZonesError(", ".join(texts[at] for at in order[:5]), codes == order[-1])


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _same(zones: pa.Array) -> pa.Array:
    """One way to write each zone: `+0100` as `+01:00`, Z as `+00:00`."""
    upright = pc.replace_substring_regex(pc.utf8_upper(zones), pattern=r"^([+-]\d{2}):?(\d{2})?$", replacement=r"\1:\2")
    whole = pc.replace_substring_regex(upright, pattern=r":$", replacement=":00")
    return pc.replace_substring_regex(whole, pattern=r"^(Z|-00:00)$", replacement="+00:00")


def _offset(zones: pa.Array, there: npt.NDArray[np.bool_]) -> int:
    """Seconds that the clock of all these times is ahead of UTC."""
    at = int(np.argmax(there)) if there.any() else 0
    zone = str(_same(zones)[at].as_py() or "") if len(zones) else ""
    if not zone:
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    return (-1 if zone[0] == "-" else 1) * (hours * _HOUR + minutes * 60)
