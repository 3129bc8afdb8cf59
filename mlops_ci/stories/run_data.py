"""All data of a recorded run on its remotes, by the digests of its record, whatever lies in the work tree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import shown
from mlops_ci.errors import ServiceError
from mlops_ci.metadata.run_record import RunRecord
from mlops_ci.metadata.runs import Run
from mlops_ci.stories.dvc_folders import DvcFolders

_SHOWN = 3


def send_data(run: Run, folders: DvcFolders) -> None:
    """Send what the remotes lack of a run that only this clone has: its bytes go before its name.

    Raises ServiceError where something is neither here nor there, IntegrityError where an object is spoiled here.
    """
    by_folder: dict[PurePosixPath, dict[PurePosixPath, Digest]] = defaultdict(dict)
    for path, digest in _made(run.record):
        by_folder[folders.of(path).folder][path] = digest
    for outs in by_folder.values():
        repository = folders.of(next(iter(outs)))
        lacking = repository.artifacts.send_recorded(outs) if repository.has_remote() else {}
        if lacking:
            raise _lost(run, lacking)


def _made(record: RunRecord) -> Iterator[tuple[PurePosixPath, Digest]]:
    """Outputs, and what .dvc files track, but what the run's commit itself holds."""
    for one in record.artifacts:
        algorithm, _, value = one.digest.partition(":")
        if one.stage is not None and one.path not in record.files and algorithm == "md5":
            yield PurePosixPath(one.path), Digest(algorithm, value)


def _lost(run: Run, lacking: Mapping[PurePosixPath, Digest]) -> ServiceError:
    named = [f"{shown(path)} ({digest})" for path, digest in lacking.items()]
    more = f", and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return ServiceError.at(
        "MC-REG-018", run.id, "nothing was registered: only this clone has the run, and not all of its data",
        found=f"neither in the cache nor in the remote: {', '.join(named[:_SHOWN])}{more}",
        expected="all data of the run, so that `run checkout` can bring it back",
        do="run it again, `mlops-ci check --record --push`, and register that run",
    )  # fmt: skip
