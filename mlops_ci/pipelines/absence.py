"""What a run that pulls can't pull: outputs that stages read, and that nobody has. They are made again."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from mlops_ci.errors import ServiceError
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.ports import Reproduction

Reasons = Mapping[str, tuple[str, ...]]


def lost_outputs(graph: Graph, reproduction_of: Callable[[str], Reproduction], reasons: Reasons) -> Reasons:
    """Why stages have to run again although nothing of them changed, by address.

    reasons: why stages run anyway; what they and all behind them read has to be had. Asks remotes; where one does not
    answer nothing is taken for lost, and the stage that reads it will say so.
    """
    lost: dict[str, tuple[str, ...]] = {}
    asked: set[str] = set()
    while True:
        busy = _busy(graph, {*lost, *(address for address, why in reasons.items() if why)})
        read = {need for address in busy for need in _needs(graph, address)} - busy - asked
        if not read:
            return lost
        asked |= read
        for address, stage in graph.stages.items():
            if (
                address in read
                and stage.command
                and not stage.frozen
                and (paths := _lost(reproduction_of(address), address))
            ):
                lost[address] = tuple(f"output {path} is neither here nor in the remote" for path in paths)


def _busy(graph: Graph, begun: set[str]) -> set[str]:
    return begun.union(*(graph.descendants(address) for address in begun))


def _needs(graph: Graph, address: str) -> tuple[str, ...]:
    return () if graph.stages[address].frozen else graph.needs(address)


def _lost(reproduction: Reproduction, address: str) -> Sequence[PurePosixPath]:
    try:
        return reproduction.lost(address)
    except ServiceError:
        return ()
