"""Tables of predictions, written and read by tests: four rows, of which a test names what differs."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_ci.config.models import Predictions
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.models.predictions import Table, read_predictions
from mlops_ci.models.table_file import TableError

ROWS: dict[str, Any] = {"id": [1, 2, 3, 4], "late": [0, 1, 0, 1], "score": [0.1, 0.9, 0.4, 0.6]}


def settings(**named: Any) -> Predictions:
    """How mlops-ci.yaml would name the columns."""
    whole = {"path": "p.parquet", "id": "id", "truth": "late", "score": "score", **named}
    return Predictions.model_validate_json(json.dumps(whole))


def table(folder: Path, columns: dict[str, Any], **named: Any) -> Table:
    """A Parquet file with these columns instead of, or beside, the usual ones; read."""
    path = folder / "p.parquet"
    parquet.write_table(pa.table({**ROWS, **columns}), path)
    return read_predictions(path, settings(**named), classes=True)


def csv(folder: Path, content: str, **named: Any) -> Table:
    """A CSV file, read."""
    return _text(folder / "p.csv", content, named)


def json_lines(folder: Path, rows: Iterable[Mapping[str, Any]], **named: Any) -> Table:
    """A file of JSON lines, read."""
    return _text(folder / "p.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows), named)


def _text(path: Path, content: str, named: Mapping[str, Any]) -> Table:
    path.write_text(content, encoding="utf-8")
    return read_predictions(path, settings(path=path.name, **named), classes=True)


def told(read: Callable[[], Table]) -> list[tuple[str, str, str]]:
    """Code, what and found of all that `read` complains of; each says what to do, and fails."""
    with pytest.raises(TableError) as caught:
        read()
    assert all(one.do and one.exit is ExitCode.FAIL for one in caught.value.problems)
    return [(one.code, one.what, one.found) for one in caught.value.problems]
