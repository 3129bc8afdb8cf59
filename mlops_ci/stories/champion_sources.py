"""What a champion's commit has of a model: its metrics, its predictions, and the digest of its model file."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

from mlops_ci.config.load import CONFIG_FILE, read_config
from mlops_ci.config.models import Model
from mlops_ci.config.schema import Config
from mlops_ci.core.champions import ChampionKind
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.base_state import BaseFile, read_at_base
from mlops_ci.models.sources import UNDECLARED, Absent, PredictionsFile, Sources
from mlops_ci.stories.champions import Champion
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.files import write_whole


def sources_of(
    name: str, model: Model, champion: Champion | Absent, workshop: Workshop, pipelines: Pipelines
) -> Sources:
    """All but `rescoring`. name: the model's.

    Files are looked for where they are now, then where the champion's own mlops-ci.yaml has them.
    """
    if isinstance(champion, Absent):
        return Sources(metrics=champion, predictions=champion, rescoring=champion)
    own = model_at(name, champion)
    ways = (model, own) if own is not None else (model,)
    metrics = [one.metrics for one in ways if one.metrics] if model.metrics else []
    tables = [one.predictions.path for one in ways if one.predictions] if model.predictions else []
    return Sources(
        metrics=_bytes(metrics, champion) if metrics else UNDECLARED,
        predictions=_table(tables, champion, workshop, pipelines) if tables else UNDECLARED,
        artifact=next((champion.state.digests[path] for path in artifacts_of(model, own, champion)), None),
    )


def config_at(champion: Champion) -> Config | None:
    """The mlops-ci.yaml of its commit; None without one. Raises UsageError where it can't be read."""
    content = champion.file(CONFIG_FILE)
    return _parsed(content) if content is not None else None


@lru_cache(maxsize=16)
def _parsed(content: bytes) -> Config:
    return read_config(content).config


def model_at(name: str, champion: Champion) -> Model | None:
    """What the champion's own mlops-ci.yaml says of the model; None where it says nothing that can be read."""
    try:
        config = config_at(champion)
    except UsageError:
        return None
    models = config.models if config is not None else {}
    return models.get(champion.model or name) or models.get(name)


def artifacts_of(model: Model, own: Model | None, champion: Champion) -> Iterator[PurePosixPath]:
    """Where the champion's locks have its model file: by its own word first."""
    said = (one.artifact for one in (own, model) if one is not None and one.artifact is not None)
    return (path for path in said if path in champion.state.digests)


def keeper_of(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> DvcRepository | None:
    """Who may have bytes of what was at a path: that of the stage which makes it now, else that of its folder."""
    folder = next((one for one in path.parents if (workshop.world.root / one / ".dvc").is_dir()), None)
    return pipelines.keeper(path) or (workshop.repository(folder) if folder is not None else None)


def _bytes(paths: list[PurePosixPath], champion: Champion) -> bytes | Absent:
    file = read_at_base(champion.revisions, champion.state, _known(paths, champion))
    return file.content if file.content is not None else _absent(file, champion)


def _table(
    paths: list[PurePosixPath], champion: Champion, workshop: Workshop, pipelines: Pipelines
) -> PredictionsFile | Absent:
    path = _known(paths, champion)
    file = read_at_base(champion.revisions, champion.state, path)
    if file.digest is None:
        return _absent(file, champion)
    digest, content = file.digest, file.content

    def fetch() -> Path | Absent:
        """From git, else from the work tree where it is the same, else from DVC's cache or remote."""
        into = workshop.world.own / "base" / f"{digest.value}{path.suffix}"
        why = f"{path} of {champion.called} ({digest}) is neither in DVC's cache nor in a remote"
        try:
            if content is not None and not into.is_file():
                write_whole(into, content)
            keeper = keeper_of(path, workshop, pipelines)
            if into.is_file() or (keeper is not None and keeper.fetch(path, digest, into=into)):
                return into
        except MlopsCiError as error:
            why = f"{path} of {champion.called} ({digest}) is not to be had: {error}"
        do = f"run `mlops-ci check` at {champion.state.commit[:10]} once, or push its data: `dvc push`"
        return Absent(why=why, verdict=Verdict.INCONCLUSIVE, do=do)

    return PredictionsFile(digest=digest, fetch=fetch)


def _known(paths: list[PurePosixPath], champion: Champion) -> PurePosixPath:
    """The first path that the champion's locks know; else the first."""
    return next((one for one in paths if one in champion.state.digests), paths[0])


def _absent(file: BaseFile, champion: Champion) -> Absent:
    """A base that says nothing of a file is nobody's fault; who is named as champion was chosen for having it."""
    if champion.kind is ChampionKind.BASE and not file.recorded:
        return Absent(why=file.why, verdict=Verdict.NOT_APPLICABLE)
    do = "" if champion.kind is ChampionKind.BASE else "name a champion whose run made it"
    return Absent(why=file.why, verdict=Verdict.INCONCLUSIVE, do=do)
