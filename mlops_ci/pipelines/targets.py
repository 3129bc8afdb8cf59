"""What a target on the command line means: the stages that it names. Pure."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.pipelines.graph import Graph, graph_of


def stages_of(targets: Iterable[str], graph: Graph) -> tuple[str, ...]:
    """Addresses, in the graph's order. A target is a stage, a foreach or matrix, a dvc.yaml or .dvc file, or an output.

    All are written from the git repository's root, stages as `train`, `dvc.yaml:train` or `sub/dvc.yaml:train`. Raises
    UsageError for what is none of these.
    """
    wanted = {address for target in targets for address in _named(target, graph)}
    return tuple(address for address in graph.stages if address in wanted)


def targeted(graph: Graph, targets: Sequence[str]) -> Graph:
    """The targets and what they depend on; the whole graph where there are none. A frozen stage depends on nobody.

    Raises UsageError for what is no target.
    """
    if not targets:
        return graph
    waiting = list(stages_of(targets, graph))
    wanted: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address not in wanted:
            wanted.add(address)
            waiting += () if graph.stages[address].frozen else graph.needs(address)
    return graph_of(stage for stage in graph.order if stage.address in wanted)


def _named(target: str, graph: Graph) -> Sequence[str]:
    plain = target.removeprefix("./").removeprefix("dvc.yaml:").rstrip("/")
    for matches in (_by_address, _by_file, _by_output):
        found = matches(plain, graph)
        if found:
            return found
    raise _unknown(target, graph)


def _by_address(target: str, graph: Graph) -> list[str]:
    return [stage.address for stage in graph.order if target in (stage.address, stage.family)]


def _by_file(target: str, graph: Graph) -> list[str]:
    return [stage.address for stage in graph.order if str(stage.definition) == target]


def _by_output(target: str, graph: Graph) -> list[str]:
    path = PurePosixPath(target)
    return [stage.address for stage in graph.order if any(path.is_relative_to(out.path) for out in stage.outs)]


def _unknown(target: str, graph: Graph) -> UsageError:
    names = {stage.address for stage in graph.order} | {stage.family for stage in graph.order}
    near = get_close_matches(target, sorted(names), n=3)
    listed = near or sorted(names)[:5]
    return UsageError.at(
        "MC-PLAN-001", shown(target), "there is no such stage, file or output",
        found=f"none of {len(graph.stages)} stages and .dvc files is or makes it",
        expected="a stage, a foreach, a dvc.yaml, a .dvc file or an output, from the repository's root",
        do=f"did you mean {' or '.join(map(shown, listed))}?" if near
        else f"name one of them, for example {shown(listed[0])}" if listed else "declare stages: `dvc stage add`",
    )  # fmt: skip
