"""What deployment needs of a target: a log that nobody else can write at the same time, and a place for releases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import Equip, Package, Release


class Target(Protocol):
    """Where one environment's packages live. All of it can be repeated: killed at any instant, the next call goes on.

    The log alone says what runs there. One that lies in the target itself has to be brought to git for others to read,
    and lets a rollback do without anybody else.
    """

    @property
    def log(self) -> Log:
        """The environment's log."""
        ...

    @property
    def own_log(self) -> bool:
        """Whether it lies in the target itself."""
        ...

    @property
    def state(self) -> Path:
        """A folder of this machine for what is under way."""
        ...

    def place(self, package: Package, equip: Equip) -> Release:
        """Have a package there, ready to be run, beside what runs. Nothing is done where it is."""
        ...

    def release(self, digest: Digest) -> Release | None:
        """A package that is there; None where it is not, or half."""
        ...

    def placed(self) -> tuple[Digest, ...]:
        """All packages that are there, those placed last first."""
        ...

    def expose(self, entry: Entry | None) -> None:
        """Have the target agree with the ledger's newest entry: what its users find is that package, or none."""
        ...

    def remove(self, digest: Digest) -> None:
        """Remove a package; one that is not there is none's concern."""
        ...

    def tidy(self) -> None:
        """Remove what was begun, and never finished, by who does not live any more. Called by who holds the lock."""
        ...

    def images(self, package: Package) -> Mapping[str, str]:
        """Digests of the images that the package's stages run in there, by component; empty where there are none."""
        ...
