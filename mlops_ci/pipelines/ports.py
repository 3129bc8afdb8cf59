"""What the pipeline room needs from the world: who knows stages, and where their commands run."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.digests import Digest
from mlops_ci.tools.dvc.values import Ended, Job, Pushed, Stage, StageResult, Wish


class Reproduction(Protocol):
    """One DVC repository (one `.dvc` folder) and the stages below it.

    Whatever DVC raises comes back as a finding of an MlopsCiError, never as an exception of DVC's.
    """

    root: Path

    def stages(self) -> Sequence[Stage]:
        """All stages and .dvc files in an order in which each comes after what it needs.

        Files that can't be read are left out: preflight has named them already.
        """

    def staleness(self) -> Mapping[str, tuple[str, ...]]:
        """Why each stage is out of date, by address; an empty tuple: it is up to date.

        Reads digests only. What DVC would run again because something before it will run is *not* in here.
        """

    def staleness_of_lock(self) -> Mapping[str, tuple[str, ...]]:
        """The same for `verify`: absent outputs and absent data are not stale, their digests come from the lock."""

    def begin(self, address: str, *, environment: Mapping[str, str], wish: Wish = ...) -> StageResult | Job:
        """Bring one stage up to date, its inputs being so: either it is, or the commands that are to be run now.

        A job has to be ended by `finish` or `abandon`; meanwhile other stages may be begun.
        """

    def finish(self, address: str) -> StageResult:
        """Take the outputs of a stage whose commands ended well. From here on a crash does not lose it."""

    def abandon(self, address: str) -> None:
        """Let go of a stage whose commands failed or were ended."""

    def settle(self) -> None:
        """Write into dvc.lock what has been finished."""

    def push(self, addresses: Sequence[str]) -> Pushed:
        """Send all data, then the run cache's entries of these stages, to the default remote. Raises ServiceError."""

    def absent_from_remote(self) -> Mapping[str, tuple[Digest, ...]]:
        """Digests that dvc.lock and .dvc files hold and the default remote lacks, by stage address.

        Raises ServiceError when the remote can't be asked.
        """

    def has_remote(self) -> bool:
        """Whether a default remote is configured."""

    def ask_remote(self) -> bool:
        """The same, for one that answers. Raises ServiceError where it does not."""

    def lost(self, address: str) -> Sequence[PurePosixPath]:
        """Outputs of a stage that are neither here nor in cache or remote. Raises ServiceError."""

    def fetch(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """Bring one cached file or folder by digest, from the cache or the remote, to `into`. False: not to be had.

        `path` says which output it is (DVC layouts differ by it); nothing in the work tree is written.
        """

    def pull(self, paths: Sequence[PurePosixPath]) -> None:
        """Bring outputs into the work tree, by the digests of the lock. Raises ServiceError where that fails."""


class Executor(Protocol):
    """Where the commands of stages run: processes of this machine, or containers."""

    def start(self, job: Job, *, log: Path) -> None:
        """Begin a job and return at once; its output goes to `log`. Raises ServiceError."""

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        """Jobs that have ended, waited for at most so long (None: until one ends). Raises ServiceError."""


class HeldExecutor(Executor, Protocol):
    """One that is to be closed: nothing of what it runs is left then."""

    def __enter__(self) -> "HeldExecutor":
        """Ready."""

    def __exit__(self, *_: object) -> None:
        """End what runs."""
