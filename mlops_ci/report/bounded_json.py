"""JSON of unknown origin as plain values, each of bounded size: what is too large, too deep or no JSON is refused."""

import json
import math
from collections.abc import Mapping, Sequence

from mlops_ci.core.digests import Json
from mlops_ci.core.json_values import sound
from mlops_ci.report.plain_text import clipped

MOST_BYTES = 8 * 1024 * 1024
_MOST_LEVELS = 16
_MOST_DIGITS = 40
_TEXT = 4_000
_KEY = 200
_KEYS = 200
_ITEMS = 5_000


def bounded_json(data: bytes) -> Json:
    """The value that `data` holds: texts clipped, lists and objects of at most 5,000 and 200 entries, numbers finite.

    Raises ValueError, whose words quote nothing of `data`.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    try:
        value = json.loads(data, parse_constant=_no_number, parse_float=_finite, parse_int=_whole)
        return _bounded(value, _MOST_LEVELS)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error


def _bounded(value: object, levels: int) -> Json:
    if levels <= 0:
        raise ValueError("it is nested too deeply")
    match value:
        case str():
            return _text(value, _TEXT)
        case Mapping():
            first = list(value.items())[:_KEYS]
            return {_text(str(key), _KEY): _bounded(one, levels - 1) for key, one in first}
        case list():
            return [_bounded(one, levels - 1) for one in first_of(value, _ITEMS)]
        case bool() | int() | float() | None:
            return value
        case _:  # json makes nothing else
            raise ValueError("it is no JSON")


def first_of(records: Sequence[object], most: int) -> Sequence[object]:
    """At most `most` of them: those that call themselves errors before the others, else in their order."""
    if len(records) <= most:
        return records
    quiet = [not (isinstance(one, Mapping) and one.get("severity") == "error") for one in records]
    order = sorted(range(len(records)), key=quiet.__getitem__)[:most]
    return [records[at] for at in sorted(order)]


def _text(text: str, most: int) -> str:
    return str(sound(clipped(text, most)))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("it holds a number that is not finite")
    return number


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("it holds a number that is too long")
    return int(text)


def _no_number(_: str) -> float:
    raise ValueError("it holds a number that is not finite")
