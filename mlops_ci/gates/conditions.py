"""A condition that is judged on the interval: what is looked at, and on which side of which bound it has to lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mlops_ci.config.models import Better, Gate
from mlops_ci.core.verdicts import Verdict
from mlops_ci.models.appraisal import Cell, Compared, Estimated, NoValue


class Kind(StrEnum):
    """What a condition asks."""

    MIN = "min"
    MAX = "max"
    NOT_WORSE = "champion"
    BETTER = "superior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The number that a condition looks at, with its interval. p: small where it is shown to miss the bound."""

    value: float
    low: float
    high: float
    error: float
    p: float | None
    same: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The number has to lie above `bound` where `above`, else below it.

    bound: in units of the metric, or of the difference candidate less champion. alpha: of either error.
    """

    kind: Kind
    bound: float
    slice_bound: float
    above: bool
    alpha: float

    @property
    def compares(self) -> bool:
        """Whether a champion is asked."""
        return self.kind in (Kind.NOT_WORSE, Kind.BETTER)

    def seen(self, cell: Cell) -> Seen | NoValue | None:
        """What it looks at in a cell; None where nothing was compared."""
        found = cell.compared if self.compares else cell.estimated
        match found:
            case Estimated():
                p = found.p_low if self.kind is Kind.MIN else found.p_high
                return Seen(value=found.value, low=found.low, high=found.high, error=found.error, p=p)
            case Compared():
                return Seen(
                    value=found.difference, low=found.low, high=found.high, error=found.error, p=found.p_worse,
                    same=found.same,
                )  # fmt: skip
        return found

    def decide(self, seen: Seen, *, of_slice: bool = False) -> Verdict:
        """Pass where the interval lies on the right side, fail where it lies on the wrong one. NaN decides nothing.

        Of a slice nobody asks that it is better: not worse is enough.
        """
        bound, strict = (self.slice_bound, False) if of_slice else (self.bound, self.kind is Kind.BETTER)
        if strict and seen.same:
            return Verdict.FAIL  # what says the same of every row is not better, and no more rows will change that
        kept = seen.low >= bound if self.above else seen.high <= bound
        missed = seen.high < bound if self.above else seen.low > bound
        if strict and seen.low <= bound <= seen.high:
            kept = False
        return Verdict.PASS if kept else Verdict.FAIL if missed else Verdict.INCONCLUSIVE

    def room(self, whole: Seen) -> float:
        """How far from the bound a slice lies that is like the whole, or like the champion."""
        reference = 0.0 if self.compares else whole.value
        return reference - self.slice_bound if self.above else self.slice_bound - reference


def conditions_of(
    gate: Gate, *, better: Better | None, margin: float | None, slice_margin: float | None
) -> Iterator[Condition]:
    """In the order in which they are told."""
    two_sided = (1 - gate.confidence) / 2
    if gate.min is not None:
        yield Condition(kind=Kind.MIN, bound=gate.min, slice_bound=gate.min, above=True, alpha=two_sided)
    if gate.max is not None:
        yield Condition(kind=Kind.MAX, bound=gate.max, slice_bound=gate.max, above=False, alpha=two_sided)
    if gate.champion is not None and better is not None and margin is not None and slice_margin is not None:
        above = better is Better.HIGHER
        sign = -1 if above else 1
        yield Condition(
            kind=Kind.BETTER if gate.superior else Kind.NOT_WORSE, above=above, alpha=1 - gate.confidence,
            bound=0.0 if gate.superior else sign * margin, slice_bound=sign * slice_margin,
        )  # fmt: skip
