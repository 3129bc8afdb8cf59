"""Stages in levels, and the longest chain of them. Pure."""

from collections.abc import Collection, Mapping

from mlops_ci.pipelines.graph import Graph


def levels(graph: Graph, among: Collection[str]) -> list[list[str]]:
    """Stages of which none needs another of the same or a later level, each as early as that allows."""
    depth: dict[str, int] = {}
    for address in graph.stages:
        if address in among:
            depth[address] = 1 + max((depth[need] for need in graph.needs(address) if need in depth), default=-1)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for address, level in depth.items():
        found[level].append(address)
    return found


def longest_chain(graph: Graph, weights: Mapping[str, float]) -> tuple[str, ...]:
    """The stages of `weights` on the heaviest path through the graph, the first first.

    Stages without a weight lie on paths and weigh nothing; a frozen one waits for nobody. Of equal paths the one with
    more stages.
    """
    best: dict[str, tuple[float, int]] = {}
    before: dict[str, str | None] = {}
    for address, stage in graph.stages.items():
        needs = () if stage.frozen else graph.needs(address)
        last = max(needs, key=lambda need: best[need], default=None)
        weight, count = best[last] if last is not None else (0.0, 0)
        own = address in weights
        best[address] = (weight + weights.get(address, 0.0), count + own)
        before[address] = last
    end = max(best, key=lambda address: best[address], default=None)
    chain = []
    while end is not None:
        if end in weights:
            chain.append(end)
        end = before[end]
    return tuple(reversed(chain))
