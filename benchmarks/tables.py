"""A million predictions: how long it takes to read them, to set a champion's beside them, and to search for a leak.

    python -m benchmarks.tables [--rows 1000000]

Ids are texts, then numbers; the champion's rows are in another order, and the order that is found is checked.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mlops_ci.config.models import Predictions
from mlops_ci.models.alignment import align
from mlops_ci.models.leak_search import search
from mlops_ci.models.predictions import read_champion, read_predictions

SEED = 20_130_704
LATE = 0.2
SETTINGS = """{"path": "p.parquet", "id": "id", "truth": "late", "score": "score", "group": "tail",
               "slices": ["carrier", "origin", "dest"]}"""


def main() -> None:
    """Print seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    print(f"{rows:,} rows, seed {SEED}")
    with TemporaryDirectory() as folder:
        for kind in ("text", "number"):
            _measure(Path(folder), rows, kind)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def _measure(folder: Path, rows: int, kind: str) -> None:
    draw = np.random.default_rng(SEED)
    late = draw.random(rows) < LATE
    numbers = draw.permutation(rows)
    table = pa.table({
        "id": [f"flight-{number:09d}" for number in numbers] if kind == "text" else numbers,
        "late": late, "score": np.clip(draw.normal(0.3 + 0.2 * late, 0.2), 0, 1),
        "tail": draw.integers(0, 4_000, rows).astype(str), "carrier": draw.choice(["UA", "AA", "DL", "WN", "B6"], rows),
        "origin": draw.choice(["JFK", "LGA", "EWR"], rows), "dest": draw.integers(0, 100, rows).astype(str),
    })  # fmt: skip
    order = draw.permutation(rows)
    features = {f"x{at}": draw.normal(size=rows) + late for at in range(20)} | {"leak": 10 * late + draw.random(rows)}
    parquet.write_table(table, folder / "candidate.parquet")
    parquet.write_table(table.take(pa.array(order)), folder / "champion.parquet")
    parquet.write_table(pa.table({"id": table["id"], **features}), folder / "inputs.parquet")
    settings = Predictions.model_validate_json(SETTINGS)
    candidate = _timed(f"ids {kind}: candidate read, group and 3 slice columns",
                       lambda: read_predictions(folder / "candidate.parquet", settings, classes=True))  # fmt: skip
    champion = _timed(f"ids {kind}: champion read",
                      lambda: read_champion(folder / "champion.parquet", settings, classes=True))  # fmt: skip
    found = _timed(f"ids {kind}: set side by side", lambda: align(candidate, champion))
    if not np.array_equal(found, np.argsort(order)):
        raise SystemExit(f"another order than was laid: {found}")
    leaks = _timed(f"ids {kind}: 21 features searched for a leak",
                   lambda: search(folder / "candidate.parquet", folder / "inputs.parquet", settings,
                                  PurePosixPath("inputs.parquet")))  # fmt: skip
    if set(leaks.areas) != {"leak"}:
        raise SystemExit(f"another feature than the one that leaks: {leaks}")


def _timed(name: str, act: Callable[[], Any]) -> Any:
    begin = time.perf_counter()
    made = act()
    print(f"{name}: {time.perf_counter() - begin:.2f} s")
    return made


if __name__ == "__main__":
    main()
