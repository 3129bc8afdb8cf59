"""Reports made for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from mlops_ci.config.models import Better
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding, Place, note, warning
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.values import GateVerdict, MetricRow
from mlops_ci.models.appraisal import CANDIDATE, Confused
from mlops_ci.report.contract import Base, DatasetRow, Head, PipelineChoice, Report, StageLog, StageRow, Tool
from mlops_ci.tools.dvc.values import Cell, Plot, Revision, Series, StageState
from tests.unit.report.drawings import a_drawn, a_sight, a_slice, a_value

HOSTILE = (
    "evil\x1b[31m\x1b]0;x\x07 <script>alert(1)</script> | a `b` ``` @octocat #1 [x](http://h) "
    'www.h.example ![i](j) **b** :smile: $x$ \u202e\udc80\x00 ]]> & "q" \\| \'\n```\n::add-mask::x\n# H\n<!-- x'
)


def a_metric(**overrides: Any) -> MetricRow:
    """A metric over all rows that got a little better."""
    values: dict[str, Any] = {
        "model": "delays", "name": "roc_auc", "base": 0.70, "candidate": 0.71, "better": Better.HIGHER
    }  # fmt: skip
    return MetricRow(**{**values, **overrides})


def a_gate(**overrides: Any) -> GateVerdict:
    """A gate that passed."""
    values: dict[str, Any] = {
        "model": "delays", "gate": "auc-floor", "verdict": Verdict.PASS, "words": "roc_auc 0.710 is at least 0.660"
    }  # fmt: skip
    return GateVerdict(**{**values, **overrides})


def a_plot(**overrides: Any) -> Plot:
    """A line of three points, and another of the base."""
    values: dict[str, Any] = {
        "name": "plots/roc.csv", "title": "ROC", "definition": PurePosixPath("dvc.yaml"),
        "sources": (PurePosixPath("plots/roc.csv"),), "template": "linear", "x_label": "fpr", "y_label": "tpr",
        "series": (
            a_series(revision=Revision.BASE, points=((0.0, 0.0), (0.5, 0.6), (1.0, 1.0))),
            a_series(),
        ),
    }  # fmt: skip
    return Plot(**{**values, **overrides})


def a_series(**overrides: Any) -> Series:
    """The candidate's three points."""
    points = ((0.0, 0.0), (0.5, 0.7), (1.0, 1.0))
    return Series(**{"name": "", "revision": Revision.CANDIDATE, "points": points, **overrides})


def plots_of(text: str) -> tuple[Plot, ...]:
    """A plot of each kind, with `text` wherever a pipeline can write it."""
    about: dict[str, Any] = {"name": text, "title": text, "x_label": text, "y_label": text}
    named = (a_series(name=text), a_series(name=f"{text}2", points=((text, 1.0), ("b", None), (f"{text}3", 2.0))))
    bars = (a_series(points=((1.0, text), (2.0, "b"))),)
    return (
        a_plot(**about, template=text, series=named),
        a_plot(**about, template="scatter", series=named[:1]),
        a_plot(**about, template="bar_horizontal_sorted", series=bars),
        a_plot(**about, template="confusion", series=(), cells=(Cell(actual=text, predicted=f"{text}4", count=3),)),
        a_plot(**about, series=(), trouble=text),
        a_plot(**about, series=(), picture=f"<svg>{text}".encode("utf-8", "surrogatepass")),
    )


def a_finding(**overrides: Any) -> Finding:
    """A finding with all its texts."""
    values: dict[str, Any] = {
        "code": "MC-DATA-004",
        "subject": "flights",
        "what": "column 'dep_delay' holds text",
        "place": Place(path=PurePosixPath("data/2013-07.csv"), line=4211),
        "found": "'NA '",
        "expected": "a number, or empty",
        "do": 'declare na_values: ["NA "] for this dataset, or mend the file',
        "reproduce": "mlops-ci data validate flights",
        "evidence": {"rows": (4211,), "count": 1},
    }
    return Finding(**{**values, **overrides})


def a_report(*steps: Step, **overrides: Any) -> Report:
    """A report of `steps`, by default one that passed."""
    values: dict[str, Any] = {
        "tool": Tool(name="mlops-ci", version="0.1.0"),
        "base": Base(commit="1" * 40, why="merge-base with origin/main"),
        "head": Head(commit="2" * 40, branch="topic", dirty=True),
        "pipeline": PipelineChoice(mode=PipelineMode.VERIFY, why="dvc.lock is tracked in git"),
        "steps": steps or (judged(StepName.DATA, "1 suite on 1 dataset", (), seconds=0.4),),
        "started": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "seconds": 12.3,
    }
    return Report(**{**values, **overrides})


def everything(text: str = "plain") -> Report:
    """A report with something in every field; `text` is in each that a repository can write."""
    finding = a_finding(
        subject=text, what=text, place=Place(path=PurePosixPath(text), line=3), found=text, expected=text, do=text,
        reproduce=text, evidence={text: (text, float("nan"))}, rows=({"value": "SECRET-ROW-VALUE"},),
    )  # fmt: skip
    inconclusive = a_finding(code="MC-GATE-002", subject=text, what="too few rows", exit=ExitCode.INCONCLUSIVE)
    steps = (
        judged(StepName.PREFLIGHT, text, (warning("MC-PRE-001", text, text, do=text), note("MC-PRE-002", text, text))),
        unjudged(StepName.COMPONENTS, Verdict.SKIPPED, text),
        judged(StepName.PIPELINE, text, (), seconds=1.0),
        judged(StepName.DATA, text, (finding, finding)),
        judged(StepName.MODEL, text, (inconclusive,)),
    )
    stages = (
        a_run(f"{text}@1", 0.5, 1.0, why=text, definition=PurePosixPath(text), cpu=1.5, memory=2_500_000),
        a_run("train", 1.5, 2.0, f"{text}@1", "unknown", state=StageState.FAILED, why=text),
    )
    metrics = (
        a_metric(model=text, name=text),
        a_metric(name=text, slice=text, base=None, candidate=float("nan"), better=None),
    )
    slices = tuple(a_slice(name=f"{at} {text}", value=-0.01 + at / 100) for at in range(11))
    unknown = a_slice(name=text, value=None, low=None, high=None, small=True, why=text)
    drawn = a_drawn(metric=text, champion=text, method=text, slices=(*slices, unknown), slice_bound=-0.02)
    gates = (
        a_gate(model=text, gate=text, words=text, drawn=(drawn, a_value(band=(0.69, 0.72), points=(0.7, 0.71)))),
        a_gate(verdict=Verdict.SKIPPED, words=text, blocks=False),
    )
    sight = replace(a_sight(), confusion=(Confused(truth=text, prediction=f"{text}2", rows=3),))
    datasets = (DatasetRow(name=text, verdict=Verdict.PASS, rows=3, expectations=2, cached=True),)
    return a_report(
        *steps, stages=stages, metrics=metrics, cut=(text,), gates=gates, datasets=datasets, plots=plots_of(text),
        sights={text: {CANDIDATE: sight, text: sight}},
        logs=(StageLog(stage=text, text=f"{text}\n{text}"),), base=Base(commit=None, why=text),
        head=Head(commit="2" * 40, branch=text, dirty=False),
        pipeline=PipelineChoice(mode=PipelineMode.RUN, why=text), seconds=float("inf"),
    )  # fmt: skip


def a_run(name: str, began: float, seconds: float, *needs: str, **overrides: Any) -> StageRow:
    """A stage that ran."""
    values: dict[str, Any] = {"state": StageState.RAN, "why": "new data", "seconds": seconds, "began": began}
    return StageRow(name=name, needs=needs, **{**values, **overrides})


def stages(count: int, *, family: str = "ingest") -> tuple[StageRow, ...]:
    """A foreach of `count` items, and one stage that needs them all."""
    names = tuple(f"{family}@{at}" for at in range(count))
    items = tuple(StageRow(name=name, needs=(), state=StageState.CACHED, why="up to date") for name in names)
    return (*items, StageRow(name="features", needs=names, state=StageState.RAN, why="new data"))
