"""What the product says of a draw: its own law, and its own decision."""

from collections.abc import Sequence

from benchmarks.verdicts.samples import Population, Sample
from mlops_ci.config.models import Gate
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.conditions import Condition, Seen, conditions_of
from mlops_ci.models.metrics import METRICS
from mlops_ci.statistics.paired import difference
from mlops_ci.statistics.rows import UndefinedError


def conditions(population: Population, margins: Sequence[float]) -> tuple[Condition, ...]:
    """What a gate with each of these margins asks."""
    metric = population.metric
    return tuple(_condition(metric, margin) for margin in margins)


def _condition(metric: str, margin: float) -> Condition:
    gate = Gate(metric=metric, champion="base", margin=margin)
    (one,) = conditions_of(gate, better=METRICS[metric].better, margin=margin, slice_margin=margin)
    return one


def verdicts(population: Population, sample: Sample, asked: Sequence[Condition]) -> tuple[Verdict | None, ...]:
    """None: the tool says that there is no number to judge, which is inconclusive. All ask with the same confidence."""
    try:
        law = difference(population.metric, sample.candidate, sample.champion)
    except UndefinedError:
        return (None,) * len(asked)
    low, high = law.interval(1 - 2 * asked[0].alpha)
    seen = Seen(value=law.value, low=low, high=high, error=0.0, p=None)  # neither counts without slices
    return tuple(condition.decide(seen) for condition in asked)
