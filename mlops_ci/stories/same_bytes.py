"""Whether what lies in the work tree is what its run recorded, byte for byte: asked before that is registered."""

from hashlib import file_digest
from pathlib import Path, PurePosixPath

from mlops_ci.core.paths import quoted
from mlops_ci.errors import IntegrityError
from mlops_ci.metadata.run_record import Artifact, RunRecord
from mlops_ci.stories.keeper import keeper_of
from mlops_ci.stories.world import World
from mlops_ci.tools.files import digest_of_file

_AGAIN = "run the check again and register its run; or name a recorded one: `--run RUN` registers its bytes, not these"


def need_same_files(record: RunRecord, world: World) -> None:
    """Raises IntegrityError where dvc.lock, or another text file that the run made, has other bytes now.

    record: of what was run last.
    """
    for path, digest in record.files.items():
        file = world.root / path
        actual = str(digest_of_file(file)) if file.is_file() else "no such file"
        if actual != digest:
            raise IntegrityError.at(
                "MC-REG-014", path, "this file is not the one that the run made, so the run is no evidence for it",
                found=actual, expected=digest, do=_AGAIN,
            )  # fmt: skip


def need_same_bytes(artifact: Artifact, world: World) -> None:
    """Raises IntegrityError where a model, hashed anew, has other bytes here than its run recorded; absent is fine.

    What is registered are the recorded bytes, from cache and remote. Somebody who registers what was run last here
    means the file that lies here, though: were it another one, nobody would learn that it was not what got a version.
    """
    path = PurePosixPath(artifact.path)
    if not (world.root / path).exists() or _is_plainly(world.root / path, artifact.digest):
        return
    with keeper_of(world, path) as repository:
        found = repository.artifacts.differing(path, whole=True)
    if found:
        raise IntegrityError.at(
            "MC-REG-016", artifact.path, "its bytes here are not those that the run recorded", found=found,
            expected=artifact.digest,
            do=f"remove it, and `mlops-ci artifact pull {quoted(path)}` brings the recorded bytes; else {_AGAIN}",
        )  # fmt: skip


def _is_plainly(file: Path, digest: str) -> bool:
    """Whether a file has the digest, as can be told without DVC."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return f"md5:{file_digest(content, 'md5').hexdigest()}" == digest
