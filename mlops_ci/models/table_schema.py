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
