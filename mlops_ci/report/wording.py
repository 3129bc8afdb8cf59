"""What is said in words, the same at the terminal and in Markdown. All of it is plain, unescaped text."""

import math
from collections import Counter
from collections.abc import Sequence

from mlops_ci.config.models import Better
from mlops_ci.core.findings import Severity
from mlops_ci.core.steps import Step
from mlops_ci.core.verdicts import ExitCode, Verdict, verdict_of
from mlops_ci.gates.values import MetricRow
from mlops_ci.report.contract import Base, DatasetRow, Head, Report, StageRow, told
from mlops_ci.report.timeline import Timeline
from mlops_ci.tools.dvc.values import StageState

NOTHING_JUDGED = "ran, nothing was judged"
REPORT_FOLDER = ".mlops-ci/report"
_SHORT_COMMIT = 12


def headline(report: Report) -> str:
    """The verdict in words: `fail: data, model failed (2 errors, 1 warning)`."""
    verdict = report.verdict
    names = ", ".join(step.name for step in report.steps if verdict is _told_by(step))
    counts = f" ({counted(report)})" if counted(report) else ""
    match verdict:
        case Verdict.PASS:
            return f"pass: {names} passed{counts}"
        case Verdict.FAIL:
            return f"fail: {names} failed{counts}"
        case Verdict.INCONCLUSIVE:
            return f"inconclusive: not enough evidence in {names}{counts}"
        case Verdict.ERROR:
            return f"error: {names} could not be judged{counts}"
        case _:
            return f"{NOTHING_JUDGED}{counts}"


def _told_by(step: Step) -> Verdict:
    """What a step adds to the whole; one that judged nothing may still hold a finding that does."""
    return step.verdict if step.exit is ExitCode.PASS else verdict_of(step.exit)


def counted(report: Report) -> str:
    """`2 errors, 1 warning`; empty where nothing was found."""
    counts = Counter(one.finding.severity for one in told(report))
    return ", ".join(_number(counts[severity], severity) for severity in Severity if counts[severity])


def pipeline_line(report: Report) -> str:
    """Which pipeline mode, and why: the first line of every report."""
    return f"pipeline: {report.pipeline.mode}, because {report.pipeline.why}"


def compared(base: Base, head: Head) -> str:
    """What was judged, and what it was compared with."""
    return f"judged: {judged(head)}; compared with: {against(base)}"


def judged(head: Head) -> str:
    """`0123456789ab on topic, with uncommitted changes`."""
    commit = head.commit[:_SHORT_COMMIT] if head.commit else "no commit yet"
    branch = f" on {head.branch}" if head.branch else ""
    dirty = ", with uncommitted changes" if head.dirty else ""
    return f"{commit}{branch}{dirty}"


def against(base: Base) -> str:
    """`0123456789ab (merge-base with origin/main)`."""
    return f"{base.commit[:_SHORT_COMMIT] if base.commit else 'nothing'} ({base.why})"


def commands_at_home(report: Report) -> str:
    """The commands that show the same on a laptop, a line each."""
    commit = report.head.commit or "HEAD"
    base = f" --base {report.base.commit}" if report.base.commit else ""
    # A pull request is judged as a merge that is on no branch: a clone does not have it yet.
    fetch = f"git fetch origin {commit}\n" if report.head.commit and report.head.branch is None else ""
    return f"{fetch}git checkout {commit}\nmlops-ci check --pipeline {report.pipeline.mode}{base}"


def made(report: Report) -> str:
    """What made the report, when, and how long it took."""
    begun = f"{report.tool.name} {report.tool.version}, begun {report.started:%Y-%m-%d %H:%M %Z}"
    took = duration(report.seconds)
    return f"{begun}, took {took}" if took else begun


def stage_counts(stages: Sequence[StageRow]) -> str:
    """`17 stages: 12 ran, 5 cached`."""
    counts = Counter(stage.state for stage in stages)
    told = ", ".join(f"{counts[state]} {state}" for state in StageState if counts[state])
    return f"{_number(len(stages), 'stage')}: {told}"


def timeline_words(seen: Timeline) -> str:
    """`wall 41.0 s, critical path 38.0 s, in sequence 1 min 12 s, 1.8 at once`."""
    times = f"wall {duration(seen.wall)}, critical path {duration(seen.critical)}"
    at_once = "" if seen.at_once is None else f", {seen.at_once:.1f} at once"
    return f"{times}, in sequence {duration(seen.in_sequence)}{at_once}"


def dataset_words(dataset: DatasetRow) -> str:
    """`336,776 rows, 62 expectations, from cache`; empty where nothing was judged."""
    rows = "" if dataset.rows is None else _number(dataset.rows, "row")
    expectations = _number(dataset.expectations, "expectation") if dataset.expectations else ""
    return ", ".join(part for part in (rows, expectations, "from cache" if dataset.cached else "") if part)


def number(value: float | None) -> str:
    """A metric's value, `none` where there is no finite one."""
    return "none" if value is None or not math.isfinite(value) else f"{value:.6g}"


def difference(metric: MetricRow) -> str:
    """What changed, in words: `0.01 better`; empty where there is nothing to compare."""
    if metric.base is None or metric.candidate is None:
        return ""
    change = metric.candidate - metric.base
    if not math.isfinite(change):
        return ""
    if change == 0:
        return "same"
    if metric.better is None:
        return f"{change:+.4g}"
    return f"{abs(change):.4g} {'better' if (change > 0) == (metric.better is Better.HIGHER) else 'worse'}"


def duration(seconds: float) -> str:
    """`0.4 s`, `2 min 05 s`; empty where it is no number."""
    if not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
