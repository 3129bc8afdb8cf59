"""What two versions of a model differ in: signature and numbers by their records, all else by their runs. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlops_ci.metadata.comparison import Cause, compare_runs
from mlops_ci.metadata.run_record import Column, MetricValue, RunRecord
from mlops_ci.models.model_record import ModelRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A version, with its run."""

    record: ModelRecord
    run: RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing on both sides; None: it is not there. Numbers are numbers, all else is text."""

    name: str
    before: str | float | None
    now: str | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """metrics: all of them. signature, causes: what differs. verdict: what explains what, in one sentence."""

    metrics: tuple[Change, ...]
    signature: tuple[Change, ...]
    causes: tuple[Cause, ...]
    verdict: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """What changed, in words, metrics left out: these are what it led to."""
        causes = dict.fromkeys(str(one.kind) for one in self.causes)
        return (*(["signature"] if self.signature else []), *causes)


def compare(one: Side, other: Side) -> Compared:
    """The first is what was, the second what is now."""
    before, now = one.record, other.record
    signature = (
        *_changes(_columns("input", before.signature.inputs), _columns("input", now.signature.inputs)),
        *_changes(_columns("output", before.signature.outputs), _columns("output", now.signature.outputs)),
    )
    runs = compare_runs(one.run, other.run)
    return Compared(
        metrics=tuple(_changes(_metrics(before.metrics), _metrics(now.metrics))),
        signature=tuple(change for change in signature if change.before != change.now),
        causes=runs.causes,
        verdict=runs.verdict,
    )


def _metrics(metrics: Iterable[MetricValue]) -> Mapping[str, float | None]:
    return {one.name + (f" on {one.slice}" if one.slice else ""): one.value for one in metrics}


def _columns(kind: str, columns: Iterable[Column]) -> Mapping[str, str]:
    return {f"{kind} {one.name}": one.type for one in columns}


def _changes(
    before: Mapping[str, str] | Mapping[str, float | None], now: Mapping[str, str] | Mapping[str, float | None]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *now)):
        yield Change(name=name, before=before.get(name), now=now.get(name))
