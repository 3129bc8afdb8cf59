"""The noise of training: a candidate trained again with other seeds, each of them once, whoever asks how often."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import file_digest
from pathlib import Path

from mlops_ci import __version__
from mlops_ci.config.models import Gate, Judge, Model, Predictions
from mlops_ci.config.parameter import NoParameterError, Parameter, parameter_named, value_of, with_value
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.digests import Digest, digest_of_json
from mlops_ci.core.steps import StepName
from mlops_ci.errors import MlopsCiError
from mlops_ci.gates.rules import computed_from_predictions, judge_of, slices_of
from mlops_ci.metadata.verdicts import verdict_key
from mlops_ci.models.appraisal import ALL
from mlops_ci.models.computed import Computed, Wanted
from mlops_ci.models.evidence import evidence
from mlops_ci.models.noise import Noise, NoNoise
from mlops_ci.models.sources import Absent, PredictionsFile
from mlops_ci.pipelines.graph import Graph
from mlops_ci.pipelines.targets import targeted
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.training import Candidate, bench_of, candidate_of, train
from mlops_ci.stories.workshop import Workshop

_MONTH = 30 * 86_400.0  # seconds
_TABLE, _OTHER_ROWS = "predictions", "other rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """A model whose gates ask for the noise of training. predictions: the candidate's own table."""

    name: str
    model: Model
    predictions: PredictionsFile | Absent


def training_noise(
    retrained: Retrained, workshop: Workshop, pipelines: Pipelines, gates: Collection[str]
) -> Mapping[str, Noise | NoNoise]:
    """What the metric of each of these gates is over its trainings, for those that ask for it.

    Each training is recorded by all that decides it. One that is not recorded is made where stages may run: by
    `check` in the mode `run`, and by `model validate --seeds`; elsewhere its absence is told, with what to do.
    """
    bench_of(workshop.world).sweep()
    asked = {name: gate for name, gate in retrained.model.gates.items() if name in gates and _asks(gate, retrained)}
    if not asked:
        return {}
    try:
        trainings = _trainings(retrained, workshop, pipelines)
        made, lack = trainings.first(max(gate.seeds or 0 for gate in asked.values()))
        return {name: trainings.noise(gate, made, lack) for name, gate in asked.items()}
    except _Unknown as error:
        return dict.fromkeys(asked, error.lack)


def _asks(gate: Gate, retrained: Retrained) -> bool:
    if gate.seeds is None or gate.champion is None or not computed_from_predictions(gate, retrained.model):
        return False
    return judge_of(gate, retrained.model) is Judge.INTERVAL


class _Unknown(Exception):  # noqa: N818 - it becomes a NoNoise
    """The noise is not known, for no gate."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.lack = NoNoise(why=why, do=do)


def _trainings(retrained: Retrained, workshop: Workshop, pipelines: Pipelines) -> "_Trainings":
    """Raises _Unknown where the model says too little, or its predictions are not those of its pipeline."""
    model, own = retrained.model, retrained.predictions
    if model.seed is None or model.predictions is None:
        do = "add `seed: params.yaml:seed`, a parameter of the stage that trains, to the model in mlops-ci.yaml"
        raise _Unknown("the gate asks for `seeds`, and the model names no `seed`", do)
    if isinstance(own, Absent):
        raise _Unknown(own.why, own.do)
    if not pipelines.producers(model.predictions.path):
        raise _Unknown("no stage makes the predictions, so nothing can be trained again", "declare it in dvc.yaml")
    try:
        parameter = parameter_named(model.seed)
        content = (workshop.world.root / parameter.file).read_bytes()
        base = value_of(content, parameter)
        with_value(content, parameter, base + 1)
    except (NoParameterError, MlopsCiError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise _Unknown(f"`seed: {model.seed}`: {why}", "name a whole number of a parameter file") from error
    return _Trainings(
        retrained=retrained, settings=model.predictions, own=own, parameter=parameter, base=base, workshop=workshop,
        pipelines=pipelines,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Trainings:
    retrained: Retrained
    settings: Predictions
    own: PredictionsFile
    parameter: Parameter
    base: int
    workshop: Workshop
    pipelines: Pipelines

    def first(self, count: int) -> tuple[Sequence[PredictionsFile], NoNoise | None]:
        """So many tables, the candidate's own first; fewer where there is a lack."""
        made = [self.own]
        for seed in range(self.base + 1, self.base + count):
            table = self._recorded(seed)
            if table is None:
                lack = self._may_not(seed, count)
                table = lack or self._made(seed, count)
            if isinstance(table, NoNoise):
                return made, table
            made.append(table)
        return made, None

    def noise(self, gate: Gate, made: Sequence[PredictionsFile], lack: NoNoise | None) -> Noise | NoNoise:
        """The metric of a gate in as many tables as it asks for."""
        count = gate.seeds or 0
        if len(made) < count:
            return lack or NoNoise(why="nothing was trained")
        wanted = Wanted(settings=self.settings, metrics={gate.metric: slices_of(gate, self.retrained.model)})
        seeds = tuple(range(self.base, self.base + count))
        found = [evidence(table, wanted, self.workshop.store) for table in made[:count]]
        for seed, one in zip(seeds, found, strict=True):
            if not isinstance(one, Computed):
                why = one.why if isinstance(one, Absent) else "; ".join(problem.what for problem in one)
                return NoNoise(why=f"with {self.parameter} = {seed}: {why}", do=self._anew)
        values = _values([one for one in found if isinstance(one, Computed)])
        return Noise(values=dict(values), seeds=seeds, tables=tuple(str(one.digest) for one in made[:count]))

    def _recorded(self, seed: int) -> PredictionsFile | NoNoise | None:
        stored = self.workshop.store.get(self._key(seed))
        facts = stored.facts if stored is not None else {}
        algorithm, _, value = str(facts.get(_TABLE) or "").partition(":")
        if facts.get(_OTHER_ROWS):
            return self._of_other_rows(seed, str(facts[_OTHER_ROWS]))
        return self._table(Digest(algorithm, value)) if value else None

    def _table(self, digest: Digest) -> PredictionsFile:
        path, keeper = self.settings.path, self.pipelines.keeper(self.settings.path)
        kept = self._tables / f"{digest.value}{path.suffix}"

        def fetch() -> Path | Absent:
            with suppress(MlopsCiError):
                if kept.is_file() or (keeper is not None and keeper.fetch(path, digest, into=kept)):
                    return kept
            return Absent(why=f"{path} ({digest}) is not in DVC's cache any more", do=self._anew)

        return PredictionsFile(digest=digest, fetch=fetch)

    def _made(self, seed: int, count: int) -> PredictionsFile | NoNoise:
        note = f"training {self.retrained.name} with {self.parameter} = {seed} ({seed - self.base + 1} of {count})"
        self.workshop.world.progress.note(note)
        try:
            digest, path = train(self._candidate, seed, self._tables, self.workshop)
        except MlopsCiError as error:
            first = error.findings[0]
            found = f" ({first.found})" if first.found and first.found not in first.what else ""
            return NoNoise(why=f"{first.subject}: {first.what}{found}", do=first.do)
        _forget_old(path)
        why = self._lacks_rows(path)
        with suppress(OSError):  # what can't be stored is asked of the run cache again
            self.workshop.store.put(self._key(seed), (), {_TABLE: str(digest), _OTHER_ROWS: why})
        return self._of_other_rows(seed, why) if why else self._table(digest)

    def _lacks_rows(self, table: Path) -> str | None:
        """Why the tables are not of the same rows: then their numbers differ for another reason than the training."""
        own = self.own.fetch()
        if isinstance(own, Absent):
            return None  # it can't be judged then either, and that is told
        from mlops_ci.models.scored_rows import lacks_rows  # noqa: PLC0415 - Arrow is heavy

        path = self.settings.path
        return lacks_rows(table, own, named=path, inputs=path, key=self.settings.id)

    def _of_other_rows(self, seed: int, why: str) -> NoNoise:
        return NoNoise(
            why=f"with {self.parameter} = {seed} the predictions are for other rows: {why}",
            do="let another parameter choose the test rows than the one that seeds the training",
        )  # fmt: skip

    def _may_not(self, seed: int, count: int) -> NoNoise | None:
        """Why nothing is trained here."""
        workshop, name = self.workshop, self.retrained.name
        why = f"{count - (seed - self.base)} of {count} trainings with other seeds are not recorded here"
        do = f"run `mlops-ci model validate {name} --seeds`, which trains with them"
        if workshop.world.images is not None:
            return NoNoise(why=f"{why}, and stages run in images", do=do)
        runs = workshop.ground.mode is PipelineMode.RUN and workshop.request.wants(StepName.PIPELINE)
        if not (workshop.request.seeds or runs):
            return NoNoise(why=why, do=do)
        stale = next(self._stale(), None)
        if stale is not None:
            return NoNoise(why=f"{stale}, so its predictions are not those of this pipeline", do="run the pipeline")
        return None

    def _stale(self) -> Iterator[str]:
        """What is out of date already: another seed would then not be all that differs."""
        graph = self._graph
        for keeper in {id(one): one for one in map(self.pipelines.keepers.__getitem__, graph.stages)}.values():
            for address, why in keeper.staleness_of_lock().items():
                if why and address in graph.stages:
                    yield f"{address} is out of date ({why[0]})"

    def _key(self, seed: int) -> Digest:
        return verdict_key("training", {**self._decided, "seed": str(seed)}, tool=__version__)

    @cached_property
    def _decided(self) -> Mapping[str, str]:
        """All that decides what comes of a training: code, data and commands as locked, and the candidate itself."""
        stages = [
            [stage.address, list(stage.command), [[str(dep.path), str(dep.locked)] for dep in stage.deps]]
            for stage in self._graph.order
        ]
        return {
            "candidate": self._bytes, "parameter": f"{self.parameter} = {self.base}",
            "stages": str(digest_of_json(stages)), "id": self.settings.id,
        }  # fmt: skip

    @cached_property
    def _bytes(self) -> str:
        """The candidate's table by DVC's digest, whoever vouches for it: in each mode it has the same name."""
        if self.own.digest.algorithm == "md5":
            return str(self.own.digest)
        path = self.own.fetch()
        if isinstance(path, Absent):
            return str(self.own.digest)
        with path.open("rb") as file:
            return f"md5:{file_digest(file, 'md5').hexdigest()}"

    @cached_property
    def _graph(self) -> Graph:
        return targeted(self.pipelines.graph, (str(self.settings.path),))

    @cached_property
    def _candidate(self) -> Candidate:
        return candidate_of(self.settings.path, self.parameter, self.workshop, self.pipelines)

    @property
    def _tables(self) -> Path:
        return self.workshop.world.own / "seeds" / "tables"

    @property
    def _anew(self) -> str:
        return f"train again: `mlops-ci model validate {self.retrained.name} --seeds --no-cache`"


def _forget_old(made: Path) -> None:
    """Tables of a month ago: DVC's cache has them, and what was computed from them is kept."""
    newest = made.stat().st_mtime
    for table in made.parent.iterdir():
        with suppress(FileNotFoundError):
            if newest - table.stat().st_mtime > _MONTH:
                table.unlink()


def _values(found: Sequence[Computed]) -> Iterator[tuple[str, tuple[float, ...]]]:
    """By slice, where every table has a value."""
    for cell in found[0].values:
        values = tuple(one.values[cell] for one in found if cell in one.values)
        if len(values) == len(found):
            yield cell.slice or ALL, values
