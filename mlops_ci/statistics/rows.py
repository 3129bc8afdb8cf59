"""Rows that a metric is computed of, and why there may be no number."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


class UndefinedError(Exception):
    """There is no number, or none that is to be trusted. few: more rows would give one."""

    def __init__(self, why: str, *, few: bool = False) -> None:
        super().__init__(why)
        self.few = few


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Truth and prediction of n rows.

    truth: (n,) 0 and 1, codes of classes from 0 on, or values; (n, k) 0 and 1 for k labels. predicted: what the metric
    reads: scores (n,), codes (n,), values (n,), scores of k classes (n, k), labels (n, k). weights: (n,), at least 0.
    groups: (n,) codes of rows that depend on each other. queries: (n,) codes, for metrics of rankings only.
    """

    truth: Numbers
    predicted: Numbers
    weights: Numbers | None = None
    groups: Codes | None = None
    queries: Codes | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.truth)

    def weight(self) -> Numbers:
        """Weights with mean 1."""
        return np.ones(self.count) if self.weights is None else self.weights / self.weights.mean()


def refuse_unfit(rows: Rows) -> None:
    """Raises UndefinedError where there is no row, no weight, or anything that is no finite number."""
    if not rows.count:
        raise UndefinedError("no row is there", few=True)
    for name, column in (("truth", rows.truth), ("prediction", rows.predicted), ("weight", rows.weights)):
        if column is not None and not np.isfinite(column).all():
            count = int(np.count_nonzero(~np.isfinite(column)))
            raise UndefinedError(f"the {name} is no finite number in {count:,} places")
    if rows.weights is not None and not (rows.weights >= 0).all():
        raise UndefinedError("weights are below 0")
    if rows.weights is not None and not rows.weights.any():
        raise UndefinedError("all weights are 0", few=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """A metric and what each row adds to it (the infinitesimal jackknife of Jaeckel 1972 and Efron 1982).

    each: n times the derivative of the value by the row's weight; its mean is 0. So the value less the true one is
    about the mean of `each`, and everything is said by it: the standard error is the spread of that mean, dependent
    rows are added up within their group, and a difference of two models is the difference of their influences.
    support: of a proportion, how many independent trials it is of, were rows independent; None: not known.
    bias: by how much the value is too high on average. kind: what `each` is of. left_out: the same as `each`, by really
    leaving each row out (Tukey's jackknife), where that is another number; None: it is not.
    """

    value: float
    each: Numbers
    groups: Codes | None = None
    support: float | None = None
    bias: float = 0.0
    kind: str = "rows"
    left_out: Numbers | None = None

    @property
    def units(self) -> Numbers:
        """One number for each independent unit, a row or a group, that add up to the sum of `each`."""
        each = self.each if self.left_out is None else self.left_out
        if self.groups is None:
            return each
        return np.asarray(np.bincount(self.groups, weights=each), dtype=np.float64)


def less(one: Influence, other: Influence) -> Influence:
    """Of a difference on the same rows."""
    mine, theirs = one.left_out, other.left_out
    return replace(
        one, value=one.value - other.value, each=one.each - other.each, bias=one.bias - other.bias,
        left_out=None if mine is None or theirs is None else mine - theirs,
    )  # fmt: skip


def kish(weight: Numbers, trials: Numbers) -> float:
    """How many trials of equal weight are as good as so many in each row (Kish, Survey Sampling, 1965, 11.7)."""
    return float(weight @ trials) ** 2 / float(weight**2 @ trials)
