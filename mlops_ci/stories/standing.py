"""How far a run is: what runs, what waits for what, and how long it may still take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.schedule import remaining_seconds
from mlops_ci.report.wording import duration


@dataclass(slots=True)
class Standing:
    """Told of each stage that starts and ends. expected: seconds by address, from earlier runs."""

    graph: Graph
    expected: Mapping[str, float]
    running: dict[str, float] = field(default_factory=dict)  # when each began, on the clock's scale
    done: set[str] = field(default_factory=set)

    def words(self, now: float) -> str:
        """`3 of 19 stages done; train 12 s; evaluate waits for train; about 40 s left`."""
        stages = [stage.address for stage in self.graph.order if stage.command]
        parts = [f"{sum(address in self.done for address in stages)} of {len(stages)} stages done"]
        parts += [f"{address} {duration(now - began)}" for address, began in self.running.items()]
        waiting = next((one for one in stages if one not in self.done and one not in self.running), None)
        if waiting is not None:
            needs = [need for need in self.graph.needs(waiting) if need not in self.done]
            parts.append(f"{waiting} waits for {needs[0] if needs else 'room'}")
        left = self._left(now)
        return "; ".join((*parts, f"about {duration(left)} left") if left is not None else parts)

    def _left(self, now: float) -> float | None:
        """Seconds along the longest chain that is left; None where a stage on it was never recorded."""
        left = [stage.address for stage in self.graph.order if stage.command and stage.address not in self.done]
        if not left or any(address not in self.expected for address in left):
            return None
        remaining = remaining_seconds(self.graph, self.expected)
        return max(remaining[one] - (now - self.running[one] if one in self.running else 0.0) for one in left)
