"""The DAG of stages: who needs whom, who makes what. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from pathlib import PurePosixPath

from mlops_ci.tools.dvc.values import Stage

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Stages by address, each after what it needs. Made by `graph_of`.

    makers, holders: the stages whose output is at a path, and those that have an output somewhere below it.
    """

    stages: Mapping[str, Stage]
    dependents: Mapping[str, tuple[str, ...]]
    makers: Mapping[PurePosixPath, frozenset[str]]
    holders: Mapping[PurePosixPath, frozenset[str]]

    @property
    def order(self) -> tuple[Stage, ...]:
        """All stages, each after what it needs."""
        return tuple(self.stages.values())

    def needs(self, address: str) -> tuple[str, ...]:
        """The stages that this one reads from directly, as far as they are in the graph."""
        return tuple(need for need in self.stages[address].needs if need in self.stages)

    def descendants(self, address: str) -> tuple[str, ...]:
        """All stages that depend on this one, however far, in order."""
        return self._reached([address], self.dependents)

    def ancestors(self, address: str) -> tuple[str, ...]:
        """All stages that this one depends on, however far, in order."""
        return self._reached([address], {one: self.needs(one) for one in self.stages})

    def closure(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """These stages and all that they depend on, in order."""
        wanted = set(addresses)
        reached = wanted.union(*(self.ancestors(address) for address in wanted))
        return tuple(address for address in self.stages if address in reached)

    def producers(self, path: PurePosixPath) -> tuple[Stage, ...]:
        """Stages with an output that is this path, lies below it, or contains it, in order.

        A dataset that is a folder of partitions has several.
        """
        found = self.holders.get(path, _NONE).union(*(self.makers.get(one, _NONE) for one in (path, *path.parents)))
        return tuple(self.stages[address] for address in self.stages if address in found) if found else ()

    def _reached(self, begin: Sequence[str], steps: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        reached: set[str] = set()
        waiting = list(begin)
        while waiting:
            fresh = [address for address in steps.get(waiting.pop(), ()) if address not in reached]
            reached.update(fresh)
            waiting.extend(fresh)
        return tuple(address for address in self.stages if address in reached)


def graph_of(stages: Iterable[Stage]) -> Graph:
    """The graph of these stages, in their own order as far as each comes after what it needs.

    Needs that are not among the stages are left out. Raises graphlib.CycleError where stages need each other in a
    ring, which DVC refuses before.
    """
    given = {stage.address: stage for stage in stages}
    known = {address: [need for need in stage.needs if need in given] for address, stage in given.items()}
    sorter = TopologicalSorter(known)
    sorter.prepare()
    position = {address: number for number, address in enumerate(given)}
    done: dict[str, Stage] = {}
    ready: list[tuple[int, str]] = []
    while sorter.is_active():
        for address in sorter.get_ready():
            heappush(ready, (position[address], address))
        _, first = heappop(ready)
        done[first] = given[first]
        sorter.done(first)
    outs = [(out.path, address) for address, stage in done.items() for out in stage.outs]
    return Graph(
        stages=done, dependents=_dependents(done, known), makers=_gathered(outs),
        holders=_gathered((folder, address) for path, address in outs for folder in path.parents),
    )  # fmt: skip


def _dependents(order: Iterable[str], needs: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {address: [] for address in needs}
    for address in order:
        for need in needs[address]:
            found[need].append(address)
    return {address: tuple(dependents) for address, dependents in found.items()}


def _gathered(pairs: Iterable[tuple[PurePosixPath, str]]) -> dict[PurePosixPath, frozenset[str]]:
    found: dict[PurePosixPath, set[str]] = {}
    for path, address in pairs:
        found.setdefault(path, set()).add(address)
    return {path: frozenset(addresses) for path, addresses in found.items()}
