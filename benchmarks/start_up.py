"""How long `mlops-ci --help` takes, as a multiple of the interpreter doing nothing. Median of 20, in turn.

.venv/bin/python benchmarks/start_up.py
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 20


def seconds(*arguments: str) -> float:
    """Wall time of one process of this interpreter."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure both in turn, so that a machine whose speed drifts is fair to both."""
    pairs = [(seconds("-c", "pass"), seconds("-m", "mlops_ci", "--help")) for _ in range(ROUNDS)]
    nothing, help_page = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"python -c pass {nothing * 1000:.0f} ms, mlops-ci --help {help_page * 1000:.0f} ms: {help_page / nothing:.1f}x"
    )


if __name__ == "__main__":
    main()
