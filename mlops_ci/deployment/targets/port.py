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

    log: of the environment; it alone says what runs there. own_log: whether it lies in the target itself, so that what
    is in it has to be brought to git for others to read, and so that a rollback needs nobody else.
    """

    log: Log
    own_log: bool

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

    def images(self, package: Package) -> Mapping[str, str]:
        """Digests of the images that the package's stages run in there, by component; empty where there are none."""
        ...
