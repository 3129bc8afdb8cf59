"""Gates by slice as Markdown: for each the ten worst slices as a table and as a chart."""

from collections.abc import Iterator, Sequence

from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.values import Drawn, DrawnSlice, GateVerdict
from mlops_ci.report.fitting import Section
from mlops_ci.report.gate_wording import bound_words, compares, range_words, slices_words, verdict_words
from mlops_ci.report.markdown_text import code, prose
from mlops_ci.report.marks import MARKS
from mlops_ci.report.slices_chart import chart_words, slices_chart

WORST = 10
_NAME, _WHY = 80, 100


def sliced(gates: Sequence[GateVerdict]) -> Iterator[Section]:
    """One item for each condition that was judged in slices."""
    items = tuple(_item(gate, drawn) for gate in gates for drawn in gate.drawn if drawn.slices)
    if items:
        yield Section(kind="gates by slice", rank=3, head="## Gates by slice\n\n", items=items, between="\n\n")


def _item(gate: GateVerdict, drawn: Drawn) -> str:
    worst = drawn.slices[:WORST]
    asked = bound_words(drawn, of_slice=True)
    what = f"difference of {prose(drawn.metric, _NAME)}" if compares(drawn) else prose(drawn.metric, _NAME)
    head = f"### {code(gate.model, _NAME)} {code(gate.gate, _NAME)}: {what}"
    words = f"{slices_words(drawn)}. Asked of each: {asked}.{_left_out(drawn, worst)}"
    folded = _quiet(drawn)
    parts = [head, words, *([f"<details><summary>The worst slices ({len(worst)})</summary>"] if folded else [])]
    parts += ["\n".join(_table(drawn, worst))]
    chart = slices_chart(drawn, worst)
    parts += [chart_words(drawn), f"```mermaid\n{chart}\n```"] if chart else []
    return "\n\n".join((*parts, *(["</details>"] if folded else [])))


def _quiet(drawn: Drawn) -> bool:
    counts = drawn.counts
    return drawn.verdict is Verdict.PASS and not counts.failed and not counts.inconclusive


def _left_out(drawn: Drawn, worst: Sequence[DrawnSlice]) -> str:
    counts = drawn.counts
    many = counts.judged + counts.small
    return f" Shown: the worst {len(worst)} of {many:,}." if many > len(worst) else ""


def _table(drawn: Drawn, worst: Sequence[DrawnSlice]) -> Iterator[str]:
    yield f"| # | slice | rows | {drawn.kind} | verdict |"
    yield "|--:|---|--:|---|---|"
    for at, one in enumerate(worst, 1):
        yield _row(at, drawn, one)


def _row(at: int, drawn: Drawn, one: DrawnSlice) -> str:
    numbers = prose(one.why, _WHY) if one.value is None else range_words(one, signed=compares(drawn))
    mark = MARKS[Verdict.NOT_APPLICABLE if one.small and not one.required else one.verdict]
    return f"| {at} | {code(one.name, _NAME)} | {one.rows:,} | {numbers} | {mark} {verdict_words(one)} |"
