"""Fields of a JSON object that the schema has accepted: what has another type than expected is nothing."""

from collections.abc import Mapping, Sequence

Record = Mapping[str, object]


def number(record: Record, name: str) -> float | None:
    value = record[name]
    return float(value) if isinstance(value, int | float) else None


def measured(record: Record, name: str) -> float | None:
    """A number that an older minor does not have."""
    return number(record, name) if name in record else None


def text(record: Record, name: str) -> str:
    return str(record[name])


def optional_text(record: Record, name: str) -> str | None:
    value = record[name]
    return value if isinstance(value, str) else None


def object_of(record: Record, name: str) -> Record:
    value = record[name]
    return value if isinstance(value, Mapping) else {}


def objects(record: Record, name: str) -> list[Record]:
    """The objects of a list; none where an older minor has no such list."""
    value = record.get(name, ())
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def strings(record: Record, name: str) -> tuple[str, ...]:
    value = record[name]
    return tuple(map(str, value)) if isinstance(value, list) else ()
