"""Two processes with different hash seeds and numbers of threads write the same model, byte for byte."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import flight_delays_train
from flight_delays_train.candidates import CANDIDATES
from training_rows import training_rows

SOURCE = Path(flight_delays_train.__file__).parents[1]


def training(candidate: str, rows: Path, out: Path, threads: str) -> subprocess.Popen[bytes]:
    """A process of its own that fits the candidate and writes it to `out`."""
    counts = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    environment = {**os.environ, **counts, "PYTHONHASHSEED": threads, "PYTHONPATH": str(SOURCE)}
    options = ["--rows", str(rows), "--out", str(out), "--seed", "2013", "--max_iter", "30"]
    return subprocess.Popen([sys.executable, "-m", "flight_delays_train", candidate, *options], env=environment)


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_same_seed_same_bytes(candidate: str, tmp_path: Path) -> None:
    rows, first, second = (tmp_path / name for name in ("rows.parquet", "first.skops", "second.skops"))
    training_rows().to_parquet(rows, index=False)
    processes = [training(candidate, rows, first, threads="1"), training(candidate, rows, second, threads="2")]
    assert [process.wait() for process in processes] == [0, 0]
    assert first.read_bytes() == second.read_bytes()
