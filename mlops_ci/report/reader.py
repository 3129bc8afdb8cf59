"""report.json read back, as hostile data: it may come from anybody's pull request, and is checked like that.

Nothing that it holds is believed beyond its own report: what is shown is escaped by whoever renders it, the verdict
follows from the steps and findings, and commits are commits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar

from jsonschema import Draft202012Validator

from mlops_ci.config.models import Better
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_from_json
from mlops_ci.core.steps import Step, StepName
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import UsageError
from mlops_ci.gates.values import GateVerdict, MetricRow
from mlops_ci.report.bounded_json import MOST_BYTES, bounded_json, first_of
from mlops_ci.report.contract import (
    SCHEMA_VERSION,
    Base,
    DatasetRow,
    Head,
    PipelineChoice,
    Report,
    StageRow,
    Tool,
    json_schema,
)
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import StageState
from mlops_ci.tools.files import read_regular

_Record = Mapping[str, object]
_Enum = TypeVar("_Enum", Better, PipelineMode, StageState, Verdict)
_MOST = {
    "steps": 20,
    "findings": 2_000,
    "stages": 5_000,
    "gates": 1_000,
    "metrics": 5_000,
    "datasets": 1_000,
    "cut": 100,
}
_VERSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LONG_TEXT = 200
_STEPS = frozenset(StepName)


def read_report(path: Path) -> Report:
    """The report in `path`, a report.json or the folder that holds one. Links are not followed.

    Raises UsageError where there is none, where it can't be read, or where a newer mlops-ci made it.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        data = read_regular(file, MOST_BYTES + 1)
    except FileNotFoundError:
        raise _refused(
            "MC-READ-001", "there is no report.json", str(path), "a report.json, or the folder that holds it",
            "make one with `mlops-ci check`, or name the folder that the artifact was unpacked to",
        ) from None  # fmt: skip
    except OSError as error:
        raise _unreadable(str(error.strerror)) from error
    return parse_report(data)


def parse_report(data: bytes) -> Report:
    """The report that `data` holds. Lists that are too long are cut, and the report's `cut` says so."""
    try:
        record = bounded_json(data)
        if not isinstance(record, Mapping):
            raise ValueError("it is no JSON object")
        _refuse_newer(record)
        known = json_schema()["properties"]
        record = {key: record[key] for key in known if key in record} if isinstance(known, Mapping) else record
        kept, cut = _kept(record)
        _validate(kept)
        report = _report(kept, cut)
        if report.verdict != record["verdict"]:
            raise ValueError("its verdict does not follow from the steps and findings that this version knows")
        return report
    except (ValueError, OverflowError) as error:
        raise _unreadable(str(error)) from error


def _refuse_newer(record: _Record) -> None:
    version = record.get("schema")
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        raise ValueError("it does not say which version of the contract it keeps")
    own = int(SCHEMA_VERSION.partition(".")[0])
    if int(match[1]) > own:
        raise _refused(
            "MC-READ-003", "was made by a newer mlops-ci", f"version {match[0]} of the contract", f"version {own}.x",
            "use the same version of mlops-ci here as in the job that made the report",
        )  # fmt: skip


def _kept(record: _Record) -> tuple[_Record, tuple[str, ...]]:
    """The record with its lists cut, and what was cut, in words."""
    kept, cut = dict(record), []
    for name, most in _MOST.items():
        value = record.get(name)
        if isinstance(value, list) and len(value) > most:
            kept[name] = first_of(value, most)
            cut.append(f"{len(value) - most} of the report's {name}: a reader takes {most}")
    return kept, tuple(cut)


def _validate(record: _Record) -> None:
    error = next(iter(Draft202012Validator(json_schema()).iter_errors(record)), None)
    if error is not None:
        raise ValueError(f"{clipped(error.json_path, _LONG_TEXT)} does not fit the schema ({error.validator})")


def _report(record: _Record, cut: tuple[str, ...]) -> Report:
    base, head, choice, tool = (_object(record, name) for name in ("base", "head", "pipeline", "tool"))
    started = datetime.fromisoformat(_text(record, "started"))
    if started.tzinfo is None:
        raise ValueError("$.started has no offset from UTC")
    steps = tuple(_steps(record))
    return Report(
        tool=Tool(name=_text(tool, "name"), version=_text(tool, "version")),
        base=Base(commit=_commit(base), why=_text(base, "why")),
        head=Head(commit=_commit(head), branch=_optional(head, "branch"), dirty=head["dirty"] is True),
        pipeline=PipelineChoice(mode=PipelineMode(_text(choice, "mode")), why=_text(choice, "why")),
        steps=steps,
        stages=tuple(map(_stage, _objects(record, "stages"))),
        gates=tuple(map(_gate, _objects(record, "gates"))),
        metrics=tuple(map(_metric, _objects(record, "metrics"))),
        datasets=tuple(map(_dataset, _objects(record, "datasets"))),
        cut=(*_strings(record, "cut"), *cut, *_doubts(record, steps)),
        started=started,
        seconds=_seconds(record),
    )


def _doubts(record: _Record, steps: Sequence[Step]) -> Iterator[str]:
    unknown = sorted({_text(one, "name") for one in _objects(record, "steps")} - _STEPS)
    if unknown:
        yield f"steps that this version does not know: {', '.join(unknown)}"
    orphans = sum(_text(one, "step") not in {step.name for step in steps} for one in _objects(record, "findings"))
    if orphans:
        yield f"{orphans} findings of no step that is shown"


def _steps(record: _Record) -> Iterator[Step]:
    findings: dict[str, list[Finding]] = {}
    for one in _objects(record, "findings"):
        findings.setdefault(_text(one, "step"), []).append(finding_from_json(one))
    for one in _objects(record, "steps"):
        if (name := _text(one, "name")) in _STEPS:
            yield Step(
                name=StepName(name), verdict=Verdict(_text(one, "verdict")), why=_text(one, "why"),
                findings=tuple(findings.pop(name, ())), seconds=_seconds(one),
            )  # fmt: skip


def _stage(record: _Record) -> StageRow:
    definition, memory = _optional(record, "definition"), _measured(record, "memory")
    return StageRow(
        name=_text(record, "name"), needs=_strings(record, "needs"), state=StageState(_text(record, "state")),
        why=_text(record, "why"), seconds=_seconds(record),
        definition=PurePosixPath(definition) if definition else None,
        began=_measured(record, "began"), cpu=_measured(record, "cpu"), memory=None if memory is None else int(memory),
    )  # fmt: skip


def _gate(record: _Record) -> GateVerdict:
    return GateVerdict(
        model=_text(record, "model"), gate=_text(record, "gate"), verdict=Verdict(_text(record, "verdict")),
        words=_text(record, "words"), blocks=record["blocks"] is True,
    )  # fmt: skip


def _metric(record: _Record) -> MetricRow:
    better = _optional(record, "better")
    return MetricRow(
        model=_text(record, "model"), name=_text(record, "name"), slice=_optional(record, "slice"),
        base=_number(record, "base"), candidate=_number(record, "candidate"), better=Better(better) if better else None,
    )  # fmt: skip


def _dataset(record: _Record) -> DatasetRow:
    rows, expectations = _number(record, "rows"), _number(record, "expectations")
    return DatasetRow(
        name=_text(record, "name"), verdict=Verdict(_text(record, "verdict")), rows=None if rows is None else int(rows),
        expectations=int(expectations or 0), cached=record["cached"] is True,
    )  # fmt: skip


def _commit(record: _Record) -> str | None:
    """A commit is shown within commands for a shell, so it is hexadecimal digits or nothing is shown at all."""
    commit = _optional(record, "commit")
    if commit is not None and _COMMIT.fullmatch(commit) is None:
        raise ValueError("a commit is 40 or 64 hexadecimal digits")
    return commit


def _seconds(record: _Record) -> float:
    seconds = _number(record, "seconds")
    return float("nan") if seconds is None else seconds


def _number(record: _Record, name: str) -> float | None:
    value = record[name]
    return float(value) if isinstance(value, int | float) else None


def _measured(record: _Record, name: str) -> float | None:
    """A number that an older minor does not have."""
    return _number(record, name) if name in record else None


def _text(record: _Record, name: str) -> str:
    return str(record[name])


def _optional(record: _Record, name: str) -> str | None:
    value = record[name]
    return value if isinstance(value, str) else None


def _object(record: _Record, name: str) -> _Record:
    value = record[name]
    return value if isinstance(value, Mapping) else {}


def _objects(record: _Record, name: str) -> list[_Record]:
    """The objects of a list; none where an older minor has no such list."""
    value = record.get(name, ())
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _strings(record: _Record, name: str) -> tuple[str, ...]:
    value = record[name]
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _unreadable(why: str) -> UsageError:
    return _refused(
        "MC-READ-002", "can't be read", one_line(why), "a report.json as `mlops-ci check` writes it",
        "make it anew with `mlops-ci check`",
    )  # fmt: skip


def _refused(code: str, what: str, found: str, expected: str, do: str) -> UsageError:
    error = UsageError.at(code, "report.json", what, found=clipped(found, _LONG_TEXT), expected=expected, do=do)
    return UsageError(error.findings)
