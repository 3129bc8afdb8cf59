"""Metrics that scikit-learn has no one function for, thinly composed of what it has, or of the same definition.

Each takes truth, scores and options, as the functions of `sklearn.metrics` do; those of rankings also `queries`, of
which those without a relevant row are left out: no order of their rows is good or bad.
"""

import numpy as np
import sklearn.metrics

from mlops_ci.models.reading import Codes, Numbers

BINS = 15
_TOP = 3


def roc_auc_macro(truth: Numbers, score: Numbers, *, sample_weight: Numbers | None = None) -> float:
    """Mean over classes of each against the rest, or over labels of each. score: (n, k), k classes or labels."""
    ones = (truth[:, None] == np.arange(score.shape[1])) if truth.ndim == 1 else truth
    return float(np.mean([
        sklearn.metrics.roc_auc_score(ones[:, at], score[:, at], sample_weight=sample_weight)
        for at in range(score.shape[1])
    ]))  # fmt: skip


def expected_calibration_error(truth: Numbers, score: Numbers, *, sample_weight: Numbers | None = None) -> float:
    """Mean over bins of |mean score - share of positives|, weighted by their rows (Naeini et al. 2015).

    15 bins of equally many rows by score (Nixon et al. 2019); rows of one score are in one bin, so that the order of
    the file decides nothing.
    """
    weights = np.ones(len(score)) if sample_weight is None else sample_weight
    bins = np.searchsorted(np.sort(score), score, side="left") * BINS // len(score)
    off = np.bincount(bins, weights=weights * (score - truth), minlength=BINS)
    return float(np.abs(off).sum() / weights.sum())


def top_3_accuracy(truth: Numbers, score: Numbers, *, sample_weight: Numbers | None = None) -> float:
    """As `sklearn.metrics.top_k_accuracy_score(k=3)`, but equal scores count against the true class."""
    mine = np.take_along_axis(score, truth.astype(np.int64)[:, None], axis=1)
    found = (score >= mine).sum(axis=1) <= _TOP
    return float(np.average(found, weights=sample_weight))


def ndcg(truth: Numbers, score: Numbers, *, queries: Codes, k: int | None = None) -> float:
    """Mean over queries of DCG over the best DCG there is; rows of one score share the discounts of their places.

    Gains are the relevances themselves, as in `sklearn.metrics.ndcg_score`, whose way with ties this is (McSherry and
    Najork 2008).
    """
    ours, best = _gain(truth, score, queries, k), _gain(truth, truth, queries, k)
    return float(np.mean(ours[best > 0] / best[best > 0]))


def mean_reciprocal_rank(truth: Numbers, score: Numbers, *, queries: Codes) -> float:
    """Mean over queries of 1 over the place of the first relevant row; others of its score come before it."""
    query = dense(queries)
    best = np.full(query.max() + 1, -np.inf)
    np.maximum.at(best, query[truth > 0], score[truth > 0])
    before = (score > best[query]) | ((score == best[query]) & ~(truth > 0))
    place = 1 + np.bincount(query, weights=before)
    return float(np.mean(1 / place[best > -np.inf]))


def mean_average_precision(truth: Numbers, score: Numbers, *, queries: Codes) -> float:
    """Mean over queries of the average precision, with ties as in `sklearn.metrics.average_precision_score`."""
    query = dense(queries)
    order = np.lexsort((-score, query))
    query, relevant, score = query[order], truth[order], score[order]
    first = np.flatnonzero(np.concatenate(([True], query[1:] != query[:-1])))
    last = _last_of_ties(query, score)
    hits = np.cumsum(relevant)
    before = np.concatenate(([0.0], hits))[first][query]
    precision = (hits[last] - before) / (last - first[query] + 1)
    found, there = (np.bincount(query, weights=one) for one in (relevant * precision, relevant))
    return float(np.mean(found[there > 0] / there[there > 0]))


def _gain(relevance: Numbers, by: Numbers, queries: Codes, k: int | None) -> Numbers:
    """DCG of each query when its rows are ordered by `by`, the greatest first; ties share the mean discount."""
    query = dense(queries)
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


def dense(codes: Codes) -> Codes:
    """The same codes from 0 on without a gap, in the same order."""
    there = np.bincount(codes) > 0
    return (np.cumsum(there) - 1)[codes]
