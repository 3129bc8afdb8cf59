"""What a model reads and what it says: the columns of its tables, with their types.

A type is told by its family, under Arrow's name: `double` for any number, `string` for any text, `list<double>`. So the
same data has the same signature whether whole numbers were written as such, in 32 bits, or as floats since one of them
is missing, and whatever version wrote or reads it. Another order of columns is another signature. Only the head of a
text file is read, and only the footer of a Parquet file; Arrow is not imported as long as the answer is known.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci import __version__
from mlops_ci.config.models import Predictions
from mlops_ci.core.digests import Digest, digest_of_bytes
from mlops_ci.core.findings import Scalar
from mlops_ci.errors import MlopsCiError, ServiceError
from mlops_ci.metadata.run_record import Column
from mlops_ci.metadata.verdicts import verdict_key
from mlops_ci.models.evidence import MetricStore
from mlops_ci.models.sources import Absent, PredictionsFile
from mlops_ci.models.table_head import PARQUET, UnknownColumnsError, columns_of_text, is_text, seen_of

MOST_COLUMNS = 2_000
_MOST_LETTERS = 200_000
_RULES = "1"  # how types are told; another number reads every table anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a table in its order; without any, `why` says why nobody knows them."""

    columns: tuple[Column, ...] = ()
    why: str = ""


def columns_of(file: PredictionsFile, declared: PurePosixPath, store: MetricStore) -> Columns:
    """The columns of a table. The notation follows the suffix of `declared`. What can't be read is said, not raised."""
    judged = {"table": str(file.digest), "notation": declared.suffix.lower(), "rules": _RULES}
    key = verdict_key("columns", judged, tool=__version__)
    stored = store.get(key)
    known = _decoded(stored.facts) if stored is not None else None
    if known is not None:
        return known
    try:
        path = file.fetch()
        if isinstance(path, Absent):
            return Columns(why=path.why)
        found = _read(path, declared)
    except (MlopsCiError, OSError) as error:  # not kept: the next call may do better
        return Columns(why=str(error))
    with suppress(OSError):
        store.put(key, (), _encoded(found))
    return found


def digest_of_head(path: Path, declared: PurePosixPath) -> Digest:
    """Names the part of a file that its columns are read from: little of it, however large it is. Raises OSError."""
    return digest_of_bytes(seen_of(path, declared))


def outputs_of(columns: tuple[Column, ...], settings: Predictions) -> tuple[Column, ...]:
    """What of a table of predictions the model says: not the id, not the truth, not what rows are told apart by."""
    said = {*_named(settings.score), *_named(settings.prediction)}
    beside = {*_named(settings.id), *_named(settings.truth), *settings.slice_columns, *_around(settings)} - said
    return tuple(one for one in columns if one.name not in beside)


def inputs_of(columns: tuple[Column, ...], settings: Predictions | None) -> tuple[Column, ...]:
    """What of a table of features the model reads: all but what it is to predict."""
    return tuple(one for one in columns if settings is None or one.name not in _named(settings.truth))


def _around(settings: Predictions) -> tuple[str, ...]:
    around = (settings.weight, settings.query, settings.group, settings.time)
    return tuple(name for name in around if name is not None)


def _named(columns: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is None:
        return ()
    return (columns,) if isinstance(columns, str) else columns


def _read(path: Path, declared: PurePosixPath) -> Columns:
    try:
        if is_text(declared):
            found = columns_of_text(path, declared)
        elif declared.suffix.lower() in PARQUET:
            found = _parquet(path)
        else:
            return Columns(why=f"the suffix {declared.suffix!r} is none of .parquet, .csv and .jsonl")
    except UnknownColumnsError as error:
        return Columns(why=str(error))
    if len(found) > MOST_COLUMNS or sum(len(one.name) + len(one.type) for one in found) > _MOST_LETTERS:
        return Columns(why=f"{len(found):,} columns, too much to record; {MOST_COLUMNS:,} of usual names are not")
    return Columns(columns=found) if found else Columns(why="no column")


def _parquet(path: Path) -> tuple[Column, ...]:
    try:
        from mlops_ci.models.table_schema import columns_of_parquet  # noqa: PLC0415 - only where it must be read
    except ModuleNotFoundError as error:
        raise ServiceError.at(
            "MC-MODEL-020", "models", "a Parquet file can't be read here", found=f"no Python package {error.name}",
            expected="the extra `models`", do="install it: pip install 'mlops-ci[models]'",
        ) from error  # fmt: skip
    return columns_of_parquet(path)


def _encoded(found: Columns) -> dict[str, Scalar]:
    return {"columns": json.dumps([[one.name, one.type] for one in found.columns]), "why": found.why}


def _decoded(facts: Mapping[str, Scalar]) -> Columns | None:
    """What the facts say, None where they say nothing that can be read."""
    try:
        pairs = json.loads(str(facts.get("columns")))
        return Columns(columns=tuple(Column(name=name, type=kind) for name, kind in pairs), why=str(facts.get("why")))
    except (ValueError, TypeError):
        return None
