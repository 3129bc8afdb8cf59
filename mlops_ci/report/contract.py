"""The report as a value, and as the versioned contract that machines read: report.json."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cmp_to_key
from importlib.resources import files
from pathlib import PurePosixPath

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.digests import Json
from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.json_values import sound
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.steps import Step, StepName
from mlops_ci.core.verdicts import ExitCode, Verdict, together, verdict_of, worst_exit
from mlops_ci.gates.values import GateVerdict, MetricRow
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.models.appraisal import Sight
from mlops_ci.report.gates_json import gates_to_json
from mlops_ci.tools.dvc.values import Plot, StageState

SCHEMA_VERSION = "1.3"

# A step whose verdict no finding explains still never ends in exit 0.
_EXIT_WITHOUT_FINDING = {
    Verdict.FAIL: ExitCode.FAIL,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Verdict.ERROR: ExitCode.BUG,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What was compared with. `why` says how it was found, or why there is none."""

    commit: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What was judged. `branch` is None when HEAD is detached, `commit` None before the first commit."""

    commit: str | None
    branch: str | None
    dirty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineChoice:
    """What was done with the pipelines. `why` completes "verify, because ...": `dvc.lock is tracked in git`."""

    mode: PipelineMode
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """What became of one stage. `needs` are names of other rows; `definition` is the file that declares it.

    began: seconds from the begin of the run, None where no command ran. cpu: seconds. memory: bytes, at the peak.
    """

    name: str
    needs: tuple[str, ...]
    state: StageState
    why: str
    seconds: float = 0.0
    definition: PurePosixPath | None = None
    began: float | None = None
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """How one dataset fared. rows: None where the table was not read. expectations: how many were judged.

    cached: whether the verdict was taken from an earlier run.
    """

    name: str
    verdict: Verdict
    rows: int | None = None
    expectations: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLog:
    """The end of what a stage's command printed."""

    stage: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one `check` has to say.

    steps: in the order in which they are told. stages: each after those that it needs.
    plots, logs, sights: for people only, report.json does not hold them. logs: of the stages that failed.
    sights: what is drawn of tables of predictions, by model, then by CANDIDATE or the champion.
    cut: what was left out of the report, one sentence each. started: aware. seconds: wall time.
    record: the draft of the run's record, in a file of its own.
    """

    tool: Tool
    base: Base
    head: Head
    pipeline: PipelineChoice
    steps: tuple[Step, ...]
    stages: tuple[StageRow, ...] = ()
    gates: tuple[GateVerdict, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    plots: tuple[Plot, ...] = ()
    logs: tuple[StageLog, ...] = ()
    sights: Mapping[str, Mapping[str, Sight]] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    record: RunRecord | None = None
    started: datetime
    seconds: float

    @property
    def exit(self) -> ExitCode:
        """The exit code of the whole check: that of its worst step."""
        return worst_exit(_exit_of(step) for step in self.steps)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole check; `NOT_APPLICABLE` where nothing was judged."""
        loud = () if self.exit is ExitCode.PASS else (verdict_of(self.exit),)
        return together((*loud, *(step.verdict for step in self.steps)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding, the step that told it, and its id, which is unique in a report."""

    id: str
    step: StepName
    finding: Finding


def told(report: Report) -> tuple[Told, ...]:
    """All findings in the order of the steps. Of several with the same id the later ones get `-2`, `-3`, ..."""
    return tuple(_told(report))


def worst_first(report: Report) -> tuple[Told, ...]:
    """All findings by rank: errors (those that decide the exit code before others), warnings, notes."""
    loudness = list(Severity)
    order = cmp_to_key(_by_exit)
    return tuple(sorted(told(report), key=lambda one: (loudness.index(one.finding.severity), order(one.finding.exit))))


def to_json(report: Report) -> dict[str, Json]:
    """The contract: what report.json holds. Numbers are finite or null, all text can be encoded as UTF-8."""
    whole: dict[str, Json] = {
        "schema": SCHEMA_VERSION,
        "tool": {"name": report.tool.name, "version": report.tool.version},
        "verdict": str(report.verdict),
        "exit": int(report.exit),
        "base": {"commit": report.base.commit, "why": report.base.why},
        "head": {"commit": report.head.commit, "branch": report.head.branch, "dirty": report.head.dirty},
        "pipeline": {"mode": str(report.pipeline.mode), "why": report.pipeline.why},
        "started": report.started.isoformat(timespec="seconds"),
        "seconds": report.seconds,
        "steps": [_step_to_json(step) for step in report.steps],
        "findings": [{**finding_to_json(one.finding), "id": one.id, "step": str(one.step)} for one in told(report)],
        "stages": [_stage_to_json(stage) for stage in report.stages],
        "gates": gates_to_json(report.gates),
        "metrics": [_metric_to_json(metric) for metric in report.metrics],
        "datasets": [_dataset_to_json(dataset) for dataset in report.datasets],
        "cut": list(report.cut),
    }
    return {key: sound(value) for key, value in whole.items()}


def json_schema() -> Mapping[str, object]:
    """The JSON Schema of report.json, as shipped in the wheel. Keys that it does not name are allowed."""
    schema: Mapping[str, object] = json.loads(files("mlops_ci.report").joinpath("schema.json").read_bytes())
    return schema


def _exit_of(step: Step) -> ExitCode:
    if step.exit is not ExitCode.PASS:
        return step.exit
    return _EXIT_WITHOUT_FINDING.get(step.verdict, ExitCode.PASS)


def _by_exit(one: ExitCode, other: ExitCode) -> int:
    if one is other:
        return 0
    return -1 if worst_exit((one, other)) is one else 1


def _told(report: Report) -> Iterator[Told]:
    used: dict[str, int] = {}
    for step in report.steps:
        for finding in step.findings:
            count = used[finding.id] = used.get(finding.id, 0) + 1
            yield Told(id=finding.id if count == 1 else f"{finding.id}-{count}", step=step.name, finding=finding)


def _step_to_json(step: Step) -> Json:
    return {"name": str(step.name), "verdict": str(step.verdict), "why": step.why, "seconds": step.seconds}


def _stage_to_json(stage: StageRow) -> Json:
    return {
        "name": stage.name,
        "needs": list(stage.needs),
        "state": str(stage.state),
        "why": stage.why,
        "seconds": stage.seconds,
        "definition": str(stage.definition) if stage.definition else None,
        "began": stage.began,
        "cpu": stage.cpu,
        "memory": stage.memory,
    }


def _dataset_to_json(dataset: DatasetRow) -> Json:
    return {
        "name": dataset.name,
        "verdict": str(dataset.verdict),
        "rows": dataset.rows,
        "expectations": dataset.expectations,
        "cached": dataset.cached,
    }


def _metric_to_json(metric: MetricRow) -> Json:
    return {
        "model": metric.model,
        "name": metric.name,
        "slice": metric.slice,
        "base": metric.base,
        "candidate": metric.candidate,
        "better": str(metric.better) if metric.better else None,
    }
