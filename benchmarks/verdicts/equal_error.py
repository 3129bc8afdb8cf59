"""Who decides more often at equal error rates: the level of each rule is moved until it errs as often as we do.

At a true loss equal to the margin nothing should pass, and nothing should be failed. The level at which a rule passes
(fails) as many of these draws as we do is then used at the other losses. Between two levels a rule is interpolated, as
if a coin decided, so that a coarse p-value is no disadvantage.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlops_ci.statistics.rows import Numbers

Flags = npt.NDArray[np.bool_]
_BOOTSTRAPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The draws of one loss. passed, failed: by us. for_pass, for_fail: by rule; the smaller, the sooner."""

    passed: Flags
    failed: Flags
    for_pass: Mapping[str, Numbers]
    for_fail: Mapping[str, Numbers]


def compared(rankings: Mapping[float, Ranking], margin: float) -> dict[str, dict[str, list[float]]]:
    """By rule and loss: how often it decides, less how often we do; with the standard error of that.

    A loss below the margin is to pass, one above it to fail. Rules that have no answer on half of the draws are left
    out. The error is 0, not computed, where the rule is hardly ahead.
    """
    edge, found = rankings[margin], dict[str, dict[str, list[float]]]()
    for rule in edge.for_pass:
        for loss, one in rankings.items():
            if loss == margin:
                continue
            passing = loss < margin
            sides = [_side(each, rule, passing=passing) for each in (edge, one)]
            if any(np.isinf(scores).mean() > _UNANSWERED for _, scores in sides):
                continue
            apart = _apart(sides[0], sides[1])
            doubt = _error(sides[0], sides[1]) if apart > _WORTH_A_LOOK else 0.0
            found.setdefault(rule, {})[f"{loss:g}"] = [round(apart, 4), round(doubt, 4)]
    return found


_UNANSWERED, _WORTH_A_LOOK = 0.5, 0.01
Side = tuple[Flags, Numbers]


def _side(ranking: Ranking, rule: str, *, passing: bool) -> Side:
    """No number is infinitely far from a decision."""
    scores = (ranking.for_pass if passing else ranking.for_fail)[rule]
    return ranking.passed if passing else ranking.failed, np.where(np.isnan(scores), np.inf, scores)


def _apart(edge: Side, one: Side) -> float:
    """More than 0: the rule decides more often than we do."""
    return _power(edge[1], one[1], float(edge[0].mean())) - float(one[0].mean())


def _power(edge: Numbers, one: Numbers, error: float) -> float:
    """The share of `one` that is decided at the level at which `error` of `edge` is; inf is never decided.

    Where any level between two would do, half way between what they give.
    """
    levels = np.sort(edge)
    at = round(error * len(levels))
    last = levels[at - 1] if at else -np.inf
    following = levels[at] if at < len(levels) else np.inf
    if last < following:
        return float(((one <= last) & np.isfinite(one)).mean() + (one < following).mean()) / 2
    below, upto = (float(np.searchsorted(levels, last, side=side)) for side in ("left", "right"))
    share = (at - below) / (upto - below)
    return float((one < last).mean() + share * ((one == last) & np.isfinite(one)).mean())


def _error(edge: Side, one: Side) -> float:
    """Of the difference, by resampling draws; draws of different losses are independent."""
    chance = np.random.default_rng(0)
    found = []
    for _ in range(_BOOTSTRAPS):
        first, second = (chance.integers(0, len(side[0]), len(side[0])) for side in (edge, one))
        found.append(_apart((edge[0][first], edge[1][first]), (one[0][second], one[1][second])))
    return float(np.std(found))
