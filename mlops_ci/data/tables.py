"""Tables in memory: the files of one dataset, read and put together. For the worker only: it imports pandas."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlops_ci.data.datasets import Format, locate
from mlops_ci.data.text_files import UnreadableError, read_json_lines, scan_delimited

_DELIMITERS = {Format.CSV: ",", Format.TSV: "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file's rows. `lines` holds the line of each row, None for formats that have none; `shown` is its name."""

    shown: str
    frame: pd.DataFrame
    lines: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a row lies: file, number of the row in it (data rows, from 1), and its line in a text file."""

    file: str
    row: int
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A file whose columns or types are not those of the others."""

    file: str
    what: str
    found: str
    expected: str
    column: str = ""
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a dataset, numbered from 0 by the frame's index, and the files that they came from."""

    frame: pd.DataFrame
    parts: tuple[Part, ...]

    def spot(self, row: int) -> Spot:
        """Where a row of the frame lies."""
        file, row = locate([len(part.frame) for part in self.parts], row)
        return spot_in(self.parts[file], row)


def read_part(path: Path, shown: str, form: Format) -> Part:
    """One file. Raises UnreadableError for a file that is no whole table of its format."""
    if form is Format.PARQUET:
        return Part(shown=shown, frame=_read_parquet(path))
    if form is Format.JSON_LINES:
        rows, lines = read_json_lines(path)
        return Part(shown=shown, frame=pd.DataFrame.from_records(rows), lines=lines)
    shape = scan_delimited(path, _DELIMITERS[form])
    frame = _read_delimited(path, _DELIMITERS[form])
    if len(frame) != len(shape.lines) or frame.shape[1] != len(shape.header):
        raise UnreadableError("the file reads differently from one reader to another",
                              found=f"{len(frame):,} or {len(shape.lines):,} rows", expected="plain CSV")  # fmt: skip
    return Part(shown=shown, frame=frame, lines=shape.lines)


def clashes(parts: Sequence[Part]) -> list[Clash]:
    """Files whose columns are not those of most files; where all agree, those whose columns hold other types."""
    layouts = [frozenset(map(str, part.frame.columns)) for part in parts]
    usual = Counter(layouts).most_common(1)[0][0]
    odd = [_other_columns(part, layout, usual) for part, layout in zip(parts, layouts, strict=True) if layout != usual]
    return odd or _other_types(parts)


def joined(parts: Sequence[Part]) -> Table:
    """The whole table, of parts that do not clash."""
    frames = [part.frame for part in parts if len(part.frame)] or [parts[0].frame]
    whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return Table(_with_plain_text(whole), tuple(parts))


def kind_of_values(values: pd.Series) -> str | None:
    """What a column holds, in a word that people use; None where it holds nothing at all."""
    if values.isna().all():
        return None
    if isinstance(values.dtype, pd.CategoricalDtype):
        return kind_of_values(values.cat.categories.to_series())
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return f"times in {values.dtype.tz}"
    plain = {"b": "true or false", "i": "numbers", "u": "numbers", "f": "numbers", "M": "times", "m": "durations"}
    kind = plain.get(getattr(values.dtype, "kind", "O"))
    if isinstance(values.dtype, pd.StringDtype):
        return "text"
    return kind or _kind_of_objects(values)


def not_numbers(values: pd.Series) -> list[int]:
    """Positions of values that are there and are no number."""
    odd = values.notna() & pd.to_numeric(values, errors="coerce").isna()
    return [int(row) for row in odd.to_numpy().nonzero()[0]]


def spot_in(part: Part, row: int) -> Spot:
    """Where a row of a part (from 0) lies."""
    return Spot(file=part.shown, row=row + 1, line=None if part.lines is None else int(part.lines[row]))


def _with_plain_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as plain objects: Great Expectations 1.24 knows no other, so that "str" or "object" would never be met."""
    text = [name for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.StringDtype)]
    return frame.astype(dict.fromkeys(text, object)) if text else frame


def _kind_of_objects(values: pd.Series) -> str:
    inferred: str = pd.api.types.infer_dtype(values, skipna=True)
    return {
        "string": "text", "boolean": "true or false", "integer": "numbers", "floating": "numbers",
        "decimal": "numbers", "mixed-integer-float": "numbers", "date": "dates", "datetime": "times",
    }.get(inferred, inferred)  # fmt: skip


def _read_delimited(path: Path, delimiter: str) -> pd.DataFrame:
    zipped = path.name.lower().endswith(".gz")
    try:
        return pd.read_csv(
            path, sep=delimiter, encoding="utf-8-sig", compression="gzip" if zipped else None,
            low_memory=False, index_col=False,
        )  # fmt: skip
    except ValueError as error:
        raise UnreadableError("the file can't be read as a table", found=str(error), expected="plain CSV") from error


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        with path.open("rb") as file:
            arrow = pq.ParquetFile(file).read()
        _refuse_twins(arrow.column_names)
        frame: pd.DataFrame = arrow.to_pandas()
    except (pa.ArrowException, ValueError) as error:
        raise UnreadableError(
            "the file is no whole Parquet file", found=f"{path.stat().st_size:,} bytes; {_first_sentence(error)}",
            expected="a Parquet file, header to footer",
        ) from error  # fmt: skip
    except OSError as error:
        raise UnreadableError("the file can't be read", found=error.strerror or _first_sentence(error)) from error
    frame = frame.reset_index(drop=all(name is None for name in frame.index.names))
    return frame.set_axis([str(name) for name in frame.columns], axis="columns")


def _refuse_twins(columns: Sequence[str]) -> None:
    twins = [name for name, times in Counter(columns).items() if times > 1]
    if twins:
        raise UnreadableError("columns are there twice", found=", ".join(map(repr, twins)), expected="each column once")


def _first_sentence(error: Exception) -> str:
    return str(error).split(". ")[0].split("\n")[0][:200]


def _other_columns(part: Part, layout: frozenset[str], usual: frozenset[str]) -> Clash:
    missing, extra = sorted(usual - layout), sorted(layout - usual)
    found = [f"{label} {', '.join(map(repr, names))}" for label, names in (("no", missing), ("also", extra)) if names]
    return Clash(
        file=part.shown, what="has other columns than the other files of the dataset", found="; ".join(found),
        expected="the same columns in every file", column=(missing or extra)[0],
    )  # fmt: skip


def _other_types(parts: Sequence[Part]) -> list[Clash]:
    filled = [part for part in parts if len(part.frame)]
    found: list[Clash] = []
    for column in filled[0].frame.columns if len(filled) > 1 else ():
        kinds = [kind_of_values(part.frame[column]) for part in filled]
        counted = Counter(kind for kind in kinds if kind is not None)
        if len(counted) > 1:
            usual = counted.most_common(1)[0][0]
            found += [
                _other_type(part, column, kind, usual)
                for part, kind in zip(filled, kinds, strict=True)
                if kind not in (None, usual)
            ]
    return found


def _other_type(part: Part, column: str, kind: str | None, usual: str) -> Clash:
    odd = not_numbers(part.frame[column])[:1] if usual == "numbers" and kind == "text" else []
    return Clash(
        file=part.shown, what=f"column {column!r} holds {kind}, and {usual} in the other files", found=f"{kind}",
        expected=usual, column=column, spot=spot_in(part, odd[0]) if odd else None,
    )  # fmt: skip


def plain(row: Mapping[str, object]) -> dict[str, str | int | float | bool | None]:
    """A row's values as JSON can hold them; what it can't becomes text."""
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: object) -> str | int | float | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    return value if isinstance(value, bool | int | str) else str(value)
