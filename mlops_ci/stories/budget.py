"""A model's budget: the size that DVC knows, and what scoring costs, measured once for what is the same."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci import __version__
from mlops_ci.config.models import Budget, Model
from mlops_ci.core.digests import Digest, digest_of_bytes, digest_of_json
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError
from mlops_ci.gates.budget import BudgetCase, judge_budget, measures
from mlops_ci.gates.values import GateVerdict
from mlops_ci.metadata.verdicts import verdict_key
from mlops_ci.models.scoring_cost import Cost, cost_from, facts_of
from mlops_ci.models.sources import Absent
from mlops_ci.stories.ground import LOCK
from mlops_ci.stories.lying_here import Lying, lying_here
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.values import Stage
from mlops_ci.tools.files import digest_of_tree
from mlops_ci.tools.machine_kind import machine_kind

_PROSE = (".md", ".rst")  # what only people read costs nobody another measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What is measured."""

    name: str
    model: Model
    budget: Budget
    artifact: Lying | Absent
    rows: Lying | Absent
    stage: Stage | None


def budget_verdicts(name: str, model: Model, workshop: Workshop, pipelines: Pipelines) -> tuple[GateVerdict, ...]:
    """A verdict for each limit of a model's budget; none where it has no budget.

    Nothing is run where it is known what the same bytes cost, by the same code, on the same kind of machine.
    """
    if model.budget is None:
        return ()
    subject = _Subject(
        name=name, model=model, budget=model.budget, stage=_maker(model, pipelines),
        artifact=_file(model.artifact, "artifact", workshop, pipelines),
        rows=_file(model.inputs, "inputs", workshop, pipelines),
    )  # fmt: skip
    artifact = subject.artifact
    case = BudgetCase(
        model=name, budget=model.budget, size=artifact if isinstance(artifact, Absent) else artifact.size,
        cost=_cost(subject, workshop, pipelines) if measures(model.budget) else Absent(why="nothing was asked for"),
        place_of=workshop.ground.place_of, judged=_judged(subject),
    )  # fmt: skip
    return judge_budget(case)


def _maker(model: Model, pipelines: Pipelines) -> Stage | None:
    """The stage in whose runtime the model is used: that which makes it, else that which wrote its predictions."""
    paths = (model.artifact, model.predictions.path if model.predictions else None)
    stages = (stage for path in paths if path for stage in pipelines.producers(path) if stage.command)
    return next(stages, None)


def _file(path: PurePosixPath | None, key: str, workshop: Workshop, pipelines: Pipelines) -> Lying | Absent:
    if path is None:
        return _absent(f"the model has no `{key}`", f"add `{key}: FILE` to the model in mlops-ci.yaml")
    return lying_here(path, workshop, pipelines)


def _judged(subject: _Subject) -> Mapping[str, str]:
    files = {"artifact": subject.artifact, "inputs": subject.rows}
    found = {what: str(file.digest) for what, file in files.items() if isinstance(file, Lying)}
    command = subject.model.predict
    return found | ({"command": str(digest_of_bytes(command.encode()))} if command else {})


def _cost(subject: _Subject, workshop: Workshop, pipelines: Pipelines) -> Cost | Absent:
    if workshop.world.images is not None:
        do = "see what `mlops-ci check` says of it where the package was built"
        return Absent(why="stages run in images here", verdict=Verdict.SKIPPED, do=do)
    lack = _lack(subject)
    if lack is not None:
        return lack
    try:
        environment = _environment(subject, workshop)
        key = _key(subject, workshop, pipelines)
        stored = workshop.store.get(key)
        known = cost_from(stored.facts) if stored is not None else None
        return known or _measured(subject, environment, key, workshop)
    except MlopsCiError as error:
        return _absent(str(error), error.findings[0].do)


def _lack(subject: _Subject) -> Absent | None:
    if subject.model.predict is None:
        do = "add `predict: COMMAND` to the model in mlops-ci.yaml; it is called with --model, --rows and --out"
        return _absent("the model has no `predict`, a command that scores given rows", do)
    if subject.model.predictions is None:
        do = "add `predictions:` to the model in mlops-ci.yaml: it says how scores are written"
        return _absent("the model has no `predictions`", do)
    return next((one for one in (subject.artifact, subject.rows) if isinstance(one, Absent)), None)


def _environment(subject: _Subject, workshop: Workshop) -> Mapping[str, str]:
    """What the stage gets that makes the model, no more; without one, the repository's runtime."""
    if subject.stage is not None:
        return workshop.environment(subject.stage)
    return workshop.runtime(workshop.home).environment


def _key(subject: _Subject, workshop: Workshop, pipelines: Pipelines) -> Digest:
    """All that the cost depends on: bytes, code, runtime, what is asked for, and the kind of machine."""
    folder = subject.stage.definition.parent if subject.stage else workshop.home
    settings = workshop.settings_of(subject.stage) if subject.stage else None
    asked = {one: getattr(subject.budget, one) is not None for one in ("start", "throughput", "memory")}
    judged = {
        **_judged(subject), "code": str(_code(workshop, pipelines)), "asked": str(digest_of_json(asked)),
        "runtime": str(workshop.runtime(folder).digest), "machine": machine_kind(workshop.world.machine),
        "cpus": str(settings.cpus if settings else None),
    }  # fmt: skip
    return verdict_key("scoring cost", judged, tool=__version__)


def _code(workshop: Workshop, pipelines: Pipelines) -> Digest:
    """What git has, but for what runs write and what only people read: nobody knows what the command reads of it."""
    made = {out.path for stage in pipelines.graph.order for out in stage.outs}
    root = workshop.world.root
    read = (
        root / path for path in sorted(workshop.ground.files)
        if path not in made and path.name != LOCK and path.suffix not in _PROSE and path.parts[0] != ".github"
    )  # fmt: skip
    return digest_of_tree(root, (path for path in read if path.is_file() and not path.is_symlink()))


def _measured(
    subject: _Subject, environment: Mapping[str, str], key: Digest, workshop: Workshop
) -> Cost | Absent:  # fmt: skip
    model, artifact, rows = subject.model, subject.artifact, subject.rows
    if isinstance(artifact, Absent) or isinstance(rows, Absent) or model.predict is None or model.predictions is None:
        raise ValueError("nothing is measured of what is not there")
    here, table = artifact.bring(), rows.bring()
    lack = next((one for one in (here, table) if isinstance(one, Absent)), None)
    if isinstance(here, Absent) or isinstance(table, Absent):
        return lack or _absent("it is not there", "")
    try:
        # What reads tables is heavy, and needed only here.
        from mlops_ci.stories.scoring_runs import Scorer, Wishes, measure  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return _absent(f"no Python package {error.name}", "install the extra `models`: pip install 'mlops-ci[models]'")
    budget = subject.budget
    wishes = Wishes(
        start=budget.start is not None, throughput=budget.throughput is not None, memory=budget.memory is not None
    )
    scorer = Scorer(
        command=model.predict, environment=environment, model=here, rows=table, inputs=rows.path,
        scores=model.predictions.path, key=model.predictions.id,
    )  # fmt: skip
    workshop.world.progress.note(f"what it costs to score rows with {subject.name}: `predict` runs again and again")
    cost = measure(scorer, wishes, workshop)
    if isinstance(cost, Cost) and cost.whole:
        with suppress(OSError):  # what can't be stored is measured again, no more
            workshop.store.put(key, (), facts_of(cost))
    return cost


def _absent(why: str, do: str) -> Absent:
    return Absent(why=why, verdict=Verdict.INCONCLUSIVE, do=do)
