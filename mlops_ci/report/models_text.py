"""Registered models for people."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.metadata.run_record import MetricValue
from mlops_ci.models.shown import Shown
from mlops_ci.report.plain_text import one_line
from mlops_ci.report.tables import table
from mlops_ci.report.terminal import render_finding

_METRICS = 3


def models_text(models: Sequence[Shown]) -> Iterator[RenderableType]:
    """The newest version of each model."""
    if not models:
        yield Text("no model is registered")
        return
    rows = ((one.name, str(one.version), str(one.versions), *_rest(one)) for one in models)
    yield table(("model", "newest", "versions", "stages", "registered", "metrics"), rows, numbers=[2])
    yield from _troubles(models)


def versions_text(versions: Sequence[Shown]) -> Iterator[RenderableType]:
    """All versions of one model."""
    yield table(("version", "stages", "registered", "metrics"), ((str(one.version), *_rest(one)) for one in versions))
    yield from _troubles(versions)


def model_text(one: Shown) -> Iterator[RenderableType]:
    """All that is known of one version."""
    record = one.record
    if record is None:
        yield from _troubles([one])
        return
    facts = {
        "version": f"{one.name}@{one.version}" + (" (deprecated)" if one.deprecated else ""),
        "stages": ", ".join(one.stages) or "none",
        "bytes": f"{record.digest}, {record.path}" + (f", {record.size:,} bytes" if record.size is not None else ""),
        "run": record.run,
        "source": record.source,
        "commit": one.commit,
        "registered": f"{record.registered.isoformat()}" + (f" by {record.actor}" if record.actor else ""),
        "evidence": str(record.evidence),
        **({"forced": record.forced} if record.forced else {}),
    }
    yield table(("", ""), facts.items())
    if record.gates:
        yield Text("")
        yield table(("gate", "verdict", "evidence"), ((g.gate, g.verdict, g.evidence or "") for g in record.gates))
    if record.metrics:
        yield Text("")
        rows = ((m.name, m.slice or "", _number(m.value), _number(m.base)) for m in record.metrics)
        yield table(("metric", "slice", "value", "compared with"), rows, numbers=[2, 3])


def _rest(one: Shown) -> tuple[str, str, str]:
    stages = ", ".join(one.stages) + (" (deprecated)" if one.deprecated else "")
    if one.record is None:
        return stages, "", "not to be believed, see below"
    return stages, one.record.registered.date().isoformat(), metrics_words(one.record.metrics)


def metrics_words(metrics: Sequence[MetricValue]) -> str:
    """The first few numbers on one line."""
    whole = [one for one in metrics if one.slice is None]
    words = [f"{one.name} {_number(one.value)}" for one in whole[:_METRICS]]
    return ", ".join(words) + (f", and {len(whole) - _METRICS} more" if len(whole) > _METRICS else "")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _troubles(shown: Sequence[Shown]) -> Iterator[RenderableType]:
    for one in shown:
        for finding in one.findings:
            yield Text(one_line(f"{one.name}@{one.version}"))
            yield Text(render_finding(finding))
