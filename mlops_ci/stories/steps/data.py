"""Step 4: datasets are judged by their suites. Most of it has happened while the pipelines ran."""

from mlops_ci.config.schema import Dataset
from mlops_ci.core.findings import Finding, note
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict, verdict_of
from mlops_ci.data.validation import DatasetVerdict
from mlops_ci.report.contract import DatasetRow
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request
from mlops_ci.stories.watch import begin_suites
from mlops_ci.stories.workshop import Workshop


def judge_data(request: Request, workshop: Workshop, pipelines: Pipelines) -> tuple[Step, tuple[DatasetRow, ...]]:
    """Collect the verdicts; a dataset whose stage did not end well is not judged, and a note says so."""
    if not request.wants(StepName.DATA):
        return unjudged(StepName.DATA, Verdict.SKIPPED, request.why_not), ()
    datasets = request.chosen(workshop.ground.config.datasets, "dataset")
    if not datasets:
        return unjudged(StepName.DATA, Verdict.NOT_APPLICABLE, "mlops-ci.yaml names no datasets"), ()
    verdicts, findings, rows = [], [], []
    for name, dataset in datasets.items():
        unfinished = pipelines.unfinished(dataset.path)
        if unfinished:
            findings.append(_not_judged(name, dataset, unfinished))
            rows.append(DatasetRow(name=name, verdict=Verdict.SKIPPED))
            continue
        begin_suites(workshop, name, pipelines.vouched(dataset.path), pipelines.keeper(dataset.path))
        verdict = workshop.suites.result(name)
        verdicts.append(verdict)
        rows.append(_row(verdict))
        findings += verdict.findings
    if not any(verdict.judged for verdict in verdicts):
        return unjudged(StepName.DATA, Verdict.SKIPPED, "no dataset was judged", findings), tuple(rows)
    return judged(StepName.DATA, _why(verdicts, len(datasets)), findings), tuple(rows)


def _row(verdict: DatasetVerdict) -> DatasetRow:
    return DatasetRow(
        name=verdict.name,
        verdict=verdict_of(verdict.exit) if verdict.judged else Verdict.NOT_APPLICABLE,
        rows=verdict.rows,
        expectations=verdict.expectations,
        cached=verdict.from_cache,
    )


def _not_judged(name: str, dataset: Dataset, why: str) -> Finding:
    """Suites without data are inconclusive, whatever kept it away; without suites it is a note."""
    what = f"the dataset was not judged, since {why}"
    if not dataset.suites:
        return note("MC-DATA-040", name, what)
    return Finding(
        code="MC-DATA-040", subject=name, what=what, exit=ExitCode.INCONCLUSIVE, found=why,
        expected="the data of this change", do="see the step `pipeline`",
    )  # fmt: skip


def _why(verdicts: list[DatasetVerdict], total: int) -> str:
    cached = sum(verdict.from_cache for verdict in verdicts)
    expectations = sum(verdict.expectations for verdict in verdicts)
    words = f"{len(verdicts)} of {total} datasets judged, {expectations} expectations"
    if cached == len(verdicts):
        return f"{words}, all from cache: Great Expectations was not started"
    return f"{words}, {cached} from cache" if cached else words
