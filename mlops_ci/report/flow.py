"""The pipeline as boxes in layers, from left to right: where each stands, and the lines between them.

Layers are those of the longest path; in each, boxes stand near what they need. A line that passes a layer has a
place of its own there, so that it runs between boxes and not behind them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mlops_ci.report.contract import StageRow
from mlops_ci.report.folding import Folded, Node, family, file, folded
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import StageState

BOX_WIDTH, BOX_HEIGHT = 168, 46
_GAP, _LANE, _BETWEEN, _EDGE = 14, 12, 52, 2
_MOST_BOXES, _MOST_LINES, _MOST_ITEMS = 60, 300, 4
_LABEL = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One node; x and y are its upper left corner."""

    x: int
    y: int
    label: str
    whole: str
    words: str
    state: StageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A drawing. lines: what SVG calls the `d` of a path, each."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a layer: a box's, or that of a line that passes."""

    name: str
    before: list[str] = field(default_factory=list)
    passes: bool = False

    @property
    def height(self) -> int:
        return _LANE if self.passes else BOX_HEIGHT


_Layers = list[list[_Place]]


def flow(stages: Sequence[StageRow]) -> Flow | None:
    """The drawing; families of many items are one box. None where there is nothing or too much to draw."""
    if not stages:
        return None
    many = {name for name, count in Counter(map(family, stages)).items() if count > _MOST_ITEMS}
    for name_of in (lambda stage: family(stage) if family(stage) in many else stage.name, family, file):
        seen = folded(stages, name_of)
        if len(seen.nodes) <= _MOST_BOXES and len(seen.edges) <= _MOST_LINES:
            return _drawn(seen)
    return None


def _drawn(seen: Folded) -> Flow:
    depth = _depths(seen)
    layers, routes = _layered(seen, depth)
    _order(layers)
    height = max(map(_height, layers))
    tops = {place.name: top for layer in layers for place, top in _tops(layer, height)}
    left = {name: _EDGE + at * (BOX_WIDTH + _BETWEEN) for name, at in depth.items()}
    boxes = tuple(_box(left[name], tops[name], node) for name, node in seen.nodes.items())
    middles = {place.name: tops[place.name] + place.height // 2 for layer in layers for place in layer}
    lines = tuple(_line(route, left[route[0]], middles) for route in routes)
    width = len(layers) * (BOX_WIDTH + _BETWEEN) - _BETWEEN + 2 * _EDGE
    return Flow(width=width, height=height + 2 * _EDGE, boxes=boxes, lines=lines)


def _depths(seen: Folded) -> dict[str, int]:
    """The layer of each node. What is needed and comes later, as only folding can make it, is not counted."""
    needs: dict[str, list[str]] = {name: [] for name in seen.nodes}
    for one, other in seen.edges:
        needs[other].append(one)
    depth: dict[str, int] = {}
    for name in seen.nodes:
        depth[name] = max((depth[need] + 1 for need in needs[name] if need in depth), default=0)
    return depth


def _layered(seen: Folded, depth: Mapping[str, int]) -> tuple[_Layers, list[list[str]]]:
    """The places of each layer, and for each edge the places that its line goes through."""
    layers: _Layers = [[] for _ in range(max(depth.values()) + 1)]
    places = {name: _Place(name) for name in seen.nodes}
    for name, place in places.items():
        layers[depth[name]].append(place)
    routes = []
    for number, (one, other) in enumerate(seen.edges):
        if depth[one] >= depth[other]:
            continue
        route = [one]
        for at in range(depth[one] + 1, depth[other]):
            passing = _Place(f"\0{number} {at}", [route[-1]], passes=True)
            layers[at].append(passing)
            route.append(passing.name)
        places[other].before.append(route[-1])
        routes.append([*route, other])
    return layers, routes


def _order(layers: _Layers) -> None:
    """Each place near the middle of those before it."""
    at: dict[str, float] = {}
    for layer in layers:
        layer.sort(key=lambda place: sum(at[one] for one in place.before) / max(1, len(place.before)))
        at.update({place.name: (number + 0.5) / len(layer) for number, place in enumerate(layer)})


def _height(layer: Sequence[_Place]) -> int:
    return sum(place.height for place in layer) + _GAP * (len(layer) - 1)


def _tops(layer: Sequence[_Place], height: int) -> list[tuple[_Place, int]]:
    """Where the places of a layer begin, the whole of them in the middle of `height`."""
    top = _EDGE + (height - _height(layer)) // 2
    tops = []
    for place in layer:
        tops.append((place, top))
        top += place.height + _GAP
    return tops


def _line(route: Sequence[str], left: int, middles: Mapping[str, int]) -> str:
    """From the right side of the first box to the left side of the last, straight through the layers between."""
    x = left + BOX_WIDTH
    drawn = [f"M{x} {middles[route[0]]}"]
    for one, other in pairwise(route):
        bend = _BETWEEN // 2
        drawn.append(f"C{x + bend} {middles[one]} {x + bend} {middles[other]} {x + _BETWEEN} {middles[other]}")
        if other != route[-1]:
            drawn.append(f"h{BOX_WIDTH}")
        x += _BETWEEN + BOX_WIDTH
    return "".join(drawn)


def _box(x: int, y: int, node: Node) -> Box:
    whole = one_line(node.label)
    several = f" \u00d7{len(node.states)}" if len(node.states) > 1 else ""
    label = clipped(whole, _LABEL - len(several)) + several
    return Box(x=x, y=y, label=label, whole=whole, words=clipped(node.words, _LABEL + 4), state=node.worst)
