"""Metrics of rankings: one value a query, and their mean over queries. A query is what is independent, not its rows."""

from collections.abc import Callable

import numpy as np

from mlops_ci.statistics.rows import Codes, Influence, Numbers, Rows, UndefinedError

OfQuery = Callable[["Ranked"], Numbers]


class Ranked:
    """Rows sorted by query, then by falling score; `place` counts from 0 within a query.

    Equal scores, numbered by `tie`: the less relevant row first, so that a constant score is no help.
    """

    def __init__(self, rows: Rows) -> None:
        if rows.queries is None:
            raise UndefinedError("the predictions name no query")
        order = np.lexsort((rows.truth, -rows.predicted, rows.queries))
        self.order = order
        self.query: Codes = np.unique(rows.queries[order], return_inverse=True)[1]
        self.truth: Numbers = rows.truth[order]
        self.first = np.flatnonzero(np.diff(self.query, prepend=-1))
        self.place = np.arange(len(order)) - self.first[self.query]
        score = rows.predicted[order]
        self.tie: Codes = np.cumsum((np.diff(self.query, prepend=0) != 0) | (np.diff(score, prepend=score[0]) != 0))

    @property
    def queries(self) -> int:
        """How many there are."""
        return len(self.first)

    def added(self, each: Numbers) -> Numbers:
        """Sums by query."""
        return np.asarray(np.bincount(self.query, weights=each, minlength=self.queries), dtype=np.float64)


def of_queries(rows: Rows, of_query: OfQuery) -> Influence:
    """The mean over queries; queries without a relevant row are left out."""
    ranked = Ranked(rows)
    values = of_query(ranked)
    counts = ranked.added((ranked.truth > 0).astype(np.float64)) > 0
    if not counts.any():
        raise UndefinedError("no query has a relevant row", few=True)
    value = float(values[counts].mean())
    groups = _groups(rows, ranked)
    units = np.where(counts, values - value, 0.0) * len(counts) / counts.sum()
    return Influence(value=value, each=units, groups=groups, kind="queries")


def ndcg(ranked: Ranked, *, most: int | None = None) -> Numbers:
    """Normalised discounted cumulative gain, gain = relevance, discount 1 / log2(place + 2) (Jarvelin 2002).

    Rows of one score share the discounts of their places, as in scikit-learn (McSherry and Najork 2008).
    """
    discount = _discount(ranked.place, most)
    shared = (np.bincount(ranked.tie, weights=discount) / np.bincount(ranked.tie))[ranked.tie]
    got = ranked.added(ranked.truth * shared)
    ideal_order = np.lexsort((-ranked.truth, ranked.query))
    ideal = ranked.added(ranked.truth[ideal_order] * discount)
    return np.divide(got, ideal, out=np.zeros_like(got), where=ideal > 0)


def mrr(ranked: Ranked) -> Numbers:
    """One over the place of the first relevant row."""
    relevant = np.where(ranked.truth > 0, ranked.place + 1.0, np.inf)
    return 1 / np.minimum.reduceat(relevant, ranked.first)


def mean_average_precision(ranked: Ranked) -> Numbers:
    """Average precision within each query; rows of one score have the precision of the last of them."""
    relevant = (ranked.truth > 0).astype(np.float64)
    seen = np.cumsum(relevant)
    before = (seen - relevant)[ranked.first]
    last = np.flatnonzero(np.diff(ranked.tie, append=ranked.tie[-1] + 1))[ranked.tie]
    precision = (seen[last] - before[ranked.query]) / (ranked.place[last] + 1)
    count = ranked.added(relevant)
    return np.divide(ranked.added(precision * relevant), count, out=np.zeros_like(count), where=count > 0)


def _discount(place: Codes, most: int | None) -> Numbers:
    discount = np.asarray(1 / np.log2(place + 2.0), dtype=np.float64)
    return discount if most is None else np.where(place < most, discount, 0.0)


def _groups(rows: Rows, ranked: Ranked) -> Codes | None:
    """The group of each query: that of its first row."""
    if rows.groups is None:
        return None
    codes: Codes = np.unique(rows.groups[ranked.order][ranked.first], return_inverse=True)[1]
    return codes
