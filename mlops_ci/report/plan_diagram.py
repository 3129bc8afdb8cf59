"""A plan as a Mermaid flowchart, coloured by what becomes of each stage. Identifiers are generated."""

from collections import Counter
from collections.abc import Callable, Sequence

from mlops_ci.pipelines.planned import Action, StagePlan
from mlops_ci.report.diagram import label_of
from mlops_ci.report.plan_text import WORDS
from mlops_ci.report.wording import duration

# As in mlops_ci.report.diagram: GitHub draws no more.
_MOST_NODES, _MOST_EDGES, _MOST_CHARACTERS = 60, 499, 49_000
_COLOURS = {
    Action.BLOCKED: "fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    Action.RUN: "fill:#fff8c5,stroke:#bf8700,color:#1f2328",
    Action.MAYBE: "fill:#fff8c5,stroke:#bf8700,color:#1f2328,stroke-dasharray:4",
    Action.RECALL: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    Action.RESTORE: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    Action.KEEP: "fill:#f6f8fa,stroke:#8c959f,color:#1f2328",
}


def plan_diagram(stages: Sequence[StagePlan]) -> str | None:
    """Mermaid source; foreach families, then whole files, become one node where there is too much to draw.

    None where there is nothing to draw, or too much of it however it is folded.
    """
    folds: tuple[Callable[[StagePlan], str], ...] = (
        lambda one: one.stage.address, lambda one: one.stage.family, lambda one: str(one.stage.definition),
    )  # fmt: skip
    drawn = (_draw(stages, fold) for fold in folds) if stages else iter(())
    return next((source for source in drawn if source is not None), None)


def _draw(stages: Sequence[StagePlan], name_of: Callable[[StagePlan], str]) -> str | None:
    names = {one.stage.address: name_of(one) for one in stages}
    groups: dict[str, list[StagePlan]] = {}
    for one in stages:
        groups.setdefault(names[one.stage.address], []).append(one)
    pairs = ((names.get(need), names[one.stage.address]) for one in stages for need in one.stage.needs)
    edges = {(one, other): None for one, other in pairs if one is not None and one != other}
    if len(groups) > _MOST_NODES or len(edges) > _MOST_EDGES:
        return None
    identifiers = {name: f"s{at}" for at, name in enumerate(groups)}
    nodes = [f'  {identifiers[name]}["{_label(name, members)}"]' for name, members in groups.items()]
    arrows = [f"  {identifiers[one]} --> {identifiers[other]}" for one, other in edges]
    classes = _classes({identifiers[name]: members for name, members in groups.items()})
    source = "\n".join(("flowchart LR", *nodes, *arrows, *classes))
    return source if len(source) <= _MOST_CHARACTERS else None


def _classes(nodes: dict[str, list[StagePlan]]) -> list[str]:
    lines = []
    worst = {name: _worst(members) for name, members in nodes.items()}
    for number, (action, colour) in enumerate(_COLOURS.items()):
        members = [name for name, of in worst.items() if of is action]
        if members:
            lines += [f"  classDef c{number} {colour}", f"  class {','.join(members)} c{number}"]
    return lines


def _worst(members: Sequence[StagePlan]) -> Action:
    actions = {one.action for one in members}
    return next(action for action in _COLOURS if action in actions)


def _label(name: str, members: Sequence[StagePlan]) -> str:
    if len(members) == 1:
        one = members[0]
        time = f", {duration(one.seconds)}" if one.busy and one.seconds is not None else ""
        return f"{label_of(name)}<br/>{WORDS[one.action]}{time}"
    counts = Counter(one.action for one in members)
    words = ", ".join(f"{counts[action]} {WORDS[action]}" for action in _COLOURS if counts[action])
    return f"{label_of(name)} ({len(members)})<br/>{words}"
