"""What intervals cost: a paired comparison of AUC against the bootstrap, and metrics by slice over a million rows.

.venv/bin/python -m benchmarks.metric_speed

Targets: the comparison at least 5 times as fast as scikit-learn's metric called in a loop of 2,000 paired replicates,
and under 10 s; slices under 30 s and 2 GB. Exit 1 where one is missed.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import Rows
from mlops_ci.statistics.single import estimate

T = TypeVar("T")
REPLICATES = 2_000
METRICS = ("roc_auc", "average_precision", "log_loss")
_SEED, _RATIO, _SECONDS, _SLICE_SECONDS, _BYTES = 8, 5.0, 10.0, 30.0, 2 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Predictions of two models for the same rows."""

    candidate: Rows
    champion: Rows

    def of(self, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> "Pair":
        """Some of the rows."""
        one, other = (
            replace(rows, truth=rows.truth[at], predicted=rows.predicted[at])
            for rows in (self.candidate, self.champion)
        )
        return Pair(candidate=one, champion=other)


def main() -> None:
    """Both cases, each with its targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="of the comparison")
    parser.add_argument("--measured", type=int, default=50, help="replicates of the bootstrap that are really made")
    parser.add_argument("--slice-rows", type=int, default=1_000_000)
    parser.add_argument("--slices", type=int, default=20)
    asked = parser.parse_args()
    chance = np.random.default_rng(_SEED)
    print(f"seed {_SEED}, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    kept = [slices(drawn(asked.slice_rows, chance), asked.slices, chance)]  # first: the peak of memory is its own
    kept.append(comparison(drawn(asked.rows, chance), asked.measured, chance))
    sys.exit(0 if all(kept) else 1)


def drawn(rows: int, chance: np.random.Generator) -> Pair:
    """Two models with normal scores in each class, of which one in five rows is positive."""
    truth = (chance.random(rows) < 0.2).astype(np.float64)  # noqa: PLR2004
    common = chance.standard_normal(rows)
    scores = (expit(d * truth + 0.9 * common + 0.43 * chance.standard_normal(rows) - 1.5) for d in (1.4, 1.38))
    candidate, champion = (Rows(truth=truth, predicted=score) for score in scores)
    return Pair(candidate=candidate, champion=champion)


def comparison(pair: Pair, measured: int, chance: np.random.Generator) -> bool:
    """AUC by DeLong's components against replicates of scikit-learn's metric."""
    count = pair.candidate.count
    law, seconds = _timed(lambda: difference("roc_auc", pair.candidate, pair.champion))
    low, high = law.interval(0.9)
    found, loop = _timed(lambda: [_replicate(pair, chance) for _ in range(measured)])
    whole = loop / measured * REPLICATES
    ratio = whole / seconds
    print(f"\npaired comparison of AUC, {count:,} rows")
    print(f"  ours       {seconds:8.2f} s   {law.value:+.5f} [{low:+.5f}, {high:+.5f}], error {law.error:.6f}")
    print(f"  bootstrap  {whole:8.2f} s   error {float(np.std(found, ddof=1)):.6f}")
    print(f"             {REPLICATES:,} replicates, extrapolated from {measured} that took {loop:.2f} s")
    print(f"  ratio      {ratio:8.0f}     target: at least {_RATIO:g}, and ours under {_SECONDS:g} s")
    return ratio >= _RATIO and seconds < _SECONDS


def _replicate(pair: Pair, chance: np.random.Generator) -> float:
    """The difference on rows that were drawn again."""
    at = chance.integers(0, pair.candidate.count, pair.candidate.count)
    one, other = (roc_auc_score(rows.truth[at], rows.predicted[at]) for rows in (pair.candidate, pair.champion))
    return float(one - other)


def slices(pair: Pair, count: int, chance: np.random.Generator) -> bool:
    """Each metric over all rows and in each slice: its own interval, and that of the difference."""
    place = np.argsort(chance.integers(0, count, pair.candidate.count), kind="stable")
    parts = [pair, *(pair.of(at) for at in np.array_split(place, count))]
    print(f"\n{pair.candidate.count:,} rows, all of them and {count} slices, estimate and difference")
    whole = 0.0
    for metric in METRICS:
        seconds = _timed(partial(_judge, metric, parts))[1]
        whole += seconds
        print(f"  {metric:18} {seconds:6.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"  together           {whole:6.2f} s   target: under {_SLICE_SECONDS:g} s")
    print(f"  peak               {peak / 1024**3:6.2f} GB  target: under {_BYTES / 1024**3:g} GB, of the whole process")
    return whole < _SLICE_SECONDS and peak < _BYTES


def _judge(metric: str, parts: Sequence[Pair]) -> None:
    """As a gate does it."""
    for one in parts:
        estimate(metric, one.candidate).interval(0.95)
        difference(metric, one.candidate, one.champion).interval(0.9)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begin


if __name__ == "__main__":
    main()
