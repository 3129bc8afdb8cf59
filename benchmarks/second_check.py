"""A check in which nothing changed, against `dvc status` of the same repository. Median of 7, in turn.

.venv/bin/python benchmarks/second_check.py FOLDER    a repository that was checked once already
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 7


def seconds(folder: Path, *arguments: str) -> float:
    """Wall time of one process of this interpreter in `folder`."""
    begin = time.perf_counter()
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure both in turn, so that a machine whose speed drifts is fair to both."""
    folder = Path(sys.argv[1])
    seconds(folder, "-m", "mlops_ci", "check")
    pairs = [
        (seconds(folder, "-m", "mlops_ci", "check"), seconds(folder, "-m", "dvc", "status")) for _ in range(ROUNDS)
    ]
    check, status = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"mlops-ci check {check:.2f} s, dvc status {status:.2f} s: {check / status:.2f}x")


if __name__ == "__main__":
    main()
