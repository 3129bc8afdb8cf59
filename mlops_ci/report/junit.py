"""junit.xml: one test suite a step, one test case for each finding, stage, dataset and gate, and for the step itself.

A fail is a `failure`; what could not be judged (errors, inconclusive) is an `error`, so neither shows as passed.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from xml.etree import ElementTree

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.steps import Step, StepName
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.values import GateVerdict
from mlops_ci.report.contract import DatasetRow, Report, StageRow
from mlops_ci.report.plain_text import lines_of, one_line
from mlops_ci.report.terminal import render_finding
from mlops_ci.report.wording import dataset_words
from mlops_ci.tools.dvc.values import StageState

Judged = TypeVar("Judged", DatasetRow, GateVerdict)

_NOT_RUN = (StageState.SKIPPED, StageState.STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One test case. `outcome` is an element of JUnit's: failure, error, skipped; None for passed."""

    name: str
    seconds: float = 0.0
    outcome: str | None = None
    kind: str = ""
    message: str = ""
    text: str = ""


def render_junit(report: Report) -> bytes:
    """The file's bytes: UTF-8, valid XML whatever the text."""
    suites = ElementTree.Element("testsuites", name="mlops-ci", time=_time(report.seconds))
    for step in report.steps:
        cases = tuple(_cases(step, report))
        about = {"name": step.name.value, "time": _time(step.seconds), **_counts(cases)}
        suite = ElementTree.SubElement(suites, "testsuite", about)
        for case in cases:
            _add(suite, case, step.name)
    ElementTree.indent(suites)
    return bytes(ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _cases(step: Step, report: Report) -> Iterator[_Case]:
    yield _of_step(step)
    if step.name is StepName.PIPELINE:
        named = {finding.subject for finding in step.findings}
        yield from (_of_stage(stage) for stage in report.stages if stage.name not in named)
    if step.name is StepName.DATA:
        yield from map(_of_dataset, _untold(report.datasets))
    if step.name is StepName.MODEL:
        yield from map(_of_gate, _untold(report.gates))
    yield from map(_of_finding, step.findings)


def _untold(judged: Iterable[Judged]) -> Iterator[Judged]:
    """Those that passed or were not judged: of the others findings tell."""
    return (one for one in judged if one.verdict is Verdict.PASS or not one.verdict.judges)


def _of_step(step: Step) -> _Case:
    outcome = None if step.verdict.judges else "skipped"
    unexplained = step.exit is ExitCode.PASS and step.verdict.judges and step.verdict is not Verdict.PASS
    if unexplained:
        outcome = "failure" if step.verdict is Verdict.FAIL else "error"
    return _Case(name=step.name, seconds=step.seconds, outcome=outcome, kind=step.verdict, message=step.why)


def _of_stage(stage: StageRow) -> _Case:
    outcome = "failure" if stage.state is StageState.FAILED else "skipped" if stage.state in _NOT_RUN else None
    return _Case(name=stage.name, seconds=stage.seconds, outcome=outcome, kind=stage.state, message=stage.why)


def _of_dataset(dataset: DatasetRow) -> _Case:
    outcome = None if dataset.verdict.judges else "skipped"
    return _Case(name=dataset.name, outcome=outcome, kind=dataset.verdict, message=dataset_words(dataset))


def _of_gate(gate: GateVerdict) -> _Case:
    outcome = None if gate.verdict.judges else "skipped"
    return _Case(name=f"{gate.model}.{gate.gate}", outcome=outcome, kind=gate.verdict, message=gate.words)


def _of_finding(finding: Finding) -> _Case:
    loud = "failure" if finding.exit is ExitCode.FAIL else "error"
    return _Case(
        name=f"{finding.subject}: {finding.what}",
        outcome=loud if finding.severity is Severity.ERROR else None,
        kind=finding.code,
        message=finding.what,
        text=render_finding(finding),
    )


def _add(suite: ElementTree.Element, case: _Case, step: StepName) -> None:
    element = ElementTree.SubElement(
        suite, "testcase", classname=f"mlops-ci.{step}", name=one_line(case.name), time=_time(case.seconds)
    )
    text = "\n".join(lines_of(case.text))
    if case.outcome is None:
        ElementTree.SubElement(element, "system-out").text = text or one_line(case.message)
        return
    about = {"message": one_line(case.message)}
    if case.outcome != "skipped":
        about["type"] = one_line(case.kind)
    ElementTree.SubElement(element, case.outcome, about).text = text


def _counts(cases: tuple[_Case, ...]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(cases)), **{name: str(outcomes.count(outcome)) for name, outcome in counts.items()}}


def _time(seconds: float) -> str:
    return f"{seconds:.3f}" if 0 <= seconds < math.inf else "0.000"
