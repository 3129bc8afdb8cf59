"""Signatures of models, from the tables that lie in the work tree: nothing is fetched for them."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from mlops_ci.config.models import Model
from mlops_ci.core.findings import Finding, note
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.run_record import Signature
from mlops_ci.models.signature import Columns, columns_of, digest_of_head, inputs_of, outputs_of
from mlops_ci.models.sources import Absent, PredictionsFile
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.work_tree import refuse_outside


def read_signatures(models: Mapping[str, Model], workshop: Workshop, pipelines: Pipelines) -> tuple[Finding, ...]:
    """Put the signatures of models into the workshop. Returns a note for each table that says nothing."""
    read = partial(_columns, workshop=workshop, pipelines=pipelines)
    found = {name: _signature(name, model, read) for name, model in models.items()}
    workshop.signatures = {name: signature for name, (signature, _) in found.items() if signature != Signature()}
    return tuple(finding for _, notes in found.values() for finding in notes)


def _signature(name: str, model: Model, read: "partial[Columns]") -> tuple[Signature, list[Finding]]:
    said = {path: read(path) for path in _tables(model)}
    notes = [
        note(
            "MC-MODEL-041", name, f"the columns of {path} are not known, so its signature lacks them", found=one.why,
            do="nothing, unless versions of this model are to say when its columns change",
        )
        for path, one in said.items() if not one.columns
    ]  # fmt: skip
    outputs = outputs_of(said[model.predictions.path].columns, model.predictions) if model.predictions else ()
    inputs = inputs_of(said[model.inputs].columns, model.predictions) if model.inputs else ()
    return Signature(inputs=inputs, outputs=outputs), notes


def _tables(model: Model) -> Iterator[PurePosixPath]:
    if model.predictions is not None:
        yield model.predictions.path
    if model.inputs is not None:
        yield model.inputs


def _columns(path: PurePosixPath, *, workshop: Workshop, pipelines: Pipelines) -> Columns:
    """The columns of a table; by what DVC vouches for also where the table itself is not here."""
    locked = next((out.locked for out in pipelines.vouched(path) if out.path == path), None)
    try:
        file = _here(path, workshop)
        digest = locked or (digest_of_head(file, path) if isinstance(file, Path) else None)
    except (MlopsCiError, OSError) as error:
        return Columns(why=str(error))
    if digest is None:
        return Columns(why=file.why if isinstance(file, Absent) else "")
    return columns_of(PredictionsFile(digest=digest, fetch=lambda: file), path, workshop.store)


def _here(path: PurePosixPath, workshop: Workshop) -> Path | Absent:
    """The file in the work tree. Raises IntegrityError for a link that leaves the repository and DVC's cache."""
    file = workshop.world.root / path
    if not file.is_file():
        return Absent(why="no such file in the work tree")
    refuse_outside(workshop.world.root, path, subject=str(path), also=workshop.ground.pipelines.stores)
    return file
