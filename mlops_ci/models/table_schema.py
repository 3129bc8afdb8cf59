"""The columns of a Parquet file, from its footer. What this imports is heavy: import it late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds
from pyarrow import parquet

from mlops_ci.metadata.run_record import Column
from mlops_ci.models.table_head import UnknownColumnsError, named

_DEPTH = 4
_PLAIN: tuple[tuple[str, tuple[Callable[[Any], bool], ...]], ...] = (
    ("bool", (kinds.is_boolean,)),
    ("double", (kinds.is_integer, kinds.is_floating, kinds.is_decimal)),
    ("string", (kinds.is_string, kinds.is_large_string, kinds.is_string_view)),
    (
        "binary",
        (kinds.is_binary, kinds.is_large_binary, kinds.is_binary_view, kinds.is_fixed_size_binary),
    ),
    ("date", (kinds.is_date,)),
    ("time", (kinds.is_time,)),
    ("duration", (kinds.is_duration,)),
    ("null", (kinds.is_null,)),
)


def columns_of_parquet(path: Path) -> tuple[Column, ...]:
    """The columns in the file's order. Raises UnknownColumnsError for what is no Parquet file, OSError."""
    try:
        with parquet.ParquetFile(path) as file:
            return tuple(Column(name=one.name, type=_family(one.type, _DEPTH)) for one in file.schema_arrow)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise UnknownColumnsError(f"it is no whole Parquet file ({type(error).__name__})") from error


def _family(kind: Any, depth: int) -> str:
    """The type without what differs between writers of the same data: width, sign, unit, coding, zone."""
    for name, tests in _PLAIN:
        if any(test(kind) for test in tests):
            return name
    if kinds.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamp[UTC]"
    inner = _beneath(kind)
    if inner is not None:
        return _family(inner, depth)
    if depth == 0:
        return str(kind.id)
    return _nested(kind, depth - 1)


def _beneath(kind: Any) -> Any:
    """The type of the values, where the type only says how they are kept."""
    if kinds.is_dictionary(kind) or kinds.is_run_end_encoded(kind):
        return kind.value_type
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else None


def _nested(kind: Any, depth: int) -> str:
    if kinds.is_struct(kind):
        return named("struct", (f"{one.name}: {_family(one.type, depth)}" for one in kind))
    if kinds.is_map(kind):
        return named("map", (_family(kind.key_type, depth), _family(kind.item_type, depth)))
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return named("list", (_family(kind.value_type, depth),))
    return str(kind)


def range_in_parquet(path: Path, column: str) -> tuple[str, str] | None:
    """The least and the greatest time of a column by the footer's statistics; None where it has none of all rows."""
    with parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if names.count(column) != 1 or not _is_time(file.schema_arrow.field(column).type):
            return None
        place = next(at for at in range(len(file.schema.names)) if file.schema.column(at).path == column)
        groups = [file.metadata.row_group(at).column(place) for at in range(file.metadata.num_row_groups)]
        whole = [group.statistics for group in groups if group.num_values != _nulls(group.statistics)]
    if not whole or not all(one is not None and one.has_min_max for one in whole):
        return None
    return min(one.min for one in whole).isoformat(), max(one.max for one in whole).isoformat()


def _is_time(kind: Any) -> bool:
    return bool(kinds.is_timestamp(kind) or kinds.is_date(kind))


def _nulls(statistics: Any) -> int:
    return int(statistics.null_count) if statistics is not None and statistics.has_null_count else 0
