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
from mlops_ci.gates.values import MetricRow
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
from mlops_ci.report.gates_json import gate_from_json
from mlops_ci.report.json_fields import Record, measured, number, object_of, objects, optional_text, strings, text
from mlops_ci.report.plain_text import clipped, one_line
from mlops_ci.tools.dvc.values import StageState
from mlops_ci.tools.files import read_regular

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


def _refuse_newer(record: Record) -> None:
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


def _kept(record: Record) -> tuple[Record, tuple[str, ...]]:
    """The record with its lists cut, and what was cut, in words."""
    kept, cut = dict(record), []
    for name, most in _MOST.items():
        value = record.get(name)
        if isinstance(value, list) and len(value) > most:
            kept[name] = first_of(value, most)
            cut.append(f"{len(value) - most} of the report's {name}: a reader takes {most}")
    return kept, tuple(cut)


def _validate(record: Record) -> None:
    error = next(iter(Draft202012Validator(json_schema()).iter_errors(record)), None)
    if error is not None:
        raise ValueError(f"{clipped(error.json_path, _LONG_TEXT)} does not fit the schema ({error.validator})")


def _report(record: Record, cut: tuple[str, ...]) -> Report:
    base, head, choice, tool = (object_of(record, name) for name in ("base", "head", "pipeline", "tool"))
    started = datetime.fromisoformat(text(record, "started"))
    if started.tzinfo is None:
        raise ValueError("$.started has no offset from UTC")
    steps = tuple(_steps(record))
    return Report(
        tool=Tool(name=text(tool, "name"), version=text(tool, "version")),
        base=Base(commit=_commit(base), why=text(base, "why")),
        head=Head(commit=_commit(head), branch=optional_text(head, "branch"), dirty=head["dirty"] is True),
        pipeline=PipelineChoice(mode=PipelineMode(text(choice, "mode")), why=text(choice, "why")),
        steps=steps,
        stages=tuple(map(_stage, objects(record, "stages"))),
        gates=tuple(map(gate_from_json, objects(record, "gates"))),
        metrics=tuple(map(_metric, objects(record, "metrics"))),
        datasets=tuple(map(_dataset, objects(record, "datasets"))),
        cut=(*strings(record, "cut"), *cut, *_doubts(record, steps)),
        started=started,
        seconds=_seconds(record),
    )


def _doubts(record: Record, steps: Sequence[Step]) -> Iterator[str]:
    unknown = sorted({text(one, "name") for one in objects(record, "steps")} - _STEPS)
    if unknown:
        yield f"steps that this version does not know: {', '.join(unknown)}"
    orphans = sum(text(one, "step") not in {step.name for step in steps} for one in objects(record, "findings"))
    if orphans:
        yield f"{orphans} findings of no step that is shown"


def _steps(record: Record) -> Iterator[Step]:
    findings: dict[str, list[Finding]] = {}
    for one in objects(record, "findings"):
        findings.setdefault(text(one, "step"), []).append(finding_from_json(one))
    for one in objects(record, "steps"):
        if (name := text(one, "name")) in _STEPS:
            yield Step(
                name=StepName(name), verdict=Verdict(text(one, "verdict")), why=text(one, "why"),
                findings=tuple(findings.pop(name, ())), seconds=_seconds(one),
            )  # fmt: skip


def _stage(record: Record) -> StageRow:
    definition, memory = optional_text(record, "definition"), measured(record, "memory")
    return StageRow(
        name=text(record, "name"), needs=strings(record, "needs"), state=StageState(text(record, "state")),
        why=text(record, "why"), seconds=_seconds(record),
        definition=PurePosixPath(definition) if definition else None,
        began=measured(record, "began"), cpu=measured(record, "cpu"), memory=None if memory is None else int(memory),
    )  # fmt: skip


def _metric(record: Record) -> MetricRow:
    better = optional_text(record, "better")
    return MetricRow(
        model=text(record, "model"), name=text(record, "name"), slice=optional_text(record, "slice"),
        base=number(record, "base"), candidate=number(record, "candidate"), better=Better(better) if better else None,
    )  # fmt: skip


def _dataset(record: Record) -> DatasetRow:
    rows, expectations = number(record, "rows"), number(record, "expectations")
    return DatasetRow(
        name=text(record, "name"), verdict=Verdict(text(record, "verdict")), rows=None if rows is None else int(rows),
        expectations=int(expectations or 0), cached=record["cached"] is True,
    )  # fmt: skip


def _commit(record: Record) -> str | None:
    """A commit is shown within commands for a shell, so it is hexadecimal digits or nothing is shown at all."""
    commit = optional_text(record, "commit")
    if commit is not None and _COMMIT.fullmatch(commit) is None:
        raise ValueError("a commit is 40 or 64 hexadecimal digits")
    return commit


def _seconds(record: Record) -> float:
    seconds = number(record, "seconds")
    return float("nan") if seconds is None else seconds


def _unreadable(why: str) -> UsageError:
    return _refused(
        "MC-READ-002", "can't be read", one_line(why), "a report.json as `mlops-ci check` writes it",
        "make it anew with `mlops-ci check`",
    )  # fmt: skip


def _refused(code: str, what: str, found: str, expected: str, do: str) -> UsageError:
    error = UsageError.at(code, "report.json", what, found=clipped(found, _LONG_TEXT), expected=expected, do=do)
    return UsageError(error.findings)
