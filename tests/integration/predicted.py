"""Tables of predictions on disk, and the metrics computed of them."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import parquet

from mlops_ci.models.computed import Computed, Wanted
from mlops_ci.models.evidence import evidence
from tests.doubles.metric_store import MemoryStore
from tests.model_factories import PREDICTIONS, a_model, table_at

Columns = dict[str, npt.NDArray[Any]]


def binary(rows: int = 2000) -> Columns:
    """Rows of two classes, three in ten late, with scores, and carriers to slice by."""
    draw = np.random.default_rng(7)
    late = draw.random(rows) < 0.3
    score = np.clip(draw.normal(0.35 + 0.2 * late, 0.2), 0.001, 0.999)
    carrier = draw.choice(np.array(["UA", "AA", "DL"]), rows, p=[0.6, 0.3, 0.1])
    return {"id": np.arange(rows), "late": late, "score": score, "carrier": carrier}


def saved(folder: Path, columns: Columns, name: str = "p.parquet") -> Path:
    """Write the columns as Parquet."""
    path = folder / name
    parquet.write_table(pa.table(columns), path)
    return path


def wanted(*names: str, slices: tuple[str, ...] = (), **overrides: Any) -> Wanted:
    """These metrics of a table, by slices; what differs from the usual settings."""
    settings = {**PREDICTIONS, "path": "p.parquet", "slices": list(slices), **overrides}
    predictions = a_model(predictions=settings).predictions
    assert predictions is not None
    return Wanted(settings=predictions, metrics=dict.fromkeys(names, tuple((one,) for one in slices)))


def computed(path: Path, asked: Wanted) -> Computed:
    """What is computed now."""
    answer = evidence(table_at(path), asked, MemoryStore())
    assert isinstance(answer, Computed), answer
    return answer
