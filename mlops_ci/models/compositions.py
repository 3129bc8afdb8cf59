"""Metrics that scikit-learn has no one function for, thinly composed of what it has, or of the same definition.

Each takes truth, scores and options, as the functions of `sklearn.metrics` do; those of rankings also `queries`.
"""

import numpy as np
import sklearn.metrics

from mlops_ci.models.reading import Codes, Numbers

_BINS = 15


def roc_auc_macro(truth: Numbers, score: Numbers, *, sample_weight: Numbers | None = None) -> float:
    """Mean over classes of each against the rest, or over labels of each. score: (n, k), k classes or labels."""
    ones = (truth[:, None] == np.arange(score.shape[1])) if truth.ndim == 1 else truth
    return float(np.mean([
        sklearn.metrics.roc_auc_score(ones[:, at], score[:, at], sample_weight=sample_weight)
        for at in range(score.shape[1])
    ]))  # fmt: skip


def expected_calibration_error(truth: Numbers, score: Numbers, *, sample_weight: Numbers | None = None) -> float:
    """Mean over bins of |mean score - share of positives|, weighted by their rows.

    15 bins between the score's quantiles, as `sklearn.calibration.calibration_curve(strategy="quantile")` cuts them,
    so rows of one score are in one bin (Naeini et al. 2015, with bins of equal mass: Nixon et al. 2019).
    """
    weights = np.ones(len(score)) if sample_weight is None else sample_weight
    edges = np.percentile(score, np.linspace(0, 100, _BINS + 1))
    bins = np.searchsorted(edges[1:-1], score)
    off = np.bincount(bins, weights=weights * (score - truth), minlength=_BINS)
    return float(np.abs(off).sum() / weights.sum())


def ndcg(truth: Numbers, score: Numbers, *, queries: Codes, k: int | None = None) -> float:
    """Mean over queries of DCG over the best DCG there is; rows of one score share their places' discounts.

    Gains are the relevances themselves, as in `sklearn.metrics.ndcg_score`, whose definition of ties this is
    (McSherry and Najork 2008).
    """
    ours = _gain(truth, score, queries, k)
    return float(np.mean(ours / _gain(truth, truth, queries, k)))


def mean_reciprocal_rank(truth: Numbers, score: Numbers, *, queries: Codes) -> float:
    """Mean over queries of 1 over the place of the first relevant row; rows of its score count as before it."""
    query = _dense(queries)
    best = np.full(query.max() + 1, -np.inf)
    np.maximum.at(best, query[truth > 0], score[truth > 0])
    return float(np.mean(1 / np.bincount(query, weights=score >= best[query])))


def mean_average_precision(truth: Numbers, score: Numbers, *, queries: Codes) -> float:
    """Mean over queries of the average precision, with ties as in `sklearn.metrics.average_precision_score`."""
    query = _dense(queries)
    order = np.lexsort((-score, query))
    query, relevant, score = query[order], truth[order], score[order]
    first = np.flatnonzero(np.concatenate(([True], query[1:] != query[:-1])))
    last = _last_of_ties(query, score)
    hits = np.cumsum(relevant)
    before = np.concatenate(([0.0], hits))[first][query]
    precision = (hits[last] - before) / (last - first[query] + 1)
    return float(np.mean(np.bincount(query, weights=relevant * precision) / np.bincount(query, weights=relevant)))


def _gain(relevance: Numbers, by: Numbers, queries: Codes, k: int | None) -> Numbers:
    """DCG of each query when its rows are ordered by `by`, the greatest first; ties share the mean discount."""
    query = _dense(queries)
    order = np.lexsort((-by, query))
    query, relevance, by = query[order], relevance[order], by[order]
    first = np.flatnonzero(np.concatenate(([True], query[1:] != query[:-1])))
    place = np.arange(len(query)) - first[query]
    discount = 1 / np.log2(place + 2)
    if k is not None:
        discount[place >= k] = 0
    tie = np.cumsum(np.concatenate(([False], (query[1:] != query[:-1]) | (by[1:] != by[:-1]))))
    shared = (np.bincount(tie, weights=discount) / np.bincount(tie))[tie]
    gains: Numbers = np.bincount(query, weights=relevance * shared).astype(np.float64)
    return gains


def _last_of_ties(query: Codes, score: Numbers) -> Codes:
    """For each row, sorted, the last row of the same query and score."""
    ends = np.concatenate((np.flatnonzero((query[1:] != query[:-1]) | (score[1:] != score[:-1])), [len(score) - 1]))
    return ends[np.searchsorted(ends, np.arange(len(score)))]


def _dense(queries: Codes) -> Codes:
    """Codes of the queries that occur, from 0 on."""
    there = np.bincount(queries) > 0
    return (np.cumsum(there) - 1)[queries]
