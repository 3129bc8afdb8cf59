"""A file or folder of a model in the work tree: named by its content, and brought where DVC keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.verdicts import Verdict
from mlops_ci.errors import MlopsCiError
from mlops_ci.models.sources import Absent
from mlops_ci.stories.pipelines import Pipelines
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.files import digest_of_file, digest_of_tree, files_below
from mlops_ci.tools.work_tree import refuse_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A file or folder. size: bytes. bring: where it lies, fetched if need be; called only when it is read."""

    path: PurePosixPath
    digest: Digest
    size: int
    bring: Callable[[], Path | Absent]


def lying_here(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> Lying | Absent:
    """What DVC vouches for at a path; else what lies there now."""
    for out in pipelines.vouched(path):
        if out.path == path and out.locked is not None and out.size is not None:
            return Lying(
                path=path, digest=out.locked, size=out.size, bring=lambda: _brought(path, workshop, pipelines)
            )  # fmt: skip
    here = _brought(path, workshop, pipelines)
    if isinstance(here, Absent):
        return here
    digest = digest_of_tree(here) if here.is_dir() else _named(here, path, pipelines)
    files = files_below(here) if here.is_dir() else [here]
    return Lying(path=path, digest=digest, size=sum(file.stat().st_size for file in files), bring=lambda: here)


def _named(here: Path, path: PurePosixPath, pipelines: Pipelines) -> Digest:
    """By the lock's name where these are the bytes that it holds, so that they have one name in each mode."""
    locked = {out.path: out.locked for stage in pipelines.producers(path) for out in stage.outs}.get(path)
    with here.open("rb") as file:
        if locked == Digest("md5", file_digest(file, "md5").hexdigest()):
            return locked
    return digest_of_file(here)


def _brought(path: PurePosixPath, workshop: Workshop, pipelines: Pipelines) -> Path | Absent:
    """Never by a link that leaves the repository and DVC's cache."""
    here = workshop.world.root / path
    keeper = pipelines.keeper(path)
    try:
        if not here.exists() and keeper is not None:
            keeper.pull([path])
        if here.exists():
            refuse_outside(workshop.world.root, path, subject=str(path), also=workshop.ground.pipelines.stores)
            return here
    except MlopsCiError as error:
        return Absent(why=f"{path}: {error}", verdict=Verdict.INCONCLUSIVE, do=error.findings[0].do)
    return Absent(why=f"there is no {path}", verdict=Verdict.INCONCLUSIVE, do="run the stage that writes it")
