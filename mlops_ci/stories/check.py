"""`mlops-ci check`: everything that a pull request would be checked for, told in one report."""

from dataclasses import replace
from datetime import UTC, datetime

from mlops_ci import __version__
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.steps import Step, StepName, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.report.contract import Base, Head, PipelineChoice, Report, Tool
from mlops_ci.stories.attempt import Attempts
from mlops_ci.stories.ground import Ground
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.plots import gather_plots
from mlops_ci.stories.recording import draft_of
from mlops_ci.stories.request import Request
from mlops_ci.stories.steps.components import test_components
from mlops_ci.stories.steps.data import judge_data
from mlops_ci.stories.steps.model import judge_models
from mlops_ci.stories.steps.pipeline import bring_pipelines_up_to_date
from mlops_ci.stories.steps.preflight import look_before
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_snapshot import Snapshot


def run_pipeline(request: Request, world: World) -> Report:
    """Bring the pipelines up to date, with `check`'s look before, and judge nothing else: `pipeline run`."""
    started, begin, steps = datetime.now(UTC), world.clock(), Attempts(world)
    tree = Snapshot(world.repository)
    head = _head(world, tree)
    first, ground = steps.attempt(StepName.PREFLIGHT, lambda: look_before(request, world, tree))
    if ground is None:
        after = unjudged(StepName.PIPELINE, Verdict.SKIPPED, f"{first.name} could not be finished")
        return _report(head, started, world.clock() - begin, (first, after))
    with Workshop(ground=ground, world=world, request=request, begin=begin) as workshop:
        pipeline, seen = steps.attempt(StepName.PIPELINE, lambda: bring_pipelines_up_to_date(request, workshop))
    pipelines = seen or Pipelines()
    report = _report(head, started, world.clock() - begin, (first, pipeline), ground)
    report = replace(report, stages=pipelines.rows(), logs=pipelines.logs())
    return replace(report, record=draft_of(report, "pipeline run", workshop, pipelines, tree))


def check(request: Request, world: World) -> Report:
    """Look at the repository step by step; each step goes on where it can, so that one run tells everything.

    What a step raises becomes its verdict; the report is always whole.
    """
    started, begin, steps = datetime.now(UTC), world.clock(), Attempts(world)
    tree = Snapshot(world.repository)
    head = _head(world, tree)  # before stages are run: what they write is no change of the user's
    first, ground = steps.attempt(StepName.PREFLIGHT, lambda: look_before(request, world, tree))
    if ground is None:
        return _report(head, started, world.clock() - begin, (first, *_nothing_after(first)))
    with Workshop(ground=ground, world=world, request=request, begin=begin) as workshop:
        components, _ = steps.attempt(StepName.COMPONENTS, lambda: test_components(request, workshop))
        pipeline, seen = steps.attempt(StepName.PIPELINE, lambda: bring_pipelines_up_to_date(request, workshop))
        pipelines = seen or Pipelines()
        data, datasets = steps.attempt(StepName.DATA, lambda: judge_data(request, workshop, pipelines))
        model, models = steps.attempt(StepName.MODEL, lambda: judge_models(request, workshop, pipelines))
        plots, cut = ((), ()) if steps.interrupted else gather_plots(workshop, pipelines)
    told = (first, components, pipeline, data, model)
    report = _report(head, started, world.clock() - begin, told, ground)
    report = replace(report, base=replace(report.base, why=workshop.compared_with.why))
    report = replace(
        report,
        stages=pipelines.rows(),
        gates=tuple(gate for one in models or () for gate in one.verdicts),
        metrics=tuple(row for one in models or () for row in one.metrics),
        sights={one.model: one.sights for one in models or () if one.sights},
        datasets=datasets or (),
        plots=plots,
        logs=pipelines.logs(),
        cut=cut,
    )
    return replace(report, record=draft_of(report, "check", workshop, pipelines, tree))


def _nothing_after(first: Step) -> tuple[Step, ...]:
    """Without a configuration and a base nothing can be judged rightly."""
    why = f"{first.name} could not be finished"
    return tuple(unjudged(name, Verdict.SKIPPED, why) for name in StepName if name is not first.name)


def _head(world: World, tree: Snapshot) -> Head:
    repository = world.repository
    return Head(commit=repository.head(), branch=repository.branch(), dirty=tree.is_dirty())


def _report(
    head: Head, started: datetime, seconds: float, steps: tuple[Step, ...], ground: Ground | None = None
) -> Report:
    base = Base(commit=ground.base.commit, why=ground.base.why) if ground else Base(commit=None, why="not looked for")
    choice = PipelineChoice(mode=ground.mode, why=ground.why) if ground else _UNKNOWN
    return Report(
        tool=Tool(name="mlops-ci", version=__version__),
        base=base,
        head=head,
        pipeline=choice,
        steps=steps,
        started=started,
        seconds=seconds,
    )


_UNKNOWN = PipelineChoice(mode=PipelineMode.OFF, why="preflight could not be finished")
