"""Noise of training: what a metric is where nothing but the seed differs, and comparisons judged against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from statistics import mean, stdev

from mlops_ci.config.models import Better
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import ServiceError
from mlops_ci.models.appraisal import ALL, Appraisal, Cell, Compared, NoValue, Question, Training
from mlops_ci.models.metrics import METRICS

_LEAST = 3  # trainings: of two nobody knows how far they may lie apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Values of one metric over trainings, the candidate's own first, by slice; ALL among them.

    A slice in which one of the trainings has no value is not among them. seeds, tables: what the parameter was, and the
    digests of the predictions, in that order.
    """

    values: Mapping[str, tuple[float, ...]]
    seeds: tuple[int, ...]
    tables: tuple[str, ...]

    def trainings(self, name: str) -> tuple[Training, ...]:
        """Those of a slice."""
        each = zip(self.seeds, self.values.get(name, ()), self.tables, strict=True)
        return tuple(Training(seed=seed, value=value, predictions=table) for seed, value, table in each)

    @property
    def overall(self) -> tuple[float, ...]:
        """Over all rows: what the report draws as a band."""
        return self.values.get(ALL, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class NoNoise:
    """Why the noise of training is not known, and what to do about it: then no comparison is judged."""

    why: str
    do: str = ""
    verdict: Verdict = Verdict.INCONCLUSIVE


NoiseOf = Callable[[frozenset[str]], Mapping[str, Noise | NoNoise]]


def no_noise(_: frozenset[str]) -> Mapping[str, Noise | NoNoise]:
    """Where no gate asks for it."""
    return {}


def over_noise(
    appraisal: Appraisal, questions: Mapping[str, Question], noise_of: NoiseOf
) -> Appraisal:  # fmt: skip
    """The same appraisal, its comparisons judged against the noise of training too.

    noise_of: is given the gates that compare, and answers for those of them that ask for it. It is not called where
    none does, since what is the very same model has no noise to be judged against. Where noise is not known there is no
    comparison. Raises ServiceError where scipy is not installed.
    """
    comparing = frozenset(gate for gate, of_gate in appraisal.cells.items() if _compares(of_gate))
    noises = noise_of(comparing) if comparing else {}
    cells = {
        gate: _over(of_gate, questions[gate], noises[gate]) if gate in noises else of_gate
        for gate, of_gate in appraisal.cells.items()
    }
    return replace(appraisal, cells=cells)


def _compares(cells: Mapping[str, Cell]) -> bool:
    return any(isinstance(cell.compared, Compared) and not cell.compared.same for cell in cells.values())


def _over(cells: Mapping[str, Cell], question: Question, noise: Noise | NoNoise) -> Mapping[str, Cell]:
    return {name: replace(cell, compared=_compared(name, cell, question, noise)) for name, cell in cells.items()}


def _compared(name: str, cell: Cell, question: Question, noise: Noise | NoNoise) -> Compared | NoValue | None:
    if not isinstance(cell.compared, Compared) or cell.compared.same:
        return cell.compared
    if isinstance(noise, NoNoise):
        return NoValue(why=noise.why, do=noise.do)
    values = noise.values.get(name, ())
    if not (len(values) >= _LEAST and all(map(isfinite, values))):
        return NoValue(why="not every training with another seed has a value here", few=True)
    margin = question.margin if name == ALL else question.slice_margin
    wide = _widened(cell.compared, question, values, margin)
    return replace(wide, trainings=noise.trainings(name))


def _widened(compared: Compared, question: Question, values: tuple[float, ...], margin: float) -> Compared:
    try:
        from mlops_ci.statistics.training_noise import spread_of, widened  # noqa: PLC0415 - only where it is computed
    except ModuleNotFoundError as error:
        raise ServiceError.at(
            "MC-MODEL-020", "models", "the noise of training can't be judged here",
            found=f"no Python package {error.name}", expected="the extra `models`",
            do="install it: pip install 'mlops-ci[models]'",
        ) from error  # fmt: skip
    higher = METRICS[question.metric].better is Better.HIGHER
    wide = widened(
        compared.difference, (compared.low, compared.high), spread_of(values), confidence=question.confidence,
        bound=-margin if higher else margin,
    )  # fmt: skip
    p_worse = wide.p_at_least if higher else wide.p_at_most
    return replace(
        compared, low=wide.low, high=wide.high, error=wide.error,
        p_worse=None if compared.p_worse is None else max(compared.p_worse, p_worse),
        method=f"{compared.method}; with the noise of {len(values)} trainings",
    )  # fmt: skip


def points_of(cell: Cell) -> tuple[float, ...]:
    """Trainings as they are drawn on the axis of the difference: each less the champion, the candidate first."""
    found = cell.compared
    if not isinstance(found, Compared) or found.champion is None:
        return ()
    return tuple(one.value - found.champion for one in found.trainings)


def band_of(cell: Cell) -> tuple[float, float] | None:
    """Two standard deviations around their mean, where about 19 of 20 trainings come out; None without any."""
    points = points_of(cell)
    if len(points) < _LEAST:
        return None
    middle, reach = mean(points), 2 * stdev(points)
    return middle - reach, middle + reach
