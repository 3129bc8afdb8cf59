"""What is told of one version of a model to people who meet it: its card, as a value. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from mlops_ci.config.models import CardText
from mlops_ci.config.schema import Config
from mlops_ci.metadata.run_record import Artifact, GateRun, RunRecord, StageRun, SuiteRun
from mlops_ci.models.model_record import ModelRecord

Span = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """What the model was made from. name: that of the dataset, empty for what is declared as none.

    time: the column with the time of an event. span: its first and last value; None: not to be had cheaply here.
    """

    name: str
    path: str
    digest: str
    size: int | None = None
    rows: int | None = None
    verdict: str = ""
    time: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStage:
    """A stage on the way to the model. needs: stages; data, code: what it reads that no stage makes."""

    name: str
    needs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """That a version is not to be used any more: when and why, as far as its tag says."""

    when: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What made a version: the run, mlops-ci.yaml as it was run, time ranges of datasets by path."""

    run: RunRecord
    config: Config
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All of it. url: where the repository is fetched from. measured: the table or file whose numbers the metrics are.

    lineage: the stages in their order.
    """

    record: ModelRecord
    run: RunRecord
    said: CardText = CardText()
    stages: tuple[str, ...] = ()
    deprecation: Deprecation | None = None
    url: str = ""
    gates: tuple[GateRun, ...] = ()
    measured: Artifact | None = None
    data: tuple[CardData, ...] = ()
    lineage: tuple[CardStage, ...] = ()

    @property
    def title(self) -> str:
        """Its name and version, as its tag is called."""
        return f"{self.record.name}@{self.record.version}"


def card_of(
    record: ModelRecord, origin: Origin, *, stages: tuple[str, ...], url: str, deprecation: Deprecation | None
) -> Card:
    """The card of a version that is registered."""
    run, model = origin.run, origin.config.models.get(record.name)
    table = model and (model.predictions.path if model.predictions else model.metrics)
    lineage = tuple(lineage_of(run, record.path))
    return Card(
        record=record,
        run=run,
        said=model.card if model else CardText(),
        stages=stages,
        deprecation=deprecation,
        url=url,
        gates=tuple(one for one in run.gates if one.model == record.name),
        measured=run.artifact(table) if table else None,
        data=tuple(_data(origin, lineage)),
        lineage=lineage,
    )


def lineage_of(run: RunRecord, path: str) -> Iterator[CardStage]:
    """The stages that the artifact at a path comes from, as the run has them, in the run's order."""
    by_name = {stage.name: stage for stage in run.stages}
    made = run.artifact(PurePosixPath(path))
    wanted: set[str] = set()
    waiting = [made.stage] if made and made.stage else []
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in wanted:
            wanted.add(name)
            waiting += [dep.stage for dep in by_name[name].deps if dep.stage]
    yield from (_stage(stage, run, by_name) for stage in run.stages if stage.name in wanted)


def _stage(stage: StageRun, run: RunRecord, known: Mapping[str, StageRun]) -> CardStage:
    made = dict.fromkeys(dep.stage for dep in stage.deps if dep.stage in known)
    found = [dep.path for dep in stage.deps if dep.stage not in known]
    return CardStage(
        name=stage.name,
        needs=tuple(name for name in made if name is not None),
        data=tuple(path for path in found if f"code {path}" not in run.parts),
        code=tuple(path for path in found if f"code {path}" in run.parts),
        writes=tuple(out.path for out in stage.outs),
    )


def declared_data(run: RunRecord, config: Config) -> Iterator[tuple[str, Artifact]]:
    """Datasets by name with what the run had of them: the very path, else all that lies below it."""
    for name, dataset in config.datasets.items():
        exact = run.artifact(dataset.path)
        below = [one for one in run.artifacts if PurePosixPath(one.path).is_relative_to(dataset.path)]
        yield from ((name, one) for one in ([exact] if exact else below))


def _data(origin: Origin, lineage: tuple[CardStage, ...]) -> Iterator[CardData]:
    suites = {suite.dataset: suite for suite in origin.run.suites}
    told = set()
    for name, artifact in declared_data(origin.run, origin.config):
        told.add(artifact.path)
        yield _of_dataset(name, artifact, suites.get(name), origin)
    for path in dict.fromkeys(path for stage in lineage for path in stage.data):
        found = origin.run.artifact(PurePosixPath(path))
        if found is not None and path not in told:
            yield CardData(name="", path=path, digest=found.digest, size=found.size)


def _of_dataset(name: str, artifact: Artifact, suite: SuiteRun | None, origin: Origin) -> CardData:
    return CardData(
        name=name, path=artifact.path, digest=artifact.digest, size=artifact.size,
        rows=suite.rows if suite else None, verdict=suite.verdict if suite else "",
        time=origin.config.datasets[name].time, span=origin.spans.get(artifact.path),
    )  # fmt: skip
