"""The pipeline as a Mermaid flowchart, coloured by state. Identifiers are generated; labels are only ever text."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mlops_ci.report.contract import StageRow
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import StageState

# GitHub draws no more than this; a reader sees nothing in a picture of more nodes than that.
_MOST_EDGES = 499
_MOST_CHARACTERS = 49_000
_MOST_NODES = 60
_LABEL = 60
_SAFE = frozenset(" _-./,()")
_WORST_FIRST = (StageState.FAILED, StageState.STALE, StageState.SKIPPED, StageState.RAN, StageState.CACHED)
_COLOURS = {
    StageState.FAILED: "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    StageState.STALE: "fill:#fff8c5,stroke:#bf8700,color:#1f2328",
    StageState.SKIPPED: "fill:#f6f8fa,stroke:#8c959f,color:#1f2328,stroke-dasharray:4",
    StageState.RAN: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    StageState.CACHED: "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    label: str
    states: tuple[StageState, ...]

    @property
    def worst(self) -> StageState:
        return next((state for state in _WORST_FIRST if state in self.states), StageState.CACHED)


def diagram(stages: Sequence[StageRow]) -> str | None:
    """Mermaid source; foreach families, then whole files, become one node where there is too much to draw.

    None where there is nothing to draw, or too much of it however it is folded.
    """
    if not stages:
        return None
    drawn = (_draw(stages, fold) for fold in (_itself, _family, _file))
    return next((source for source in drawn if source is not None), None)


def _itself(stage: StageRow) -> str:
    return stage.name


def _family(stage: StageRow) -> str:
    file, colon, name = stage.name.rpartition(":")
    return stage.name if name.endswith(".dvc") else file + colon + name.partition("@")[0]


def _file(stage: StageRow) -> str:
    return str(stage.definition) if stage.definition else "dvc.yaml"


def _draw(stages: Sequence[StageRow], fold: Callable[[StageRow], str]) -> str | None:
    group = {stage.name: fold(stage) for stage in stages}
    states: dict[str, list[StageState]] = {}
    for stage in stages:
        states.setdefault(group[stage.name], []).append(stage.state)
    pairs = ((group.get(need), group[stage.name]) for stage in stages for need in stage.needs)
    edges = {(one, other): None for one, other in pairs if one is not None and one != other}
    if len(states) > _MOST_NODES or len(edges) > _MOST_EDGES:
        return None
    identifiers = {name: f"s{at}" for at, name in enumerate(states)}
    nodes = {identifiers[name]: _Node(label=name, states=tuple(of)) for name, of in states.items()}
    arrows = [f"  {identifiers[one]} --> {identifiers[other]}" for one, other in edges]
    source = "\n".join(("flowchart LR", *_nodes(nodes), *arrows, *_classes(nodes)))
    return source if len(source) <= _MOST_CHARACTERS else None


def _nodes(nodes: dict[str, _Node]) -> Iterator[str]:
    for identifier, node in nodes.items():
        yield f'  {identifier}["{_label(node)}"]'


def _classes(nodes: dict[str, _Node]) -> Iterator[str]:
    for state in _WORST_FIRST:
        members = [identifier for identifier, node in nodes.items() if node.worst is state]
        if members:
            yield f"  classDef {state} {_COLOURS[state]}"
            yield f"  class {','.join(members)} {state}"


def _label(node: _Node) -> str:
    name = "".join(map(_reference, clipped(one_line(node.label), _LABEL)))
    if len(node.states) == 1:
        return f"{name}<br/>{node.states[0]}"
    counts = Counter(node.states)
    return f"{name} ({len(node.states)})<br/>" + ", ".join(
        f"{counts[one]} {one}" for one in _WORST_FIRST if counts[one]
    )


def _reference(character: str) -> str:
    """Mermaid's own spelling of a character reference: `#34;`."""
    return character if character.isalnum() or character in _SAFE else f"#{ord(character)};"
