"""The candidate's rows, scored by a champion's own code: for a champion whose predictions are for other rows."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.config.models import Model
from mlops_ci.config.schema import Config
from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import InconclusiveError, MlopsCiError
from mlops_ci.models.sources import Absent, PredictionsFile, Rescoring
from mlops_ci.stories.champion_sources import artifacts_of, config_at, keeper_of, model_at
from mlops_ci.stories.champions import Champion
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.scoring_work import Scoring, score
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_bench import Bench

_PATIENCE = 900.0  # seconds: another command scores with a champion's code
_KEPT = 30 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be run. config: whose runtime and components are made. digest: of the model file."""

    champion: Champion
    command: str
    config: Config
    artifact: PurePosixPath
    digest: Digest
    rows: PredictionsFile
    inputs: PurePosixPath
    scores: PurePosixPath
    key: str

    @property
    def identity(self) -> Digest:
        """All that decides the scores. What a champion without mlops-ci.yaml borrows of today's is in it."""
        borrowed = config_at(self.champion) is None
        runtime = self.config.model_dump_json(include={"runtime", "components"}) if borrowed else ""
        return digest_of_json(
            {
                "champion": self.champion.state.commit, "artifact": str(self.digest), "command": self.command,
                "rows": str(self.rows.digest), "borrowed": runtime,
            }
        )  # fmt: skip


def rescoring_of(
    name: str, model: Model, champion: Champion | Absent, rows: PredictionsFile | Absent, workshop: Workshop,
    pipelines: Pipelines,
) -> Rescoring | Absent:  # fmt: skip
    """How a champion's code scores the candidate's rows; Absent, and inconclusive, where it can't.

    name: the model's. rows: the candidate's table of `inputs`. The champion's own mlops-ci.yaml says the command and
    the runtime; where its commit has none, today's does.
    """
    if isinstance(champion, Absent):
        return champion
    try:
        plan = _plan(name, model, champion, rows, workshop.ground.config)
    except MlopsCiError as error:
        return cannot(champion, f"its mlops-ci.yaml can't be read ({error})", error.findings[0].do)
    if isinstance(plan, Absent):
        return plan
    identity = plan.identity
    return Rescoring(identity=identity, score=lambda: _scored(plan, identity, workshop, pipelines))


def cannot(champion: Champion, why: str, do: str) -> Absent:
    """Why a champion's code has not scored the rows."""
    return Absent(why=f"{champion.called} can't score these rows: {why}", verdict=Verdict.INCONCLUSIVE, do=do)


def bench_of(world: World) -> Bench:
    """Where champions' code is laid down."""
    return Bench(root=world.root, home=world.own / "champion")


def _plan(
    name: str, model: Model, champion: Champion, rows: PredictionsFile | Absent, config: Config
) -> _Plan | Absent:
    there = config_at(champion)
    own = model_at(name, champion)
    command = (own.predict if own is not None else None) or model.predict
    if command is None:
        do = "add `predict: COMMAND` to the model in mlops-ci.yaml; it is called with --model, --rows and --out"
        return cannot(champion, "no command to score given rows is declared", do)
    if model.inputs is None or model.predictions is None:
        do = "add `inputs: FILE`, the table of features that the candidate was judged on, to the model in mlops-ci.yaml"
        return cannot(champion, "no table of rows to score is declared", do)
    if isinstance(rows, Absent):
        return cannot(champion, f"{model.inputs}: {rows.why}", rows.do or "run the stage that writes it")
    artifact = next(artifacts_of(model, own, champion), None)
    if artifact is None:
        do = "declare the model file: `artifact: FILE`, an output of a stage; from the next run on it is recorded"
        return cannot(champion, "no dvc.lock of its commit has its model file", do)
    return _Plan(
        champion=champion, command=command, config=there or config, artifact=artifact,
        digest=champion.state.digests[artifact], rows=rows, inputs=model.inputs, scores=model.predictions.path,
        key=model.predictions.id,
    )  # fmt: skip


def _scored(plan: _Plan, identity: Digest, workshop: Workshop, pipelines: Pipelines) -> Path | Absent:
    """The table that is kept for this identity; made where there is none."""
    bench = bench_of(workshop.world)
    kept = bench.home / "scored" / f"{identity.value}{plan.scores.suffix}"
    if kept.is_file():
        kept.touch()
        return kept
    if workshop.world.images is not None:
        return cannot(plan.champion, "stages run in images here", "run `mlops-ci check` on a machine of its own")
    rows = plan.rows.fetch()
    if isinstance(rows, Absent):
        return cannot(plan.champion, f"{plan.inputs}: {rows.why}", rows.do)
    workshop.world.progress.note(f"the code of {plan.champion.called} scores the candidate's rows")
    try:
        words = f"scoring with {plan.champion.called}"
        with bench.laid(plan.champion.state.commit, patience=_PATIENCE, words=words) as tree:
            if not kept.is_file():  # somebody made it while we waited
                _make(plan, tree, rows, kept, workshop, pipelines)
                _forget_old(kept)
            return kept
    except MlopsCiError as error:
        first = error.findings[0]
        why = f"{error}: {first.found}" if first.found else str(error)
        return cannot(plan.champion, why, _led(first.do, bench))


def _forget_old(kept: Path) -> None:
    """Tables that nobody has asked for in 30 days are made again when somebody does."""
    for one in kept.parent.iterdir():
        if kept.stat().st_mtime - one.stat().st_mtime > _KEPT:
            one.unlink()


def _led(do: str, bench: Bench) -> str:
    """Logs of making the runtime lie in the work tree as long as it is there, then elsewhere."""
    for name in ("runtime", "component-"):
        do = do.replace(f".mlops-ci/logs/{name}", f"{bench.logs}/{name}")
    return do


def _make(
    plan: _Plan, tree: Path, rows: Path, kept: Path, workshop: Workshop, pipelines: Pipelines
) -> None:  # fmt: skip
    commit, revisions = plan.champion.state.commit, plan.champion.revisions
    scoring = Scoring(
        tree=tree, commit=commit, files=revisions.files_at(commit), config=plan.config, command=plan.command,
        artifact=plan.artifact, inputs=plan.inputs, scores=plan.scores, key=plan.key,
        folders=tuple(stage.definition.parent for stage in pipelines.producers(plan.artifact)),
    )  # fmt: skip
    keeper = keeper_of(plan.artifact, workshop, pipelines)
    if keeper is None or not keeper.fetch(plan.artifact, plan.digest, into=scoring.model):
        raise InconclusiveError.at(
            "MC-MODEL-053", str(plan.artifact), "its model file is neither in DVC's cache nor in a remote",
            found=str(plan.digest), expected="data that was pushed",
            do="push it from a machine that has it: `mlops-ci artifact push`, or `dvc push`",
        )  # fmt: skip
    score(scoring, rows, kept, workshop)
