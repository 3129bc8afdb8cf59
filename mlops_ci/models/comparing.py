"""What two versions of a model differ in, by their records and those of their runs. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

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

    @property
    def differs(self) -> bool:
        """Whether both sides say something else."""
        return self.before != self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """metrics: all of them. The rest: what differs, by name."""

    metrics: tuple[Change, ...]
    signature: tuple[Change, ...]
    pipeline: tuple[Change, ...]
    params: tuple[Change, ...]
    data: tuple[Change, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What changed, in words, metrics left out: these are what it led to."""
        named = {"signature": self.signature, "pipeline": self.pipeline, "data": self.data}
        return tuple(name for name, changes in named.items() if changes)


def compare(one: Side, other: Side) -> Compared:
    """The first is what was, the second what is now."""
    before, now = one.record, other.record
    metrics = _changes(_metrics(before.metrics), _metrics(now.metrics))
    signature = (
        *_changes(_columns("input", before.signature.inputs), _columns("input", now.signature.inputs)),
        *_changes(_columns("output", before.signature.outputs), _columns("output", now.signature.outputs)),
    )
    return Compared(
        metrics=tuple(metrics),
        signature=tuple(change for change in signature if change.differs),
        pipeline=tuple(_differing(one.run.parts, other.run.parts)),
        params=tuple(_differing(_params(one.run), _params(other.run))),
        data=tuple(_differing(_data(one.run), _data(other.run))),
    )


def _metrics(metrics: Iterable[MetricValue]) -> Mapping[str, float | None]:
    return {one.name + (f" on {one.slice}" if one.slice else ""): one.value for one in metrics}


def _columns(kind: str, columns: Iterable[Column]) -> Mapping[str, str]:
    return {f"{kind} {one.name}": one.type for one in columns}


def _params(run: RunRecord) -> Mapping[str, str]:
    return {f"{file}:{name}": str(value) for file, values in run.params.items() for name, value in values.items()}


def _data(run: RunRecord) -> Mapping[str, str]:
    """What stages read that nobody makes and that is no code, and the run inputs."""
    read = {one.path: one.digest for one in run.artifacts if one.stage is None and f"code {one.path}" not in run.parts}
    inputs = {f"{file}:{name}": str(value) for file, values in run.inputs.items() for name, value in values.items()}
    return {**{path: digest for path, digest in read.items() if path not in run.inputs}, **inputs}


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    yield from (change for change in _changes(before, now) if change.differs)


def _changes(
    before: Mapping[str, str] | Mapping[str, float | None], now: Mapping[str, str] | Mapping[str, float | None]
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *now)):
        yield Change(name=name, before=before.get(name), now=now.get(name))
