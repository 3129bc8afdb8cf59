"""What may start next: stages, what they take and how long they last go in, addresses come out. Pure.

The stage with the longest way to the end of the pipeline goes first (critical-path list scheduling, as in
R. L. Graham, Bounds on Multiprocessing Timing Anomalies, 1969): never worse than twice the best schedule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from mlops_ci.pipelines.graph import Graph

_UNKNOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a stage takes while it runs. memory: bytes. mutex: names that only one stage at a time may hold."""

    cpus: int = 1
    memory: int = 0
    gpus: int = 0
    mutex: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What there is. jobs: stages at once. memory: bytes, None: not known, so never short."""

    jobs: int = 1
    cpus: int = 1
    memory: int | None = None
    gpus: int = 0


_ANYTHING = Takes()


@dataclass(slots=True)
class Schedule:
    """Stages that wait, that run, and that are settled. Frozen stages wait for nobody."""

    graph: Graph
    capacity: Capacity
    takes: Mapping[str, Takes] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    _unmet: dict[str, int] = field(default_factory=dict)
    _ready: list[tuple[float, int, str]] = field(default_factory=list)
    _ranks: dict[str, tuple[float, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Rank all stages, and find those that wait for nobody."""
        remaining = remaining_seconds(self.graph, self.seconds)
        for place, stage in enumerate(self.graph.order):
            self._ranks[stage.address] = (-remaining[stage.address], place)
            self._unmet[stage.address] = 0 if stage.frozen else len(self.graph.needs(stage.address))
            if not self._unmet[stage.address]:
                self._push(stage.address)

    def take(self, *, blocked: Iterable[str] = ()) -> str | None:
        """The next stage that nothing hinders, taken from those that wait; None where there is none now.

        blocked: stages that are not to be taken now.
        """
        kept_back, blocked = [], set(blocked)
        found = None
        while self._ready and found is None:
            entry = heappop(self._ready)
            if entry[2] in blocked:
                kept_back.append(entry)
            else:
                found = entry[2]
        for entry in kept_back:
            heappush(self._ready, entry)
        return found

    def put_back(self, address: str) -> None:
        """Let a stage that was taken wait again."""
        self._push(address)

    def fits(self, address: str) -> bool:
        """Whether there is room for the stage beside what runs. What is larger than the machine runs alone."""
        if not self.running:
            return True
        wants, have = self._takes(address), self.capacity
        beside = [self._takes(one) for one in self.running]
        return (
            len(beside) < have.jobs
            and wants.cpus + sum(one.cpus for one in beside) <= have.cpus
            and (have.memory is None or wants.memory + sum(one.memory for one in beside) <= have.memory)
            and (not wants.gpus or wants.gpus + sum(one.gpus for one in beside) <= have.gpus)
            and wants.mutex.isdisjoint(name for one in beside for name in one.mutex)
        )

    @property
    def is_full(self) -> bool:
        """Whether not even the smallest stage fits."""
        return len(self.running) >= self.capacity.jobs

    def started(self, address: str) -> None:
        """The stage runs now."""
        self.running.add(address)

    def settled(self, address: str) -> None:
        """The stage is done, in whatever state: those that waited for it alone may start."""
        self.running.discard(address)
        for dependent in self.graph.dependents.get(address, ()):
            if self.graph.stages[dependent].frozen:
                continue
            self._unmet[dependent] -= 1
            if not self._unmet[dependent]:
                self._push(dependent)

    def _takes(self, address: str) -> Takes:
        return self.takes.get(address, _ANYTHING)

    def _push(self, address: str) -> None:
        heappush(self._ready, (*self._ranks[address], address))


def remaining_seconds(graph: Graph, seconds: Mapping[str, float]) -> dict[str, float]:
    """By address: the time of the stage and of the longest chain behind it. Unknown stages are taken for short."""
    remaining: dict[str, float] = {}
    for stage in reversed(graph.order):
        own = seconds.get(stage.address, _UNKNOWN_SECONDS) if stage.command else 0.0
        behind = (remaining[one] for one in graph.dependents.get(stage.address, ()))
        remaining[stage.address] = own + max(behind, default=0.0)
    return remaining
