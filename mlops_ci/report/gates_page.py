"""Parts of the page that tell of gates: the table with a drawing under each, slice by slice, and predictions."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn, GateVerdict
from mlops_ci.report.contract import Report
from mlops_ci.report.forest_view import forest_view
from mlops_ci.report.gate_wording import slices_words
from mlops_ci.report.interval_view import interval_view
from mlops_ci.report.page_parts import Frame, Part, part, table
from mlops_ci.report.sight_views import sight_views

_KEY = (
    '<p class="soft">Bars are intervals, dots what was measured. Dashed is what has to be kept, and '
    "shaded its good side.</p>"
)
_OPEN = 6  # forests that are unfolded, whatever their verdict


def gate_parts(report: Report, macros: Any) -> Iterator[Part]:
    """Every gate in words with its drawings; then those that were judged in slices."""
    several = len({gate.model for gate in report.gates}) > 1
    items = [macros.gate(gate, several, tuple(map(_drawing, gate.drawn))) for gate in report.gates]
    frame = table("gate", "verdict", "in words")
    drawn_any = any(gate.drawn for gate in report.gates)
    frame = replace(frame, before=f"{_KEY}{frame.before}") if drawn_any else frame
    yield from part("Gates", items, rank=0, frame=frame)
    sliced = [(gate, drawn) for gate in report.gates for drawn in gate.drawn if drawn.slices]
    forests = [
        macros.forest(forest_view(drawn, gate=_name(gate, several)), at < _OPEN or drawn.verdict is not Verdict.PASS)
        for at, (gate, drawn) in enumerate(sliced)
    ]
    yield from part("Gates by slice", forests, rank=2, kind="gates by slice")


def sight_parts(report: Report, macros: Any) -> Iterator[Part]:
    """What predictions look like, of each model beside its champions."""
    several = len(report.sights) > 1
    items = [
        macros.figure(view) for model, sights in report.sights.items()
        for view in sight_views(sights, model=model if several else "")
    ]  # fmt: skip
    frame = Frame('<div class="plots">', "</div>")
    yield from part("Predictions", items, rank=3, frame=frame, kind="drawings of predictions")


def _name(gate: GateVerdict, several: bool) -> str:
    return f"{gate.model} {gate.gate}" if several else gate.gate


def _drawing(drawn: Drawn) -> dict[str, Any]:
    return {"view": interval_view(drawn), "slices": slices_words(drawn) if drawn.slices else ""}
