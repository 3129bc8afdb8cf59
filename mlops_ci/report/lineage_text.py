"""Where an artifact came from and what was made of it: a tree for people, a flowchart in Mermaid."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.metadata.lineage import Lineage, source_of
from mlops_ci.metadata.run_record import Artifact, StageRun
from mlops_ci.report.diagram import label_of
from mlops_ci.report.plain_text import clipped, one_line

_DIGEST = 16
_MOST_LINES = 200
_MOST_NAMES = 10
# As in mlops_ci.report.diagram: GitHub draws no more.
_MOST_NODES, _MOST_EDGES, _MOST_CHARACTERS = 60, 499, 49_000
_COLOURS = {
    "asked": "fill:#fff8c5,stroke:#bf8700,color:#1f2328",
    "stage": "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
}

Edge = tuple[str, str]


def lineage_text(found: Lineage, *, run: str, others: Sequence[str], models: Sequence[str]) -> Iterator[RenderableType]:
    """The artifact, the tree of what it was made from, the tree of what was made from it, and its twins."""
    one = found.artifact
    yield Text(one_line(f"{one.path}  {one.digest}" + (f"  {one.size:,} bytes" if one.size is not None else "")))
    yield Text(one_line(f"in run {run}"))
    yield Text("")
    yield Text("made from")
    yield from _lines(_upstream(found, one, set(), 1))
    yield Text("made from it")
    yield from _lines(_downstream(found, one, set(), 1))
    yield Text(one_line(f"same bytes in other runs: {_names(others)}"))
    yield Text(one_line(f"registered as: {_names(models)}"))


def lineage_diagram(found: Lineage) -> str | None:
    """Mermaid source; without artifacts, then with each family of stages as one node, where there is too much to draw.

    None where it is too much however it is folded.
    """
    folds: tuple[Callable[[Lineage], tuple[dict[str, str], list[Edge]]], ...] = (_whole, _stages, _families)
    drawn = (_draw(*fold(found)) for fold in folds)
    return next((source for source in drawn if source is not None), None)


def _lines(lines: Iterator[str]) -> Iterator[Text]:
    said = 0
    for line in lines:
        if said == _MOST_LINES:
            yield Text(f"  cut after {_MOST_LINES} lines; --json has all of it")
            return
        said += 1
        yield Text(one_line(line))
    if not said:
        yield Text("  nothing")


def _upstream(found: Lineage, artifact: Artifact, seen: set[str], depth: int) -> Iterator[str]:
    makers = found.makers(artifact)
    if not makers:
        yield f"{'  ' * depth}{source_of(artifact)}"
    for stage in makers:
        yield f"{'  ' * depth}stage {stage.name} ({stage.state})" + (", see above" if stage.name in seen else "")
        if stage.name in seen:
            continue
        seen.add(stage.name)
        for dep in stage.deps:
            yield f"{'  ' * (depth + 1)}{_shown(dep)}" + ("" if found.makers(dep) else f"  {source_of(dep)}")
            if found.makers(dep):
                yield from _upstream(found, dep, seen, depth + 2)


def _downstream(found: Lineage, artifact: Artifact, seen: set[str], depth: int) -> Iterator[str]:
    for stage in found.readers(artifact):
        yield f"{'  ' * depth}stage {stage.name} ({stage.state})" + (", see above" if stage.name in seen else "")
        if stage.name in seen:
            continue
        seen.add(stage.name)
        for out in stage.outs:
            yield f"{'  ' * (depth + 1)}{_shown(out)}"
            yield from _downstream(found, out, seen, depth + 2)


def _shown(one: Artifact) -> str:
    return f"{one.path}  {clipped(one.digest, _DIGEST)}"


def _names(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more if names else "none"


def _whole(found: Lineage) -> tuple[dict[str, str], list[Edge]]:
    """Stages and artifacts: a path's node is `a <path>`, a stage's `s <name>`."""
    nodes, edges = {f"a {found.artifact.path}": "asked"}, list[Edge]()
    for stage in found.stages:
        nodes[f"s {stage.name}"] = "stage"
        for dep in stage.deps:
            nodes.setdefault(f"a {dep.path}", "")
            edges.append((f"a {dep.path}", f"s {stage.name}"))
            edges += [(f"a {one.path}", f"a {dep.path}") for one in found.parts(dep)]
        for out in stage.outs:
            nodes.setdefault(f"a {out.path}", "")
            edges.append((f"s {stage.name}", f"a {out.path}"))
    return nodes, edges


def _stages(found: Lineage) -> tuple[dict[str, str], list[Edge]]:
    return _folded(found, lambda stage: stage.name)


def _families(found: Lineage) -> tuple[dict[str, str], list[Edge]]:
    return _folded(found, lambda stage: stage.name.partition("@")[0])


def _folded(found: Lineage, name: Callable[[StageRun], str]) -> tuple[dict[str, str], list[Edge]]:
    asked = f"a {found.artifact.path}"
    nodes, edges = {asked: "asked"}, list[Edge]()
    for stage in found.stages:
        this = f"s {name(stage)}"
        nodes[this] = "stage"
        edges += [
            (f"s {name(one)}", this) for dep in stage.deps for one in found.makers(dep) if name(one) != name(stage)
        ]
    edges += [(f"s {name(one)}", asked) for one in found.makers(found.artifact)]
    edges += [(asked, f"s {name(one)}") for one in found.readers(found.artifact)]
    return nodes, edges


def _draw(nodes: dict[str, str], edges: list[Edge]) -> str | None:
    arrows = dict.fromkeys(edges)
    if len(nodes) > _MOST_NODES or len(arrows) > _MOST_EDGES:
        return None
    identifiers = {name: f"n{at}" for at, name in enumerate(nodes)}
    lines = [f'  {identifiers[name]}["{label_of(name[2:])}"]' for name in nodes]
    lines += [f"  {identifiers[one]} --> {identifiers[other]}" for one, other in arrows]
    for kind, colour in _COLOURS.items():
        members = [identifiers[name] for name, of in nodes.items() if of == kind]
        if members:
            lines += [f"  classDef {kind} {colour}", f"  class {','.join(members)} {kind}"]
    source = "\n".join(("flowchart LR", *lines))
    return source if len(source) <= _MOST_CHARACTERS else None
