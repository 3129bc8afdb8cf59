"""What it costs to let a model score rows, as it was measured: plain values, and as facts of a stored verdict."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from mlops_ci.core.findings import Scalar

_FACT = "cost"
RUNS = 6  # the fewest from which a median has an interval at 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Each tuple holds one value for each measured run; empty: it was not asked for.

    rows: of the whole table. starts: seconds by the wall from the start of a process to its end, one row scored.
    others: seconds that all rows took beyond one row, each from two processes that ran one after the other.
    memories: bytes of the processes of a run at their peak, all rows scored. machine: what it ran on, in words.
    """

    rows: int
    machine: str
    starts: tuple[float, ...] = ()
    others: tuple[float, ...] = ()
    memories: tuple[int, ...] = ()
    from_store: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything that was begun was measured as often as is wanted."""
        return all(len(one) >= RUNS for one in (self.starts, self.others, self.memories) if one)


_COST = TypeAdapter(Cost)


def facts_of(cost: Cost) -> Mapping[str, Scalar]:
    """As it is stored."""
    return {_FACT: _COST.dump_json(cost).decode()}


def cost_from(facts: Mapping[str, Scalar]) -> Cost | None:
    """As it was stored; None where the facts are none of a cost."""
    try:
        return _COST.validate_python({**json.loads(str(facts.get(_FACT))), "from_store": True})
    except (ValidationError, ValueError, TypeError):
        return None
