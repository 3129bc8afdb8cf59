"""What targets share whose stages are processes of this machine: releases below a folder of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import Equip, Package, Release, Releases


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderTarget:
    """An environment with its releases below `root`. own_log: see Target."""

    root: Path
    log: Log
    own_log: bool

    @property
    def state(self) -> Path:
        """See Target.state."""
        return self.root

    def place(self, package: Package, equip: Equip) -> Release:
        """See Target.place."""
        return self._releases.place(package, equip)

    def release(self, digest: Digest) -> Release | None:
        """See Target.release."""
        return self._releases.release(digest)

    def placed(self) -> tuple[Digest, ...]:
        """See Target.placed."""
        return self._releases.placed()

    def expose(self, _: Entry | None) -> None:
        """See Target.expose: where nobody but the log is asked, there is nothing to switch."""

    def remove(self, digest: Digest) -> None:
        """See Target.remove."""
        self._releases.remove(digest)

    def tidy(self) -> None:
        """See Target.tidy."""
        self._releases.tidy()

    def images(self, _: Package) -> Mapping[str, str]:
        """See Target.images: stages run as processes."""
        return {}

    @property
    def _releases(self) -> Releases:
        return Releases(root=self.root)
