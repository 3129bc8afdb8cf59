"""Objects from a remote into the cache, and from the cache into a remote: many at once, and never for ever."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.patience import while_it_moves
from mlops_ci.tools.dvc.worker.refusals import RemoteFailedError, remote_refusals, told

BULK_SECONDS = 1800.0


def receive(odb: Any, cache: Any, oids: list[str]) -> None:
    """As `dvc fetch` does, but for its look at the remote, which would delete what is bad."""
    _transfer(odb, cache, oids, odb.fs.jobs, "read")


def send(odb: Any, cache: Any, oids: Iterable[str]) -> int:
    """What the cache has of these, files before the listings that name them; returns how many."""
    here = sorted(oid for oid in oids if Path(cache.oid_to_path(oid)).is_file())
    listings = [oid for oid in here if oid.endswith(".dir")]
    for part in ([oid for oid in here if not oid.endswith(".dir")], listings):
        if part:
            _transfer(cache, odb, part, odb.fs.jobs, "written")
    return len(here)


def _transfer(source: Any, target: Any, oids: list[str], jobs: int, done: str) -> None:
    failures: dict[str, BaseException] = {}
    with remote_refusals(BULK_SECONDS):
        try:
            with while_it_moves() as moved:
                target.add(
                    [source.oid_to_path(oid) for oid in oids], source.fs, oids, verify=done == "read",
                    check_exists=False, batch_size=jobs, callback=moved, on_error=failures.__setitem__,
                )  # fmt: skip
        except TimeoutError as error:
            failures[oids[0]] = error
        for oid, failure in failures.items():
            raise RemoteFailedError(f"the object md5:{oid} could not be {done}: {told(failure)}") from failure
