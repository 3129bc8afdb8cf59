"""report.md: the verdict first and in words, then all that led to it, the worst first. Never a row's value."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.gates.values import GateVerdict, MetricRow
from mlops_ci.report.contract import DatasetRow, Report, StageRow, worst_first
from mlops_ci.report.diagram import diagram
from mlops_ci.report.fitting import Section, fit
from mlops_ci.report.gantt import gantt
from mlops_ci.report.markdown_text import block, code, prose
from mlops_ci.report.marks import MARKS
from mlops_ci.report.slices_markdown import sliced
from mlops_ci.report.timeline import timeline
from mlops_ci.report.wording import (
    REPORT_FOLDER,
    commands_at_home,
    compared,
    difference,
    duration,
    headline,
    made,
    number,
    pipeline_line,
    stage_counts,
    timeline_words,
)

# GitHub takes 1 MiB as a step's summary, and 65,536 characters as a comment: for that, give a smaller limit.
SUMMARY_LIMIT = 1_000_000
_ROOM_FOR_OWN_CUTS = 600
_CUTS_TOLD = 5
_CELL, _WORDS = 200, 800
_NAME = 80
_METRICS_SHOWN = 20
_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}
_RANKS = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 4}


def render_markdown(report: Report, *, limit: int = SUMMARY_LIMIT) -> str:
    """The report as GitHub's Markdown, at most `limit` bytes of UTF-8; the limit is 40,000 at least.

    What does not fit is cut by rank, and the page says what was cut and where the whole is.
    """
    head, foot = _head(report), _at_home(report)
    sections = (
        *_gates(report.gates),
        *sliced(report.gates),
        *_metrics(report.metrics),
        *_data(report.datasets),
        *_diagram(report.stages),
        *_timeline(report.stages),
        *_findings(report),
        *_stages(report.stages),
    )
    always = "\n\n".join((head, *_left_out(report.cut, ()), foot))
    fitted = fit(sections, limit - len(always.encode()) - _ROOM_FOR_OWN_CUTS)
    return "\n\n".join((head, *fitted.texts, *_left_out(report.cut, fitted.cut), foot)) + "\n"


def _head(report: Report) -> str:
    rows = (
        f"| {step.name} | {MARKS[step.verdict]} {step.verdict} | {duration(step.seconds)} | {prose(step.why, _CELL)} |"
        for step in report.steps
    )
    return "\n".join(
        (
            f"# {MARKS[report.verdict]} {prose(headline(report))}",
            "",
            f"{prose(pipeline_line(report))}  ",
            prose(compared(report.base, report.head)),
            "",
            "| step | verdict | time | why |",
            "|---|---|--:|---|",
            *rows,
        )
    )


def _gates(gates: Sequence[GateVerdict]) -> Iterator[Section]:
    if gates:
        head = "## Gates\n\n| gate | verdict | in words |\n|---|---|---|\n"
        yield Section(kind="gates", rank=0, head=head, items=tuple(map(_gate, gates)))


def _gate(gate: GateVerdict) -> str:
    mode = "" if gate.blocks else ", warns only"
    name = f"{code(gate.model, _NAME)} {code(gate.gate, _NAME)}"
    return f"| {name} | {MARKS[gate.verdict]} {gate.verdict}{mode} | {prose(gate.words, _WORDS)} |"


def _data(datasets: Sequence[DatasetRow]) -> Iterator[Section]:
    if datasets:
        head = "## Data\n\n| dataset | verdict | rows | expectations | |\n|---|---|--:|--:|---|\n"
        yield Section(kind="datasets", rank=0, head=head, items=tuple(map(_dataset, datasets)))


def _dataset(dataset: DatasetRow) -> str:
    rows = "" if dataset.rows is None else f"{dataset.rows:,}"
    cached = "from cache" if dataset.cached else ""
    verdict = f"{MARKS[dataset.verdict]} {dataset.verdict}"
    return f"| {code(dataset.name, _NAME)} | {verdict} | {rows} | {dataset.expectations} | {cached} |"


def _metrics(metrics: Sequence[MetricRow]) -> Iterator[Section]:
    overall = [_metric(metric) for metric in metrics if not metric.slice]
    shown, folded = overall[:_METRICS_SHOWN], overall[_METRICS_SHOWN:]
    folded += [_metric(metric) for metric in metrics if metric.slice]
    header = "| model | metric | base | candidate | difference |\n|---|---|--:|--:|---|\n"
    if shown:
        yield Section(kind="metrics", rank=0, head=f"## Metrics\n\n{header}", items=tuple(shown))
    if folded:
        head = f"<details><summary>Slices and more ({len(folded)})</summary>\n\n{header}"
        yield Section(kind="metrics of slices", rank=5, head=head, items=tuple(folded), tail="\n\n</details>")


def _metric(metric: MetricRow) -> str:
    model, name, part = (code(text or "", _NAME) for text in (metric.model, metric.name, metric.slice))
    values = f"{number(metric.base)} | {number(metric.candidate)} | {difference(metric)}"
    return f"| {model} | {f'{name} on {part}' if part else name} | {values} |"


def _diagram(stages: Sequence[StageRow]) -> Iterator[Section]:
    if stages:
        head = f"## Pipeline\n\n{stage_counts(stages)}."
        source = diagram(stages)
        drawn = f"\n\n```mermaid\n{source}\n```" if source else "\n\nThere are too many stages to draw them."
        yield Section(kind="diagram of the pipeline", rank=3, head=head, items=(drawn,))


def _timeline(stages: Sequence[StageRow]) -> Iterator[Section]:
    seen = timeline(stages)
    if seen is None:
        return
    source, count = gantt(seen)
    head = f"## Timeline\n\n{timeline_words(seen)}. Marked: the critical path."
    cut = f" Drawn: the longest {count} of {len(seen.bars):,} stages that ran." if count < len(seen.bars) else ""
    yield Section(kind="timeline", rank=3, head=head, items=(f"{cut}\n\n```mermaid\n{source}\n```",))


def _findings(report: Report) -> Iterator[Section]:
    for severity, group in groupby((one.finding for one in worst_first(report)), key=lambda finding: finding.severity):
        yield Section(
            kind=_HEADINGS[severity].lower(),
            rank=_RANKS[severity],
            head=f"## {_HEADINGS[severity]}\n\n",
            items=tuple(map(_finding, group)),
            between="\n\n",
        )


def _finding(finding: Finding) -> str:
    lines = [f"### {prose(finding.subject)}: {prose(finding.what)}", ""]
    lines += [f"- place: {code(str(finding.place))}"] if finding.place else []
    lines += _value("found", finding.found)
    lines += _value("expected", finding.expected)
    lines += _value("do this", finding.do)
    if finding.reproduce.strip():
        lines += ["- reproduce:", "", block(finding.reproduce, language="sh", indent="  ")]
    return "\n".join((*lines, f"- kind: {code(finding.code)}"))


def _value(label: str, value: str) -> list[str]:
    if not value.strip():
        return []
    if "\n" in value.strip("\n"):
        return [f"- {label}:", "", block(value, indent="  ")]
    return [f"- {label}: {prose(value) if label == 'do this' else code(value)}"]


def _stages(stages: Sequence[StageRow]) -> Iterator[Section]:
    if stages:
        head = (
            f"<details><summary>Stages ({len(stages)})</summary>\n\n| stage | state | time | why |\n|---|---|--:|---|\n"
        )
        yield Section(kind="stages", rank=6, head=head, items=tuple(map(_stage, stages)), tail="\n\n</details>")


def _stage(stage: StageRow) -> str:
    return f"| {code(stage.name)} | {stage.state} | {duration(stage.seconds)} | {prose(stage.why, _CELL)} |"


def _left_out(of_report: Sequence[str], of_page: Sequence[str]) -> Iterator[str]:
    told = [f"- {prose(what, _CELL)}" for what in of_report[:_CUTS_TOLD]]
    more = len(of_report) - len(told)
    told += [f"- and {more} more"] if more else []
    told += [f"- of this page: {', '.join(of_page)}"] if of_page else []
    if told:
        items = "\n".join(told)
        yield f"## Left out\n\n{items}\n\nAll there is: <code>{REPORT_FOLDER}/report.json</code>."


def _at_home(report: Report) -> str:
    commands = block(commands_at_home(report), language="sh")
    return "\n".join(("## How to see this on your laptop", "", commands, "", prose(made(report))))
