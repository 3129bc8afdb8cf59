"""What became of a model, and what two of its versions differ in, for people."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from mlops_ci.models.comparing import Change, Compared
from mlops_ci.models.history import Happening
from mlops_ci.models.model_record import ModelRecord
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.report.tables import table

_DIGEST = 20


def history_text(happenings: Sequence[Happening]) -> Iterator[RenderableType]:
    """One line each, the oldest first."""
    rows = (
        (
            one.when.isoformat() if one.when else "unknown", str(one.what), str(one.version or "no version"), one.stage,
            one.by, one.message,
        )
        for one in happenings
    )  # fmt: skip
    yield table(("time", "what", "version", "stage", "by", "message"), rows)


def compared_text(compared: Compared, records: tuple[ModelRecord, ModelRecord]) -> Iterator[RenderableType]:
    """All metrics, then what differs. Nothing else that is the same is listed."""
    one, other = (f"{record.name}@{record.version}" for record in records)
    yield Text(one_line(f"{one} -> {other}: " + (", ".join(compared.kinds) or "nothing") + " changed"))
    yield Text(one_line(compared.verdict))
    if compared.metrics:
        yield Text("")
        rows = (_row(change) for change in compared.metrics)
        yield table(("metric", one, other, "difference"), rows, numbers=[1, 2, 3])
    if compared.signature:
        yield Text("")
        yield table(("signature", one, other), (_row(change)[:3] for change in compared.signature))
    if compared.causes:
        yield Text("")
        causes = ((str(c.kind), c.subject, _shown(c.before), _shown(c.after)) for c in compared.causes)
        yield table(("changed", "", one, other), causes)


def _row(change: Change) -> tuple[str, str, str, str]:
    both = isinstance(change.before, int | float) and isinstance(change.now, int | float)
    difference = f"{float(change.now or 0) - float(change.before or 0):+.6g}" if both else ""
    return change.name, _shown(change.before), _shown(change.now), difference


def _shown(value: str | float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, int | float) else clipped(value, _DIGEST)
