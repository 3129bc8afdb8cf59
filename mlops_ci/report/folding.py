"""The stages of a pipeline as nodes and edges, several stages to a node where there would be too much to look at."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlops_ci.report.contract import StageRow
from mlops_ci.tools.dvc.values import StageState

WORST_FIRST = (StageState.FAILED, StageState.STALE, StageState.SKIPPED, StageState.RAN, StageState.CACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One stage, or several that are drawn as one."""

    label: str
    states: tuple[StageState, ...]

    @property
    def worst(self) -> StageState:
        """The state that decides the colour."""
        return next((state for state in WORST_FIRST if state in self.states), StageState.CACHED)

    @property
    def words(self) -> str:
        """`ran`; of several `1 failed, 2 cached`."""
        if len(self.states) == 1:
            return str(self.states[0])
        counts = Counter(self.states)
        return ", ".join(f"{counts[state]} {state}" for state in WORST_FIRST if counts[state])


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Nodes by name, in the order of their first stage, and edges from what is needed to what needs it."""

    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]


def folded(stages: Sequence[StageRow], name_of: Callable[[StageRow], str]) -> Folded:
    """Stages with one name become one node; what they need of each other is left out."""
    group = {stage.name: name_of(stage) for stage in stages}
    states: dict[str, list[StageState]] = {}
    for stage in stages:
        states.setdefault(group[stage.name], []).append(stage.state)
    pairs = ((group.get(need), group[stage.name]) for stage in stages for need in stage.needs)
    edges = {(one, other): None for one, other in pairs if one is not None and one != other}
    nodes = {name: Node(label=name, states=tuple(of)) for name, of in states.items()}
    return Folded(nodes=nodes, edges=tuple(edges))


def itself(stage: StageRow) -> str:
    """Every stage is a node."""
    return stage.name


def family(stage: StageRow) -> str:
    """All items of a foreach or matrix are a node."""
    file, colon, name = stage.name.rpartition(":")
    return stage.name if name.endswith(".dvc") else file + colon + name.partition("@")[0]


def file(stage: StageRow) -> str:
    """All stages of a file are a node."""
    return str(stage.definition) if stage.definition else "dvc.yaml"
