"""What two runs differ in: what went into them, what came out, and which of the first explains the second. Pure.

Only what the records hold is compared. What one of them does not know, like the Python of a run that ran no stage,
never differs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mlops_ci.metadata.parameters import values_of
from mlops_ci.metadata.run_record import MetricValue, RunRecord

_MOST_SUBJECTS = 3
_UNKNOWN = "chance, or something that no stage declares"
_NOTHING = "no number, no output and no verdict differs"
_RUNTIME = "runtime "  # how the name of a lock file's part begins

Difference = tuple[str, str | None, str | None]  # name, before, after


class Kind(StrEnum):
    """What kind of thing went into a run. The order is that in which they are told."""

    DATA = "data"
    INPUTS = "run inputs"
    CODE = "code"
    DEFINITION = "pipeline definition"
    PARAMETERS = "parameters"
    ENVIRONMENT = "environment"
    JUDGES = "suites and gates"


# By how the name of a part begins. Parameters are compared by their values, which tell more than a digest.
_KINDS = {
    "code": Kind.CODE, "component": Kind.CODE, "definition": Kind.DEFINITION, "runtime": Kind.ENVIRONMENT,
    "suite": Kind.JUDGES, "gates": Kind.JUDGES,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that went in and differs. before, after: digests or values as text; None: it was not there."""

    kind: Kind
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One number of a model in both runs, None where one has none. better: `higher` or `lower`, None: nobody said."""

    model: str
    name: str
    slice: str | None
    before: float | None
    after: float | None
    better: str | None

    @property
    def differs(self) -> bool:
        """Whether it changed."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A file or folder that stages made, or a verdict, that differs."""

    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """causes: what differs of what went in, by kind. results: all numbers. outputs, verdicts: those that differ."""

    causes: tuple[Cause, ...]
    results: tuple[Result, ...]
    outputs: tuple[Outcome, ...]
    verdicts: tuple[Outcome, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What kinds of things changed."""
        found = {one.kind for one in self.causes}
        return tuple(kind for kind in Kind if kind in found)

    @property
    def cause(self) -> Kind | None:
        """The one kind that explains what came out; None where none or several changed. Judges change no number."""
        makers = [kind for kind in self.kinds if kind is not Kind.JUDGES]
        if len(makers) == 1:
            return makers[0]
        return Kind.JUDGES if not makers and self.kinds else None

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        what = _what(self)
        if not self.causes:
            return (
                f"nothing that the records know of changed, yet there is {what}: {_UNKNOWN}"
                if what
                else "nothing changed"
            )
        if self.cause is None:
            told = " and ".join(_told(self, kind) for kind in self.kinds)
            return f"{told} changed; " + (f"two runs can't tell which of them explains {what}" if what else _NOTHING)
        first = f"only the {_told(self, self.cause)} changed"
        if self.cause is Kind.JUDGES:
            made = _numbers(self) or _made(self)
            return f"{first}, which explain verdicts, not numbers" + (
                f"; yet there is {made}: {_UNKNOWN}" if made else ""
            )
        judges = f"; beside it {_told(self, Kind.JUDGES)}, which change no number" if Kind.JUDGES in self.kinds else ""
        return f"{first}" + (f", which explains {what}" if what else f"; {_NOTHING}") + judges


def compare_runs(one: RunRecord, other: RunRecord) -> Comparison:
    """The first is what was, the second what is now."""
    return Comparison(
        causes=tuple(_causes(one, other)),
        results=tuple(_results(one.metrics, other.metrics)),
        outputs=tuple(_outcomes(_outputs(one), _outputs(other))),
        verdicts=tuple(_outcomes(_verdicts(one), _verdicts(other))),
    )


def data_of(run: RunRecord) -> Mapping[str, str]:
    """Digests of what was there before the run: what nobody makes and is no code, and what .dvc files track."""
    return {
        one.path: one.digest
        for one in run.artifacts
        if (one.stage is None and f"code {one.path}" not in run.parts and one.path not in run.inputs)
        or is_tracked(one.stage)
    }


def is_tracked(stage: str | None) -> bool:
    """Whether it is no stage that makes an artifact, but a .dvc file that names its bytes."""
    return stage is not None and stage.endswith(".dvc")


def _causes(one: RunRecord, other: RunRecord) -> Iterator[Cause]:
    changed = {kind: list(_changed(kind, one, other)) for kind in Kind}
    # A value that changed is what made the command another one, and is named itself.
    if not any(changed[kind] for kind in (Kind.DEFINITION, Kind.INPUTS, Kind.PARAMETERS)):
        changed[Kind.DEFINITION] = list(_commands(one, other))
    # A lock file that a stage reads too is the environment, and no code beside it.
    locks = {
        f"code {name.removeprefix(_RUNTIME)}" for name, *_ in changed[Kind.ENVIRONMENT] if name.startswith(_RUNTIME)
    }
    changed[Kind.CODE] = [row for row in changed[Kind.CODE] if row[0] not in locks]
    for kind, rows in changed.items():
        yield from (Cause(kind=kind, subject=name, before=was, after=now) for name, was, now in rows)


def _changed(kind: Kind, one: RunRecord, other: RunRecord) -> Iterator[Difference]:
    """What of a kind differs; what one side does not know of the environment does not."""
    before, after = (_of_kind(kind, run) for run in (one, other))
    aside = _unknown(before, after) if kind is Kind.ENVIRONMENT else frozenset()
    yield from (row for row in _differing(before, after) if row[0] not in aside)


def _of_kind(kind: Kind, run: RunRecord) -> Mapping[str, str]:
    match kind:
        case Kind.DATA:
            return data_of(run)
        case Kind.INPUTS:
            return values_of(run.inputs)
        case Kind.PARAMETERS:
            return _params(run)
        case _:
            return _parts(run, kind)


def _parts(run: RunRecord, kind: Kind) -> Mapping[str, str]:
    parts = {name: digest for name, digest in run.parts.items() if _KINDS.get(name.partition(" ")[0]) is kind}
    return {**parts, **_surroundings(run)} if kind is Kind.ENVIRONMENT else parts


def _surroundings(run: RunRecord) -> Mapping[str, str]:
    """What is neither data nor code. How many CPUs there were, and whose machine it was, is not in it."""
    pythons = {f"python of {one.folder}": one.python for one in run.interpreters}
    system = " ".join(filter(None, (run.host.system, run.host.machine)))
    return {**pythons, "system": system, run.tool.name: run.tool.version}


def _unknown(one: Mapping[str, str], other: Mapping[str, str]) -> frozenset[str]:
    """What one side does not know: an empty value, or a Python of a folder that the other side did not run."""
    empty = {name for side in (one, other) for name, value in side.items() if not value}
    return frozenset(empty | {name for name in one.keys() ^ other.keys() if name.startswith("python of ")})


def _commands(one: RunRecord, other: RunRecord) -> Iterator[Difference]:
    """Commands that a template made another one of, although dvc.yaml says the same."""
    before, after = ({stage.name: stage.command for stage in run.stages} for run in (one, other))
    for name, was, now in _differing(before, after):
        if was is not None and now is not None:
            yield f"command of {name}", was, now


def _params(run: RunRecord) -> Mapping[str, str]:
    return values_of({file: values for file, values in run.params.items() if file not in run.inputs})


def _results(one: Iterable[MetricValue], other: Iterable[MetricValue]) -> Iterator[Result]:
    before, after = ({(m.model, m.name, m.slice): m for m in side} for side in (one, other))
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        yield Result(
            model=key[0], name=key[1], slice=key[2],
            before=was.value if was else None, after=now.value if now else None,
            better=(now.better if now else None) or (was.better if was else None),
        )  # fmt: skip


def _outputs(run: RunRecord) -> Mapping[str, str]:
    return {one.path: one.digest for one in run.artifacts if one.stage is not None and not is_tracked(one.stage)}


def _verdicts(run: RunRecord) -> Mapping[str, str]:
    gates = {f"gate {one.model}.{one.gate}": one.verdict for one in run.gates}
    suites = {f"suites of {one.dataset}": one.verdict for one in run.suites}
    return {"run": run.verdict, **gates, **suites}


def _outcomes(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Outcome]:
    yield from (Outcome(subject=name, before=b, after=a) for name, b, a in _differing(one, other))


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*one, *other)):
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name)


def _told(comparison: Comparison, kind: Kind) -> str:
    return f"{kind} ({_few([_short(one) for one in comparison.causes if one.kind is kind])})"


def _short(cause: Cause) -> str:
    """A part without the word for its kind."""
    kind, _, name = cause.subject.partition(" ")
    return name if kind in _KINDS else cause.subject


def _few(words: Sequence[str]) -> str:
    more = f", and {len(words) - _MOST_SUBJECTS} more" if len(words) > _MOST_SUBJECTS else ""
    return ", ".join(words[:_MOST_SUBJECTS]) + more


def _what(comparison: Comparison) -> str:
    """What came out otherwise: numbers, else files, else verdicts; empty where nothing did."""
    return _numbers(comparison) or _made(comparison) or _judged(comparison)


def _numbers(comparison: Comparison) -> str:
    """The numbers that differ, those of all rows first."""
    changed = sorted((one for one in comparison.results if one.differs), key=lambda one: one.slice is not None)
    return _few([
        f"{one.name}{f' on {one.slice}' if one.slice else ''} {_figure(one.before)} -> {_figure(one.after)}"
        for one in changed
    ])  # fmt: skip


def _made(comparison: Comparison) -> str:
    return f"other bytes of {_few([one.subject for one in comparison.outputs])}" if comparison.outputs else ""


def _judged(comparison: Comparison) -> str:
    return f"another verdict of {_few([one.subject for one in comparison.verdicts])}" if comparison.verdicts else ""


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
