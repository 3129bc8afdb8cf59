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
    """All metrics, then what differs. Nothing that is the same is listed."""
    one, other = (f"{record.name}@{record.version}" for record in records)
    yield Text(one_line(f"{one} -> {other}: " + (", ".join(compared.kinds) or "nothing") + " changed"))
    groups = {
        "metric": compared.metrics, "signature": compared.signature, "part of the pipeline": compared.pipeline,
        "parameter": compared.params, "data": compared.data,
    }  # fmt: skip
    for head, changes in groups.items():
        if changes:
            numbers = [1, 2, 3] if head == "metric" else []
            yield Text("")
            heads = (head, one, other, "difference") if numbers else (head, one, other)
            yield table(heads, (_row(change, numbers=bool(numbers)) for change in changes), numbers=numbers)


def _row(change: Change, *, numbers: bool) -> tuple[str, ...]:
    row = (change.name, _shown(change.before), _shown(change.now))
    if not numbers:
        return row
    both = isinstance(change.before, int | float) and isinstance(change.now, int | float)
    return (*row, f"{float(change.now or 0) - float(change.before or 0):+.6g}" if both else "")


def _shown(value: str | float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, int | float) else clipped(value, _DIGEST)
