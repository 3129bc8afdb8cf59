"""A metrics file, read strictly: JSON, YAML or TOML by its suffix, into flat names and plain values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath
from types import MappingProxyType

from mlops_ci.core.findings import Place, Scalar
from mlops_ci.core.names import nearest
from mlops_ci.errors import UsageError
from mlops_ci.models.notations import Parsed, Unreadable, parse_json, parse_toml, parse_yaml, shown

_MOST_LEVELS = 64
_LARGEST = 16 * 2**20

_NOTATIONS: Mapping[str, Callable[[bytes, PurePosixPath], Parsed]] = MappingProxyType(
    {".json": parse_json, ".yaml": parse_yaml, ".yml": parse_yaml, ".toml": parse_toml}
)
SUFFIXES = ".json, .yaml, .yml or .toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsFile:
    """What a metrics file holds. Nested names are joined by dots, items of lists are named by their index from 0."""

    path: PurePosixPath
    values: Mapping[str, Scalar]
    lines: Mapping[str, int]

    def place(self, key: str | None = None) -> Place:
        """Where the file says `key`; the line is known where finding it is cheap."""
        return Place(path=self.path, line=self.lines.get(key) if key is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoNumber:
    """Why a metric is no number that could be judged."""

    what: str
    found: str
    expected: str = "a finite number"
    do: str = ""


def is_metrics_file(path: PurePosixPath) -> bool:
    """Whether files with this suffix can be read as metrics."""
    return path.suffix.lower() in _NOTATIONS


def read_metrics(content: bytes, path: PurePosixPath) -> MetricsFile:
    """Read the bytes of a metrics file. NaN and Infinity are read as such, as DVC does.

    Raises UsageError with the place for what can't be read: empty, not parseable, a name twice, no object at all.
    """
    try:
        return _read(content, path)
    except Unreadable as error:
        raise UsageError.at(
            error.code, str(path), error.what, place=Place(path=path, line=error.line), found=error.found,
            expected=error.expected, do=error.do,
        ) from error  # fmt: skip


def number_of(metrics: MetricsFile, key: str) -> float | NoNumber:
    """The finite number under a name, or why there is none."""
    if key not in metrics.values:
        return _missing(metrics, key)
    value = metrics.values[key]
    where = f"in {metrics.place(key)}"
    do = f"let the stage that writes {metrics.path} write a finite number for {key}"
    match value:
        case None:
            return NoNumber(what=f"{key} is null", found=f"null {where}", do=do)
        case bool():
            return NoNumber(what=f"{key} is true or false, no number", found=f"{str(value).lower()} {where}", do=do)
        case str():
            return NoNumber(what=f"{key} is text, no number", found=f"text of {len(value)} characters {where}", do=do)
    number = as_float(value)
    if not isfinite(number):
        kind = "not a number (NaN)" if number != number else "infinite"  # noqa: PLR0124 - only NaN differs from itself
        do = f"find out why the evaluation yields {number}"
        return NoNumber(what=f"{key} is {kind}", found=f"{number} {where}", do=do)
    return number


def as_float(value: float) -> float:
    """The number as a float; an integer beyond the range of floats is infinite."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _missing(metrics: MetricsFile, key: str) -> NoNumber:
    below = [name for name in metrics.values if name.endswith(f".{key}")]
    near = min(below, key=len) if below else nearest(key, metrics.values)
    meant = f"; did you mean {shown(near)}?" if near else ""
    names = ", ".join(shown(name) for name in sorted(metrics.values)[:10]) or "no name at all"
    return NoNumber(
        what=f"{metrics.path} holds no {key}{meant}", found=f"the names {names}" if metrics.values else names,
        expected=f"a finite number under {key}",
        do=f"write {key} to {metrics.path}, or name the metric as the file does",
    )  # fmt: skip


def _read(content: bytes, path: PurePosixPath) -> MetricsFile:
    notation = _NOTATIONS.get(path.suffix.lower())
    if notation is None:
        raise Unreadable(
            code="MC-MODEL-001", what="is not a metrics file that can be read",
            found=f"the suffix {path.suffix!r}" if path.suffix else "no suffix", expected=SUFFIXES,
            do="write the metrics as JSON, YAML or TOML, with that suffix",
        )  # fmt: skip
    _refuse_size(content)
    parsed = notation(content, path)
    if not isinstance(parsed.value, Mapping):
        if isinstance(parsed.value, bool) or not isinstance(parsed.value, int | float):
            raise _no_object(parsed.value)
        # DVC takes a file that holds one number and nothing else.
        return MetricsFile(path=path, values=MappingProxyType({path.stem: parsed.value}), lines={path.stem: 1})
    values: dict[str, Scalar] = {}
    names: dict[str, tuple[str | int, ...]] = {}
    for keys, value in _leaves(parsed.value, ()):
        name = ".".join(map(str, keys))
        if name in values:
            raise _twice(name)
        values[name], names[name] = value, keys
    return MetricsFile(path=path, values=MappingProxyType(values), lines=parsed.lines(names))


def _refuse_size(content: bytes) -> None:
    if not content.strip():
        raise Unreadable(
            code="MC-MODEL-002", what="is empty", found=f"{len(content)} bytes",
            expected='at least {"name of a metric": number}',
            do="see why the stage that writes it wrote nothing, and run it again",
        )  # fmt: skip
    if len(content) > _LARGEST:
        raise Unreadable(
            code="MC-MODEL-003", what="is too large for a metrics file", found=f"{len(content):,} bytes",
            expected=f"at most {_LARGEST:,} bytes", do="declare curves and tables as plots, not as metrics",
        )  # fmt: skip


def _leaves(value: object, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Scalar]]:
    if len(keys) > _MOST_LEVELS:
        raise Unreadable(
            code="MC-MODEL-003", what="is nested too deeply", found=f"more than {_MOST_LEVELS} levels",
            expected="metrics, a few levels deep", do="write fewer levels",
        )  # fmt: skip
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*keys, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*keys, index))
    else:
        yield keys, value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _no_object(value: object) -> Unreadable:
    kinds = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return Unreadable(
        code="MC-MODEL-005", what="holds no names of metrics", found=kinds.get(type(value), "another kind of value"),
        expected='an object like {"accuracy": 0.9}', do="write each metric under a name",
    )  # fmt: skip


def _twice(name: str) -> Unreadable:
    return Unreadable(
        code="MC-MODEL-006", what=f"says {shown(name)} twice", found="two values under one name",
        expected="each name once (nested names are joined by dots)", do="give one of the two another name",
    )  # fmt: skip
