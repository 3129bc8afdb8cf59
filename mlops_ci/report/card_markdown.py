"""A model's card as Markdown with front matter. Whatever comes from a repository is text in it, and does nothing."""

from collections.abc import Iterable, Iterator, Sequence

from mlops_ci.models.card import Card, CardStage
from mlops_ci.report.card_metadata import front_matter
from mlops_ci.report.card_words import (
    NO_LIMITS,
    columns_words,
    data_rows,
    facts,
    loading,
    number,
    paragraphs,
    stages_words,
    warnings,
)
from mlops_ci.report.diagram import label_of
from mlops_ci.report.markdown_text import block, code, prose

_MOST_NODES = 60
_LONG = 4_000
_TYPEWRITTEN = ("digest", "run", "source", "pipeline", "evidence")


def card_markdown(card: Card) -> str:
    """The whole file."""
    parts = (_head, _said, _loading, _metrics, _gates, _data, _signature, _lineage)
    body = (line for part in parts for line in part(card))
    return front_matter(card) + "\n" + "\n".join(body).rstrip() + "\n"


def _head(card: Card) -> Iterator[str]:
    yield from (f"# {prose(card.title)}", "")
    yield from (line for text in warnings(card) for line in (f"> **{prose(text)}**", ""))
    yield from (line for text in paragraphs(card.said.description or "") for line in (prose(text, _LONG), ""))
    told = facts(card).items()
    yield from _table(("", ""), ((prose(name), (code if name in _TYPEWRITTEN else prose)(text)) for name, text in told))


def _said(card: Card) -> Iterator[str]:
    use = paragraphs(card.said.intended_use or "")
    if use:
        yield from ("## Intended use", "")
        yield from (line for text in use for line in (prose(text, _LONG), ""))
    yield from ("## Limits", "")
    yield from (f"* {prose(one, _LONG)}" for one in card.said.limits) if card.said.limits else (NO_LIMITS,)
    yield ""


def _loading(card: Card) -> Iterator[str]:
    yield from ("## How to load it", "", block("\n".join(loading(card)), language="sh"), "")


def _metrics(card: Card) -> Iterator[str]:
    metrics = card.record.metrics
    if not metrics:
        return
    measured = card.measured
    yield from ("## Metrics", "")
    if measured:
        yield from (f"Of {code(measured.path)}, {code(measured.digest)}.", "")
    rows = ((code(one.name), prose(one.slice or "all rows"), number(one.value), number(one.base)) for one in metrics)
    yield from _table(("metric", "on", "value", "compared with"), rows, numbers=(2, 3))


def _gates(card: Card) -> Iterator[str]:
    if card.gates:
        yield from ("## Gates", "")
        heads = ("gate", "verdict", "in words", "evidence")
        rows = ((code(g.gate), prose(g.verdict), prose(g.words), code(g.evidence or "")) for g in card.gates)
        yield from _table(heads, rows)


def _data(card: Card) -> Iterator[str]:
    yield from ("## Data", "")
    if card.data:
        heads = ("dataset", "path", "digest", "size", "judged", "time range")
        rows = ((prose(a), code(b), code(c), *map(prose, rest)) for a, b, c, *rest in data_rows(card))
        yield from _table(heads, rows)
    else:
        yield from ("None is declared.", "")


def _signature(card: Card) -> Iterator[str]:
    signature = card.record.signature
    for title, columns in (("Input", signature.inputs), ("Output", signature.outputs)):
        if columns:
            yield from (f"## {title}", "")
            yield from _table(("column", "type"), (tuple(map(code, row)) for row in columns_words(columns)))


def _lineage(card: Card) -> Iterator[str]:
    if not card.lineage:
        return
    yield from ("## Lineage", "")
    if len(card.lineage) + sum(map(len, _leaves(card))) < _MOST_NODES:
        yield from ("```mermaid", *_mermaid(card), "```")
    else:
        yield from (f"* {prose(text)}" for text in stages_words(card))
    yield ""


def _mermaid(card: Card) -> Iterator[str]:
    """Data and code, stages, the model. Identifiers are generated; labels are only ever text."""
    data, code_files = _leaves(card)
    stages = {stage.name: f"s{at}" for at, stage in enumerate(card.lineage)}
    yield "flowchart LR"
    yield from (f'  {name}[("{label_of(path)}")]' for path, name in data.items())
    yield from (f'  {name}[/"{label_of(path)}"/]' for path, name in code_files.items())
    yield from (f'  {name}["{label_of(stage)}"]' for stage, name in stages.items())
    yield f'  m(["{label_of(card.title)}"])'
    for stage in card.lineage:
        read = (*(data[path] for path in stage.data), *(code_files[path] for path in stage.code))
        needed = (stages[name] for name in stage.needs if name in stages)
        yield from (f"  {one} --> {stages[stage.name]}" for one in (*read, *needed))
    yield from (f"  {stages[stage.name]} --> m" for stage in card.lineage if _makes(stage, card.record.path))


def _leaves(card: Card) -> tuple[dict[str, str], dict[str, str]]:
    """Identifiers of what is read and nobody makes: data, and code."""
    data = dict.fromkeys(path for stage in card.lineage for path in stage.data)
    code_files = dict.fromkeys(path for stage in card.lineage for path in stage.code)
    return {path: f"d{at}" for at, path in enumerate(data)}, {path: f"c{at}" for at, path in enumerate(code_files)}


def _makes(stage: CardStage, path: str) -> bool:
    return any(path == out or path.startswith(f"{out}/") for out in stage.writes)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "|".join("---:" if at in numbers else "---" for at in range(len(heads))) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
