"""A run's record with secrets taken out of what it says: its values, never the names of its fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from mlops_ci.core.secrets import everywhere
from mlops_ci.metadata.run_record import RunRecord


def record_without(secrets: Sequence[str], record: RunRecord) -> RunRecord:
    """The record as `core.secrets.without` leaves its texts. A password may well be a word like `seconds`."""
    cleaned: RunRecord = _cleaned(secrets, record) if secrets else record
    return cleaned


def _cleaned(secrets: Sequence[str], value: Any) -> Any:
    match value:
        case BaseModel():
            inside = {name: _cleaned(secrets, getattr(value, name)) for name in type(value).model_fields}
            return value.model_copy(update=inside)
        case tuple() | list():
            return type(value)(_cleaned(secrets, one) for one in value)
        case Mapping():
            return {everywhere(secrets, key): _cleaned(secrets, one) for key, one in value.items()}
        case _:
            return everywhere(secrets, value)
