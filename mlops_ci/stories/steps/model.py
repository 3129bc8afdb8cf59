"""Step 5: models are judged by their gates, against champions. No model is opened: its predictions and metrics are."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from mlops_ci.config.models import GateMode, Model
from mlops_ci.core.findings import Finding, note, warning
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.gates.appraised import Files
from mlops_ci.gates.budget import budget_gates
from mlops_ci.gates.defaults import default_models
from mlops_ci.gates.models import judge_model
from mlops_ci.gates.values import GateVerdict, ModelVerdict
from mlops_ci.models.sources import Absent
from mlops_ci.stories.budget import budget_verdicts
from mlops_ci.stories.champions import Champions, find_champions
from mlops_ci.stories.model_sources import candidate_sources, champion_sources
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.request import Request
from mlops_ci.stories.rescoring import bench_of
from mlops_ci.stories.seeds import Retrained, training_noise
from mlops_ci.stories.steps.leaks import leak_verdicts
from mlops_ci.stories.steps.signatures import read_signatures
from mlops_ci.stories.workshop import Workshop

Judged = tuple[ModelVerdict, ...]


def judge_models(request: Request, workshop: Workshop, pipelines: Pipelines) -> tuple[Step, Judged]:
    """Judge every model that mlops-ci.yaml names; without any, show the metrics that dvc.yaml declares."""
    if not request.wants(StepName.MODEL):
        return unjudged(StepName.MODEL, Verdict.SKIPPED, request.why_not), ()
    models, findings = _models(workshop, pipelines)
    models = request.chosen(models, "model")
    bench_of(workshop.world).sweep()
    unfinished = {name: why for name, model in models.items() if (why := _unfinished(model, pipelines))}
    ready = {name: model for name, model in models.items() if name not in unfinished}
    champions = find_champions(ready.values(), workshop)
    findings += tuple(_without_champion(ready, champions))
    unjudged_ones = tuple(_not_judged(name, models[name], why) for name, why in unfinished.items())
    findings += tuple(_unjudged_finding(name, models[name], why) for name, why in unfinished.items())
    verdicts = [_judge(name, model, champions, workshop, pipelines) for name, model in ready.items()]
    findings += tuple(finding for verdict in verdicts for finding in verdict.findings)
    # A table that can't be read was told already: nothing is said of its columns.
    readable = {one.model: models[one.model] for one in verdicts if not _is_unreadable(one)}
    findings += read_signatures(readable, workshop, pipelines)
    findings += workshop.about_base
    return _told_once(_step(models, verdicts, findings), workshop), (*verdicts, *unjudged_ones)


def _is_unreadable(verdict: ModelVerdict) -> bool:
    return any(finding.exit is ExitCode.USAGE for finding in verdict.findings)


def _not_judged(name: str, model: Model, why: str) -> ModelVerdict:
    modes = {name: gate.mode for name, gate in model.gates.items()}
    if model.budget is not None:
        modes |= dict.fromkeys(budget_gates(model.budget), model.budget.mode)
    gates = (
        GateVerdict(model=name, gate=gate, verdict=Verdict.SKIPPED, words=f"not judged, since {why}",
                    blocks=mode is GateMode.BLOCK)
        for gate, mode in modes.items()
    )  # fmt: skip
    return ModelVerdict(model=name, verdicts=tuple(gates))


def _unjudged_finding(name: str, model: Model, why: str) -> Finding:
    """Gates without evidence are inconclusive, whatever kept it away; without gates it is a note."""
    what = f"the model was not judged, since {why}"
    modes = [gate.mode for gate in model.gates.values()]
    if GateMode.BLOCK not in (*modes, *([model.budget.mode] if model.budget else [])):
        return note("MC-MODEL-040", name, what)
    return Finding(
        code="MC-MODEL-040", subject=name, what=what, exit=ExitCode.INCONCLUSIVE, found=why,
        expected="the metrics and predictions of this change", do="see the step `pipeline`",
    )  # fmt: skip


def _told_once(step: Step, workshop: Workshop) -> Step:
    """The step without what preflight said of misconfigured gates; with one of them unjudged it is no pass."""
    told = {finding.id for finding in workshop.ground.misconfigured_gates}
    findings = tuple(finding for finding in step.findings if finding.id not in told)
    if len(findings) == len(step.findings):
        return step
    rest = judged(step.name, f"{step.why}; misconfigured gates: see preflight", findings)
    return replace(rest, verdict=Verdict.INCONCLUSIVE) if rest.verdict is Verdict.PASS else rest


def _models(workshop: Workshop, pipelines: Pipelines) -> tuple[Mapping[str, Model], tuple[Finding, ...]]:
    configured = workshop.ground.config.models
    return (configured, ()) if configured else default_models(pipelines.metrics_files())


def _unfinished(model: Model, pipelines: Pipelines) -> str | None:
    paths = (model.metrics, model.predictions.path if model.predictions else None)
    return next((why for path in paths if path and (why := pipelines.unfinished(path))), None)


def _judge(
    name: str, model: Model, champions: Champions, workshop: Workshop, pipelines: Pipelines
) -> ModelVerdict:  # fmt: skip
    candidate = candidate_sources(model, workshop, pipelines)
    retrained = Retrained(name=name, model=model, predictions=candidate.predictions)
    files = Files(
        candidate=candidate, champions=champion_sources(name, model, champions, workshop, pipelines),
        noise=partial(training_noise, retrained, workshop, pipelines),
    )  # fmt: skip
    verdict = judge_model(name, model, files, place_of=workshop.ground.place_of, store=workshop.store)
    leaks = () if _is_unreadable(verdict) else leak_verdicts(name, model, workshop, pipelines)
    return verdict.and_also((*leaks, *budget_verdicts(name, model, workshop, pipelines)))


def _without_champion(models: Mapping[str, Model], champions: Champions) -> Iterator[Finding]:
    """A warning for each gate that compares with an environment in which nothing ever ran: nobody overlooks it."""
    for name, model in models.items():
        for gate_name, gate in model.gates.items():
            champion = champions.get(gate.champion or "")
            if isinstance(champion, Absent) and champion.verdict is Verdict.NOT_APPLICABLE:
                yield warning(
                    "MC-MODEL-050", f"{name}.{gate_name}", "nothing is compared, since there is no champion yet",
                    found=champion.why, do=champion.do,
                )  # fmt: skip


def _step(models: Mapping[str, Model], verdicts: list[ModelVerdict], findings: tuple[Finding, ...]) -> Step:
    gates = sum(len(verdict.verdicts) for verdict in verdicts)
    done = sum(verdict.judged for verdict in verdicts)
    if not models:
        return unjudged(StepName.MODEL, Verdict.NOT_APPLICABLE, "no model and no metrics are declared", findings)
    if not verdicts:
        return unjudged(StepName.MODEL, Verdict.SKIPPED, "no model was judged", findings)
    if not gates:
        return unjudged(StepName.MODEL, Verdict.NOT_APPLICABLE, "metrics are shown; there are no gates", findings)
    cached = any(one.stored for one in verdicts) and not any(one.computed for one in verdicts)
    why = f"{done} of {gates} gates judged" + (", metrics from cache" if cached else "")
    if done == 0:
        return unjudged(StepName.MODEL, Verdict.NOT_APPLICABLE, why, findings)
    return judged(StepName.MODEL, why, findings)
