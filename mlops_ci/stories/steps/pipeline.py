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
from mlops_ci.pipelines.run import Orders, Veto, bring_up_to_date
from mlops_ci.pipelines.verify import verify
from mlops_ci.stories.attempt import interruption
from mlops_ci.stories.pipelines import Pipelines, with_results
from mlops_ci.stories.request import Request
from mlops_ci.stories.watch import Watch
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState

_HEAVY = "heavy: `mlops-ci check` never runs it"


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
    return Pipelines(graph=graph_of(_stages(workshop)), keepers=keepers)


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
    try:
        results = bring_up_to_date(known.graph, known.keepers.__getitem__, _orders(workshop, known, told))
    except KeyboardInterrupt:
        return _interrupted(known, told)
    pipelines = with_results(known, results, _stages(workshop))
    findings = [
        *_told(workshop, known, results),
        *_heavy(results),
        *workshop.findings,
        *_lock_without_stage(workshop, known),
    ]
    why = "; ".join((_counted(results, known), *(f"runtime: {one.why}" for one in workshop.runtimes_used)))
    if results and all(one.state is StageState.SKIPPED for one in results):
        return unjudged(StepName.PIPELINE, Verdict.SKIPPED, why, findings), pipelines
    return judged(StepName.PIPELINE, why, findings), pipelines


def _orders(workshop: Workshop, known: Pipelines, told: list[StageResult]) -> Orders:
    """How the stages are to be run. `told` gets each result when it is known."""
    watch = Watch(workshop, known.graph, known.keepers)
    watch.begin()
    progress = workshop.world.progress
    numbers = {stage.address: number for number, stage in enumerate(known.graph.order, start=1)}

    def before(stage: Stage) -> Veto | None:
        veto = watch.before(stage)
        if veto is None:
            progress.stage_began(stage.address, numbers[stage.address], len(numbers))
        return veto

    def after(stage: Stage, result: StageResult) -> None:
        told.append(result)
        if result.state is not StageState.CACHED or result.seconds:
            progress.stage_ended(result)
        watch.after(stage, result)

    return Orders(
        log_folder=workshop.world.own / "logs" / "stages",
        clock=workshop.world.clock,
        runtime_of=workshop.environment,
        before=before,
        after=after,
        skip=_skips(workshop, known),
        deadline=workshop.deadline,
    )


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


def _skips(workshop: Workshop, known: Pipelines) -> dict[str, str]:
    """Stages that `check` must not run, should they be out of date: heavy ones, and what preflight found impossible."""
    settings = workshop.ground.config.pipeline.stages
    skips = {}
    for stage in known.graph.order:
        named = (settings.get(stage.address), settings.get(stage.family))
        if any(one is not None and one.heavy for one in named):
            skips[stage.address] = _HEAVY
        blocked = workshop.ground.pipelines.blocked
        why = blocked.get(stage.address) or blocked.get(stage.family)
        if why:
            skips[stage.address] = why
    return skips


def _heavy(results: Iterable[StageResult]) -> Iterable[Finding]:
    left = [one.address for one in results if one.state is StageState.SKIPPED and one.why == _HEAVY]
    if left:
        what = "heavy stages are out of date, and `check` never runs them, nor what depends on them"
        do = f"run them where there is time, `dvc repro {' '.join(left)}`, and commit dvc.lock"
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
