"""What the pipeline room needs from the world. The parallel engine will stand behind the same ports."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.digests import Digest
from mlops_ci.tools.dvc.values import Stage, StageResult


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

    def reproduce(self, address: str, *, environment: Mapping[str, str], log: Path) -> StageResult:
        """Bring one stage up to date, its inputs being so; its output goes to `log`. A failing command is a result."""

    def absent_from_remote(self) -> Mapping[str, tuple[Digest, ...]]:
        """Digests that dvc.lock and .dvc files hold and the default remote lacks, by stage address.

        Raises ServiceError when the remote can't be asked.
        """

    def has_remote(self) -> bool:
        """Whether a default remote is configured."""

    def fetch(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """Bring one cached file or folder by digest, from the cache or the remote, to `into`. False: not to be had.

        `path` says which output it is (DVC layouts differ by it); nothing in the work tree is written.
        """

    def pull(self, paths: Sequence[PurePosixPath]) -> None:
        """Bring outputs into the work tree, by the digests of the lock. Raises ServiceError where that fails."""
