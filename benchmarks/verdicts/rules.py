"""How others would have decided on the same draw. None of it is our own statistics: written anew, from the textbook.

All differences here are gains: candidate less champion where higher is better, else the other way round.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from benchmarks.verdicts.exact import exact_p_values
from benchmarks.verdicts.plain_values import EACH, Placements, right
from benchmarks.verdicts.resampling import Resampling
from benchmarks.verdicts.samples import Population, Sample, higher_is_better
from mlops_ci.statistics.rows import Codes, Numbers, Rows

LEVEL = 0.05
_DIGITS = 12  # beyond them equal numbers differ by how they were added up
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a rule says of one draw, a value a margin.

    for_pass, for_fail: the smaller, the sooner it passes or fails; where the rule is a test, its p-values.
    passes, fails: as the rule is used.
    """

    for_pass: Numbers
    for_fail: Numbers
    passes: Flags
    fails: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One sample with the values of both models. margins: in units of the metric. placements: for AUC, of both."""

    sample: Sample
    candidate: float
    champion: float
    sign: int
    margins: Numbers
    placements: tuple[Placements, ...] = ()
    resampling: Resampling | None = None

    @property
    def gain(self) -> float:
        """By how much the candidate looks better."""
        return round(self.sign * (self.candidate - self.champion), _DIGITS)


Rule = Callable[[Draw], Opinion]


def rules_of(population: Population, rows: int) -> Mapping[str, Rule]:
    """The rules that a population's metric can be judged by."""
    truly = population.true_values(0)[1]
    found: dict[str, Rule] = {
        "metric went down": partial(_point, allowed=0.0),
        "went down by more than the margin": partial(_point, allowed=1.0),
        "MLflow, threshold": partial(_floor, truly=truly),
        "MLflow, min_absolute_change": partial(_point, allowed=-1.0),
        "MLflow, min_relative_change": _relative,
    }
    return found | dict(_tests(population, rows))


def _tests(population: Population, rows: int) -> Sequence[tuple[str, Rule]]:
    metric, found = population.metric, list[tuple[str, Rule]]()
    if metric == "accuracy":
        found += [("paired z (Wald)", partial(_t_test, each=right, normal=True)), ("Tango", _tango)]
        if rows <= _MOST_FOR_EXACT and not population.grouped:
            found.append(("exact, unconditional", _exact))
    if metric in EACH and metric != "accuracy":
        found.append(("paired t", partial(_t_test, each=EACH[metric])))
    if metric in ("rmse", "r2"):
        found.append(("delta method, normal", _delta))
    if metric == "roc_auc":
        found.append(("DeLong, normal", _delong))
    if population.grouped and (metric in EACH):
        found.append(("paired t of groups", partial(_t_of_groups, each=EACH[metric])))
    if metric in ("average_precision", "rmse", "r2") and not population.grouped:
        found.append(("paired bootstrap, percentile", _bootstrap))
    return found


_MOST_FOR_EXACT, _LEAST_FOR_VARIANCE = 1_000, 2


def _point(draw: Draw, *, allowed: float) -> Opinion:
    """allowed: the loss that still passes, in margins; negative: so much better it has to be."""
    passes = draw.gain >= -allowed * draw.margins
    return _without_doubt(np.full(len(draw.margins), draw.gain), passes)


def _floor(draw: Draw, *, truly: float) -> Opinion:
    """A fixed threshold, as who knows the champion's true value would set it: that value less the margin."""
    seen = round(draw.sign * (draw.candidate - truly), _DIGITS)
    return _without_doubt(np.full(len(draw.margins), seen), seen >= -draw.margins)


def _relative(draw: Draw) -> Opinion:
    """At least 1 % of the champion's value better."""
    gain = draw.gain / abs(draw.champion) if draw.champion else draw.gain
    return _without_doubt(np.full(len(draw.margins), gain), np.full(len(draw.margins), gain >= _RELATIVE))


_RELATIVE = 0.01


def _without_doubt(seen: Numbers, passes: Flags) -> Opinion:
    known = np.isfinite(seen)
    return Opinion(for_pass=-seen, for_fail=seen, passes=passes & known, fails=~passes & known)


def _tested(for_pass: Numbers, for_fail: Numbers) -> Opinion:
    return Opinion(for_pass=for_pass, for_fail=for_fail, passes=for_pass < LEVEL, fails=for_fail < LEVEL)


def _scored(score: Numbers, freedom: float | None = None) -> Opinion:
    """score: by how many standard errors the gain lies above the margin."""
    below = np.asarray(ndtr(score) if freedom is None else stdtr(freedom, score))
    above = np.asarray(ndtr(-score) if freedom is None else stdtr(freedom, -score))
    return _tested(above, below)


def _over(apart: Numbers, error: float) -> Numbers:
    return apart / error if error > 0 else np.where(apart == 0, 0.0, np.sign(apart) * np.inf)


def _t_test(draw: Draw, *, each: Callable[[Rows], Numbers], normal: bool = False) -> Opinion:
    apart = draw.sign * (each(draw.sample.candidate) - each(draw.sample.champion))
    error = float(np.std(apart, ddof=1)) / np.sqrt(len(apart))
    return _scored(_over(apart.mean() + draw.margins, error), None if normal else len(apart) - 1)


def _t_of_groups(draw: Draw, *, each: Callable[[Rows], Numbers]) -> Opinion:
    """Linearised ratio of sums of groups (Cochran, Sampling Techniques, 1977, 6.3)."""
    groups = _groups(draw.sample)
    apart = draw.sign * (each(draw.sample.candidate) - each(draw.sample.champion))
    sums = np.bincount(groups, weights=apart - apart.mean())
    count = len(sums)
    error = float(np.sqrt(count / (count - 1) * (sums @ sums))) / len(apart)
    return _scored(_over(apart.mean() + draw.margins, error), count - 1)


def _groups(sample: Sample) -> Codes:
    if sample.champion.groups is None:
        raise ValueError("rows are independent")
    return sample.champion.groups


def _discordant(sample: Sample) -> tuple[int, int, int]:
    mine, theirs = right(sample.candidate), right(sample.champion)
    return int((mine > theirs).sum()), int((mine < theirs).sum()), len(mine)


def _tango(draw: Draw) -> Opinion:
    """Score test with the variance of the restricted likelihood (Nam, Biometrics 53 (1997), 1422-1430)."""
    gained, lost, n = _discordant(draw.sample)
    return _scored(restricted_score(float(gained), float(lost), n, draw.margins))


def restricted_score(gained: float | Numbers, lost: float | Numbers, n: int, margins: float | Numbers) -> Numbers:
    """The score of "the loss is the margin"; arrays are combined element by element."""
    linear = gained + lost - (2 * n - lost + gained) * margins
    root = np.sqrt(np.maximum(0.0, linear**2 + 8 * n * gained * margins * (1 - margins)))
    wins = np.maximum(0.0, (linear + root) / (4 * n))
    variance = (2 * wins + margins - margins**2) / n
    apart = (gained - lost) / n + margins
    return np.asarray(np.divide(apart, np.sqrt(variance), out=np.zeros_like(variance), where=variance > 0))


def _exact(draw: Draw) -> Opinion:
    gained, lost, n = _discordant(draw.sample)
    found = [exact_p_values(n, float(margin)).at(gained, lost) for margin in draw.margins]
    return _tested(np.array([one for one, _ in found]), np.array([other for _, other in found]))


def _delta(draw: Draw) -> Opinion:
    """First-order expansion of both metrics in means of squares, and a normal law."""
    mine, theirs = ((rows.truth - rows.predicted) ** 2 for rows in (draw.sample.candidate, draw.sample.champion))
    truth = draw.sample.champion.truth
    square = (truth - truth.mean()) ** 2
    if draw.sign < 0:
        each = -(mine - mine.mean()) / (2 * draw.candidate) + (theirs - theirs.mean()) / (2 * draw.champion)
    else:
        whole = square.mean()
        ratio = (theirs.mean() - mine.mean()) / whole
        each = (theirs - mine - ratio * square) / whole
    error = float(np.std(each, ddof=1)) / np.sqrt(len(each))
    return _scored(_over(draw.gain + draw.margins, error))


def _delong(draw: Draw) -> Opinion:
    """Covariances of placements (DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988)), by midranks."""
    mine, theirs = draw.placements
    if min(len(mine[0]), len(mine[1])) < _LEAST_FOR_VARIANCE:
        return _tested(np.full(len(draw.margins), np.nan), np.full(len(draw.margins), np.nan))
    variance = sum(float(np.var(one - other, ddof=1)) / len(one) for one, other in zip(mine, theirs, strict=True))
    return _scored(_over(draw.gain + draw.margins, float(np.sqrt(variance))))


def _bootstrap(draw: Draw) -> Opinion:
    """Shares of resamples in which the gain lies beyond the margin."""
    if draw.resampling is None:
        return _tested(np.full(len(draw.margins), np.nan), np.full(len(draw.margins), np.nan))
    gains = draw.sign * draw.resampling.differences(draw.sample)
    below = np.array([(gains <= -margin).mean() for margin in draw.margins])
    above = np.array([(gains >= -margin).mean() for margin in draw.margins])
    return _tested(below, above)


def higher(population: Population) -> int:
    """1 where a higher metric is better, else -1."""
    return 1 if higher_is_better(population) else -1
