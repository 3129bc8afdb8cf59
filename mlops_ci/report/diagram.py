"""The pipeline as a Mermaid flowchart, coloured by state. Identifiers are generated; labels are only ever text."""

from collections.abc import Callable, Iterator, Sequence

from mlops_ci.report.contract import StageRow
from mlops_ci.report.folding import WORST_FIRST, Node, family, file, folded, itself
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import StageState

# GitHub draws no more than this; a reader sees nothing in a picture of more nodes than that.
_MOST_EDGES = 499
_MOST_CHARACTERS = 49_000
_MOST_NODES = 60
_LABEL = 60
_SAFE = frozenset(" _-./,()")
_COLOURS = {
    StageState.FAILED: "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    StageState.STALE: "fill:#fff8c5,stroke:#bf8700,color:#1f2328",
    StageState.SKIPPED: "fill:#f6f8fa,stroke:#8c959f,color:#1f2328,stroke-dasharray:4",
    StageState.RAN: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    StageState.CACHED: "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
}


def diagram(stages: Sequence[StageRow]) -> str | None:
    """Mermaid source; foreach families, then whole files, become one node where there is too much to draw.

    None where there is nothing to draw, or too much of it however it is folded.
    """
    if not stages:
        return None
    drawn = (_draw(stages, fold) for fold in (itself, family, file))
    return next((source for source in drawn if source is not None), None)


def _draw(stages: Sequence[StageRow], fold: Callable[[StageRow], str]) -> str | None:
    drawn = folded(stages, fold)
    if len(drawn.nodes) > _MOST_NODES or len(drawn.edges) > _MOST_EDGES:
        return None
    identifiers = {name: f"s{at}" for at, name in enumerate(drawn.nodes)}
    nodes = {identifiers[name]: node for name, node in drawn.nodes.items()}
    arrows = [f"  {identifiers[one]} --> {identifiers[other]}" for one, other in drawn.edges]
    source = "\n".join(("flowchart LR", *_nodes(nodes), *arrows, *_classes(nodes)))
    return source if len(source) <= _MOST_CHARACTERS else None


def _nodes(nodes: dict[str, Node]) -> Iterator[str]:
    for identifier, node in nodes.items():
        yield f'  {identifier}["{_label(node)}"]'


def _classes(nodes: dict[str, Node]) -> Iterator[str]:
    for state in WORST_FIRST:
        members = [identifier for identifier, node in nodes.items() if node.worst is state]
        if members:
            yield f"  classDef {state} {_COLOURS[state]}"
            yield f"  class {','.join(members)} {state}"


def _label(node: Node) -> str:
    several = f" ({len(node.states)})" if len(node.states) > 1 else ""
    return f"{label_of(node.label)}{several}<br/>{node.words}"


def label_of(text: str) -> str:
    """Text as Mermaid takes it between quotation marks, and draws it as it is."""
    return "".join(map(_reference, clipped(one_line(text), _LABEL)))


def _reference(character: str) -> str:
    """Mermaid's own spelling of a character reference: `#34;`."""
    return character if character.isalnum() or character in _SAFE else f"#{ord(character)};"
