"""The expected calibration error, with an interval that is honest about its bias."""

import numpy as np

from mlops_ci.statistics.laws import Law, StudentLaw, WideLaw
from mlops_ci.statistics.rows import Codes, Numbers, Rows, UndefinedError
from mlops_ci.statistics.spread import LEAST_UNITS

BINS = 15


def ece(rows: Rows) -> Law:
    """Mean over 15 groups of equal size by score of how far the share of positives is from the mean score.

    Of a perfectly calibrated model it is not 0, since in each group the share differs from the score by chance: by
    sqrt(2 / pi) standard errors in the mean. So the interval reaches down by that much more. Both ends are on the safe
    side: it covers at least as often as it says.
    """
    truth, score = rows.truth, rows.predicted
    if not ((score >= 0) & (score <= 1)).all():
        raise UndefinedError("scores lie outside 0 to 1")
    if rows.count < BINS * 10:
        raise UndefinedError(f"{rows.count:,} rows, and {BINS * 10} at least are needed", few=True)
    count = rows.count if rows.groups is None else len(np.unique(rows.groups))
    if count < LEAST_UNITS:
        raise UndefinedError(f"{count} groups, and {LEAST_UNITS} at least are needed", few=True)
    gaps, errors, shares = _groups(truth, score, rows.weight(), rows)
    value = float(shares @ np.abs(gaps))
    error = float(np.sqrt(((shares * errors) ** 2).sum()))
    if not error > 0:
        raise UndefinedError("scores are 0 or 1, and always right, so that nothing is known of how they vary", few=True)
    bias = float(shares @ errors) * float(np.sqrt(2 / np.pi))
    law = StudentLaw(value=value, error=error, freedom=count - 1.0, method=f"normal, in {BINS} groups of equal size")
    return WideLaw(law=law, below=bias, above=0.0, least=0.0, most=1.0)


def _groups(truth: Numbers, score: Numbers, weight: Numbers, rows: Rows) -> tuple[Numbers, Numbers, Numbers]:
    """Of each group: gap between share and mean score, its standard error, its share of all weight.

    Rows of one score are in one group, so that the order of the file decides nothing; some groups may have no row.
    """
    first = np.searchsorted(np.sort(score), score, side="left") * BINS // rows.count
    group: Codes = np.unique(first, return_inverse=True)[1]
    total = np.bincount(group, weights=weight)
    apart = truth - score
    gaps = np.bincount(group, weights=weight * apart, minlength=len(total)) / total
    rest = weight * (apart - gaps[group])
    if rows.groups is None:
        squares = np.bincount(group, weights=rest**2, minlength=len(total))
    else:
        pair = np.unique(group * (int(rows.groups.max()) + 1) + rows.groups, return_inverse=True)[1]
        sums = np.bincount(pair, weights=rest)
        squares = np.bincount(_first_of(pair, group), weights=sums**2, minlength=len(total))
    return gaps, np.sqrt(squares) / total, total / total.sum()


def _first_of(pair: Codes, group: Codes) -> Codes:
    found = np.empty(int(pair.max()) + 1, dtype=np.int64)
    found[pair] = group
    return found
