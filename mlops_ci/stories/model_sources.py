"""Where the numbers of a model come from: what lies in the work tree, and what each champion has."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mlops_ci.config.models import Model
from mlops_ci.core.champions import BASE
from mlops_ci.core.digests import Digest
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.timings import expected
from mlops_ci.models.sources import UNDECLARED, Absent, PredictionsFile, Sources
from mlops_ci.stories.champion_sources import sources_of
from mlops_ci.stories.champions import Champions
from mlops_ci.stories.orders import timings_of
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.rescoring import rescoring_of
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.files import digest_of_file
from mlops_ci.tools.work_tree import refuse_outside


def candidate_sources(model: Model, workshop: Workshop, pipelines: Pipelines) -> Sources:
    """What the work tree has of a model. Raises IntegrityError for a link that leaves the repository."""
    metrics = _bytes(model.metrics, workshop, pipelines) if model.metrics else UNDECLARED
    predictions = candidate_table(model, workshop, pipelines)
    artifact = _locked(model.artifact, pipelines) if model.artifact else None
    seconds = _seconds(model.predictions.path, workshop, pipelines) if model.predictions else None
    return Sources(metrics=metrics, predictions=predictions, artifact=artifact, seconds=seconds)


def _seconds(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> float | None:
    """How long the stage usually takes that writes a file, None where it was never seen."""
    usual = expected(timings_of(workshop.world))
    return next((usual[one.address] for one in pipelines.producers(path) if one.address in usual), None)


def champion_sources(
    name: str, model: Model, champions: Champions, workshop: Workshop, pipelines: Pipelines
) -> Mapping[str, Sources]:  # fmt: skip
    """What the champions of this model's gates have, and the base, with which its numbers are shown."""
    named = {gate.champion for gate in model.gates.values() if gate.champion is not None}
    found = {text: sources_of(name, model, champions[text], workshop, pipelines) for text in sorted({BASE, *named})}
    rows = candidate_rows(model, workshop, pipelines) if named else UNDECLARED
    for text in named:
        rescoring = rescoring_of(name, model, champions[text], rows, workshop, pipelines)
        found[text] = replace(found[text], rescoring=rescoring)
    return found


def candidate_table(model: Model, workshop: Workshop, pipelines: Pipelines) -> PredictionsFile | Absent:
    """The predictions of the work tree. Raises IntegrityError for a link that leaves the repository."""
    return _table(model.predictions.path, workshop, pipelines) if model.predictions else UNDECLARED


def candidate_rows(model: Model, workshop: Workshop, pipelines: Pipelines) -> PredictionsFile | Absent:
    """The rows that the candidate was judged on, as they go into it."""
    if model.inputs is None:
        return UNDECLARED
    try:
        return _table(model.inputs, workshop, pipelines)
    except MlopsCiError as error:
        return Absent(why=str(error), verdict=Verdict.INCONCLUSIVE, do=error.findings[0].do)


def _locked(path: PurePosixPath, pipelines: Pipelines) -> Digest | None:
    """What DVC vouches for at a path, compared with what lies in the work tree."""
    return next((out.locked for out in pipelines.vouched(path) if out.path == path), None)


def _bytes(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> bytes | Absent:
    file = _here(path, workshop, pipelines)
    return file if isinstance(file, Absent) else file.read_bytes()


def _table(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> PredictionsFile | Absent:
    locked = _locked(path, pipelines)
    if locked is not None:
        return PredictionsFile(digest=locked, fetch=lambda: _here(path, workshop, pipelines))
    file = _here(path, workshop, pipelines)
    return file if isinstance(file, Absent) else PredictionsFile(digest=digest_of_file(file), fetch=lambda: file)


def _here(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> Path | Absent:
    """The file in the work tree; where it is not there and DVC keeps it, it is fetched.

    Raises IntegrityError for a link that leaves the repository and DVC's cache.
    """
    file = workshop.world.root / path
    keeper = pipelines.keeper(path)
    if not file.is_file() and keeper is not None and _is_cached(path, pipelines):
        try:
            keeper.pull([path])
        except MlopsCiError as error:
            return Absent(why=str(error), verdict=Verdict.INCONCLUSIVE, do=error.findings[0].do)
    if not file.is_file():
        return Absent(why="no such file")
    refuse_outside(workshop.world.root, path, subject=str(path), also=workshop.ground.pipelines.stores)
    return file


def _is_cached(path: PurePosixPath, pipelines: Pipelines) -> bool:
    """Whether DVC keeps its bytes; those of an output with `cache: false` are git's. Data of no stage it may keep."""
    outs = [out for stage in pipelines.producers(path) for out in stage.outs if out.path in (path, *path.parents)]
    return not outs or any(out.cached for out in outs)
