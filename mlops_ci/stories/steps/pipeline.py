"""Step 3: pipelines are brought up to date, or verified, or left alone."""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import PurePosixPath

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding, warning
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError
from mlops_ci.pipelines.findings import Surroundings, findings_of, refused_file
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.run import bring_up_to_date
from mlops_ci.pipelines.targets import targeted
from mlops_ci.pipelines.verify import verify
from mlops_ci.stories.attempt import interruption
from mlops_ci.stories.orders import HEAVY, one_run_at_a_time, orders_of, remember
from mlops_ci.stories.pipelines import Pipelines, with_results
from mlops_ci.stories.request import Request
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState


def bring_pipelines_up_to_date(request: Request, workshop: Workshop) -> tuple[Step, Pipelines]:
    """Do with the pipelines what their mode says. Where nothing is asked for, later steps may still fetch from them."""
    ground = workshop.ground
    if not ground.pipelines.definitions:
        return unjudged(StepName.PIPELINE, Verdict.NOT_APPLICABLE, "there is no dvc.yaml"), Pipelines()
    if not workshop.dvc_folders:
        return unjudged(StepName.PIPELINE, Verdict.SKIPPED, "no dvc.yaml can be used: see preflight"), Pipelines()
    if not request.wants(StepName.PIPELINE):
        return unjudged(StepName.PIPELINE, Verdict.SKIPPED, request.why_not), _known_if_asked(request, workshop)
    if ground.mode is PipelineMode.OFF:
        why = "left alone: what follows is judged as it lies in the work tree"
        return unjudged(StepName.PIPELINE, Verdict.SKIPPED, why), _known_if_asked(request, workshop)
    known = _known(workshop)
    refused = tuple(_refused_by_dvc(workshop))
    if not any(stage.command for stage in known.graph.order):
        return unjudged(StepName.PIPELINE, Verdict.NOT_APPLICABLE, "no stage was found", refused), known
    step, pipelines = _verified(workshop, known) if ground.mode is PipelineMode.VERIFY else _run(workshop, known)
    return judged(step.name, step.why, (*refused, *step.findings)) if refused else step, pipelines


def _refused_by_dvc(workshop: Workshop) -> Iterable[Finding]:
    """What DVC says about files that preflight found nothing wrong with."""
    named = {finding.place.path for finding in workshop.ground.preflight_findings if finding.place}
    for repository in map(workshop.repository, workshop.dvc_folders):
        for path, said in repository.broken().items():
            if path not in named:
                yield refused_file(path, said.replace(f"{workshop.world.root}/", ""))


def _known_if_asked(request: Request, workshop: Workshop) -> Pipelines:
    """The pipelines, for steps that may want a file from DVC's cache; without DVC these steps do without it."""
    if not (request.wants(StepName.DATA) or request.wants(StepName.MODEL)):
        return Pipelines()
    try:
        return _known(workshop)
    except MlopsCiError:
        return Pipelines()


def _known(workshop: Workshop) -> Pipelines:
    keepers = {
        stage.address: repository
        for repository in map(workshop.repository, workshop.dvc_folders)
        for stage in repository.stages()
    }
    graph = targeted(graph_of(_stages(workshop)), workshop.request.run.targets)
    return Pipelines(graph=graph, keepers=keepers)


def _stages(workshop: Workshop) -> tuple[Stage, ...]:
    usable = {one.path for one in workshop.ground.pipelines.definitions if one.sound}
    return tuple(
        stage
        for repository in map(workshop.repository, workshop.dvc_folders)
        for stage in repository.stages()
        if not stage.command or stage.definition in usable
    )


def _verified(workshop: Workshop, known: Pipelines) -> tuple[Step, Pipelines]:
    findings: list[Finding] = []
    results: list[StageResult] = []
    for folder in workshop.dvc_folders:
        seen = verify(workshop.repository(folder), folder=folder)
        findings += seen.findings
        results += seen.results
    why = f"verified: {_counted(results, known)}"
    pipelines = with_results(known, results, known.graph.order)
    return judged(StepName.PIPELINE, why, findings), pipelines


def _run(workshop: Workshop, known: Pipelines) -> tuple[Step, Pipelines]:
    told: list[StageResult] = []
    orders = orders_of(workshop, known, told)
    try:
        with one_run_at_a_time(workshop.world):
            results = bring_up_to_date(known.graph, known.keepers.__getitem__, workshop.executor, orders)
    except KeyboardInterrupt:
        return _interrupted(known, told)
    finally:
        remember(workshop.world, known, told)
    pipelines = with_results(known, results, [one for one in _stages(workshop) if one.address in known.graph.stages])
    findings = [
        *_told(workshop, known, results),
        *_heavy(results),
        *workshop.findings,
        *_lock_without_stage(workshop, known),
    ]
    sent = _pushed(workshop, known, results) if workshop.request.run.push else ()
    why = "; ".join((_counted(results, known), *sent, *(f"runtime: {one.why}" for one in workshop.runtimes_used)))
    if results and all(one.state is StageState.SKIPPED for one in results):
        return unjudged(StepName.PIPELINE, Verdict.SKIPPED, why, findings), pipelines
    return judged(StepName.PIPELINE, why, findings), pipelines


def _pushed(workshop: Workshop, known: Pipelines, results: Iterable[StageResult]) -> Iterable[str]:
    """Share what was made, also where a stage failed: what ran here need not run anywhere else."""
    done = {one.address for one in results if one.state in (StageState.RAN, StageState.CACHED)}
    for folder in workshop.dvc_folders:
        repository = workshop.repository(folder)
        if workshop.request.record and not repository.has_remote():
            yield "no data was pushed, since no DVC remote is configured"
            continue
        sent = repository.push([one for one in known.graph.stages if one in done and known.keepers[one] is repository])
        yield f"pushed {sent.objects} objects and {sent.entries} run-cache entries"


def _interrupted(known: Pipelines, told: Sequence[StageResult]) -> tuple[Step, Pipelines]:
    """What was done before the interruption counts; the stage that was running is ended and is not."""
    done = {one.address for one in told}
    left = [stage.address for stage in known.graph.order if stage.command and stage.address not in done]
    skipped = [StageResult(address=address, state=StageState.SKIPPED, why="interrupted") for address in left]
    results = (*told, *skipped)
    finding = interruption("pipeline", left=", ".join(left) or "nothing")
    return judged(StepName.PIPELINE, _counted(results, known), [finding]), with_results(
        known, results, known.graph.order
    )


def _heavy(results: Iterable[StageResult]) -> Iterable[Finding]:
    left = [one.address for one in results if one.state is StageState.SKIPPED and one.why == HEAVY]
    if left:
        what = "heavy stages are out of date, and `check` never runs them, nor what depends on them"
        do = f"run them where there is time, `mlops-ci pipeline run {' '.join(left)}`, and commit dvc.lock"
        yield warning("MC-PIPE-106", "pipeline", what, found=", ".join(left), do=do)


def _told(workshop: Workshop, known: Pipelines, results: Sequence[StageResult]) -> Iterable[Finding]:
    for folder in workshop.dvc_folders:
        own = [one for one in results if known.keepers[one.address].folder == folder]
        surroundings = Surroundings(
            root=workshop.world.root,
            tail=tail_of,
            folder=folder,
            files=workshop.ground.files,
            runtime=workshop.runtime_name,
            prefix=partial(workshop.path_prefix, folder),
        )
        yield from findings_of(own, known.graph.stages, surroundings)


def _lock_without_stage(workshop: Workshop, known: Pipelines) -> Iterable[Finding]:
    """A changed lock file that no stage depends on: nothing would run again, although anything may behave anew."""
    changed = workshop.ground.changed or frozenset()
    for folder in {stage.definition.parent for stage in known.graph.order if stage.command}:
        lock = workshop.lock_of(folder)
        stages = [one for one in known.graph.order if one.command and one.definition.parent == folder]
        if lock in changed and not any(dep.path == lock for stage in stages for dep in stage.deps):
            yield _not_a_dependency(lock, folder)


def _not_a_dependency(lock: PurePosixPath, folder: PurePosixPath) -> Finding:
    line = os.path.relpath(lock, folder)
    return warning(
        "MC-PIPE-104",
        str(lock),
        "the runtime's lock file changed, and no stage depends on it: stages that ran with the old packages are kept",
        do=f"add `- {line}` to the deps of the stages of {folder / 'dvc.yaml'} that it matters to",
    )


def _counted(results: Sequence[StageResult], known: Pipelines) -> str:
    """`3 stages, 1 ran, 2 cached`; .dvc files are no stages."""
    states = [one.state for one in results if known.graph.stages[one.address].command]
    number = f"{len(states)} {'stage' if len(states) == 1 else 'stages'}"
    if states and all(state is StageState.CACHED for state in states):
        return f"{number} up to date: nothing was run"
    counts = {state: states.count(state) for state in StageState}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{number}, {told}" if told else "no stages"
