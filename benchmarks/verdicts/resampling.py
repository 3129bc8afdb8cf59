"""Paired bootstrap: how often each row is drawn in each resample, and metrics under such weights."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.verdicts.samples import Sample
from mlops_ci.statistics.rows import Numbers, Rows

RESAMPLES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """counts: (resamples, rows), the same for all draws of a cell, since making them takes longer than using them."""

    metric: str
    counts: npt.NDArray[np.float32]

    def differences(self, sample: Sample) -> Numbers:
        """Candidate less champion in each resample."""
        return self._values(sample.candidate) - self._values(sample.champion)

    def _values(self, rows: Rows) -> Numbers:
        if self.metric == "average_precision":
            return self._average_precisions(rows)
        square = (rows.truth - rows.predicted) ** 2
        n = rows.count
        mean = np.asarray(self.counts @ square.astype(np.float32), dtype=np.float64) / n
        if self.metric == "rmse":
            return np.sqrt(mean)
        truth = rows.truth.astype(np.float32)
        first, second = self.counts @ truth / n, self.counts @ truth**2 / n
        return np.asarray(1 - mean / (second - first**2), dtype=np.float64)

    def _average_precisions(self, rows: Rows) -> Numbers:
        """Equal scores are one step: precision is taken at its end."""
        order = np.argsort(-rows.predicted, kind="stable")
        score, truth = rows.predicted[order], rows.truth[order].astype(np.float32)
        counts = self.counts[:, order]
        ends = np.append(np.flatnonzero(np.diff(score)), rows.count - 1)
        found, everyone = np.cumsum(counts * truth, axis=1)[:, ends], np.cumsum(counts, axis=1)[:, ends]
        precision = np.divide(found, everyone, out=np.zeros_like(found), where=everyone > 0)
        gains = np.diff(found, axis=1, prepend=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((gains * precision).sum(axis=1) / found[:, -1], dtype=np.float64)


def resampling_of(metric: str, rows: int, chance: np.random.Generator) -> Resampling:
    """Every row is as likely as every other."""
    counts = chance.multinomial(rows, np.full(rows, 1 / rows), RESAMPLES).astype(np.float32)
    return Resampling(metric=metric, counts=counts)
