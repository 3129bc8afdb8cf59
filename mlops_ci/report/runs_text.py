"""Recorded runs for people."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.metadata.runs import Run
from mlops_ci.report.models_text import metrics_words
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.tables import table
from mlops_ci.report.wording import duration


def runs_text(runs: Sequence[Run], *, more: bool, unreadable: Sequence[str]) -> Iterator[RenderableType]:
    """One line a run."""
    if not runs:
        yield Text("no run is recorded that fits")
    else:
        heads = ("run", "verdict", "trigger", "branch", "stages", "time", "metrics", "")
        yield table(heads, map(_row, runs), numbers=[4, 5])
    if more:
        yield Text("there are more: --limit")
    for said in unreadable:
        yield Text(f"not shown: {one_line(said)}")


def run_text(run: Run) -> Iterator[RenderableType]:
    """All that people ask of one run."""
    record, source = run.record, run.record.source
    facts = {
        "run": run.id + ("" if run.named.pushed else " (in this clone only)"),
        "verdict": f"{record.verdict}, exit {record.exit}: {record.command}",
        "begun": f"{record.started.isoformat()}, {duration(record.seconds)}",
        "trigger": " ".join(filter(None, (record.trigger.kind, record.trigger.actor, record.trigger.url))),
        "source": f"{source.commit} on {source.branch or 'no branch'}" + (", with changes" if source.diff else ""),
        "commit": run.commit,
        "pipeline": record.pipeline or "",
        "machine": f"{record.host.kind}, {record.host.system} {record.host.machine}, {record.host.cpus} cpus",
    }
    yield table(("", ""), facts.items())
    for heads, rows in (
        (("stage", "state", "time", "why"), [(s.name, s.state, duration(s.seconds), s.why) for s in record.stages]),
        (("gate", "verdict", "words"), [(f"{g.model}.{g.gate}", g.verdict, g.words) for g in record.gates]),
        (("dataset", "verdict", "rows"), [(s.dataset, s.verdict, str(s.rows or "")) for s in record.suites]),
        (
            ("parameter", "value"),
            [(f"{file}:{key}", str(value)) for file, values in record.params.items() for key, value in values.items()],
        ),
        (("artifact", "digest", "made by"), [(a.path, a.digest, a.stage or "") for a in record.artifacts]),
    ):
        if rows:
            yield Text("")
            yield table(heads, rows)


def _row(run: Run) -> tuple[str, ...]:
    record = run.record
    return (
        run.id, record.verdict, record.trigger.kind, record.source.branch or "", str(len(record.stages)),
        duration(record.seconds), metrics_words(record.metrics), "" if run.named.pushed else "not pushed",
    )  # fmt: skip
