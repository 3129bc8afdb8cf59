"""The exact test of paired proportions: its p-value holds whatever the share of rows on which the models differ."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from mlops_ci.statistics.rows import Numbers

_SHARES = 40  # of the nuisance parameter that the largest p-value is sought at


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactPValues:
    """By gained and lost rows: of "the loss is the margin or more", and of "the margin or less"."""

    for_pass: Numbers
    for_fail: Numbers
    most: int

    def at(self, gained: int, lost: int) -> tuple[float, float]:
        """NaN, which decides nothing, where more rows differ than the table holds."""
        if max(gained, lost) > self.most:
            return float("nan"), float("nan")
        return float(self.for_pass[gained, lost]), float(self.for_fail[gained, lost])


@lru_cache(maxsize=8)
def exact_p_values(n: int, margin: float) -> ExactPValues:
    """Unconditional, ordered by the score: the largest over shares of rows that differ (Hsueh, Liu and Chen,
    Biometrics 57 (2001), 478-483). Tables hold up to 0.4 n gained or lost rows.
    """
    most = int(0.4 * n)
    counts = np.arange(most + 1.0)
    gained, lost = counts[:, None], counts[None, :]
    same = n - gained - lost
    ways = gammaln(n + 1) - gammaln(gained + 1) - gammaln(lost + 1) - gammaln(np.maximum(same, 0) + 1)
    order = np.argsort(_score(gained, lost, n, margin), axis=None, kind="stable")
    for_pass, for_fail = (np.zeros(order.size) for _ in range(2))
    for wins in np.geomspace(1e-4, 0.3, _SHARES):
        losses = wins + margin
        logs = ways + gained * np.log(wins) + lost * np.log(losses) + same * np.log1p(-wins - losses)
        masses = np.where(same >= 0, np.exp(logs), 0.0).ravel()[order]
        upto = np.cumsum(masses)
        for_fail = np.maximum(for_fail, upto)
        for_pass = np.maximum(for_pass, upto[-1] - upto + masses)
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    shape = (most + 1, most + 1)
    return ExactPValues(for_pass=for_pass[back].reshape(shape), for_fail=for_fail[back].reshape(shape), most=most)


def _score(gained: Numbers, lost: Numbers, n: int, margin: float) -> Numbers:
    """Gain above the margin in standard errors, with the variance that the restricted likelihood gives."""
    linear = gained + lost - (2 * n - lost + gained) * margin
    wins = (linear + np.sqrt(linear**2 + 8 * n * gained * margin * (1 - margin))) / (4 * n)
    variance = (2 * np.maximum(0.0, wins) + margin - margin**2) / n
    return ((gained - lost) / n + margin) / np.sqrt(variance)
