"""Findings and steps: what moves a verdict, and what never does."""

from pathlib import PurePosixPath

import pytest

from mlops_ci.core.findings import Finding, Place, Severity, note, warning
from mlops_ci.core.steps import StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict

FAILED = Finding(code="MC-TEST-001", subject="train", what="it failed")


def test_a_warning_cannot_move_a_verdict() -> None:
    with pytest.raises(ValueError, match="cannot ask for exit 1"):
        Finding(code="MC-TEST-001", subject="x", what="y", severity=Severity.WARNING, exit=ExitCode.FAIL)


def test_an_error_cannot_ask_for_a_pass() -> None:
    with pytest.raises(ValueError, match="cannot ask for exit 0"):
        Finding(code="MC-TEST-001", subject="x", what="y", exit=ExitCode.PASS)


def test_a_finding_has_the_same_id_wherever_the_line_moved() -> None:
    there = Place(path=PurePosixPath("dvc.yaml"), line=3)
    moved = Place(path=PurePosixPath("dvc.yaml"), line=9)
    one = Finding(code="MC-TEST-001", subject="train", what="it failed", place=there)
    other = Finding(code="MC-TEST-001", subject="train", what="it failed", place=moved)
    assert one.id == other.id != FAILED.id


def test_a_step_takes_the_verdict_of_its_worst_finding() -> None:
    step = judged(StepName.DATA, "two suites", [warning("MC-TEST-002", "x", "loud"), FAILED])
    assert (step.verdict, step.exit) == (Verdict.FAIL, ExitCode.FAIL)


def test_a_step_with_notes_only_passes() -> None:
    assert judged(StepName.DATA, "two suites", [note("MC-TEST-003", "x", "quiet")]).verdict is Verdict.PASS


def test_a_step_that_judged_nothing_is_no_pass_even_with_warnings() -> None:
    step = unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "no datasets", [warning("MC-TEST-002", "x", "loud")])
    assert (step.verdict, step.exit) == (Verdict.NOT_APPLICABLE, ExitCode.PASS)


def test_an_error_in_a_step_that_judged_nothing_is_not_hidden() -> None:
    assert unjudged(StepName.DATA, Verdict.SKIPPED, "why", [FAILED]).verdict is Verdict.FAIL
