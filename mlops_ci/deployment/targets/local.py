"""The target `local`: a folder of this host, which lasts. `current` leads to the release that runs.

root/current                  a link, switched by rename
root/releases/<digest>/work/  see releases.py
root/log/                     the environment's log, and so its ledger
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import Equip, Package, Release, Releases, digest_of
from mlops_ci.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTarget:
    """An environment below `root`. log: in that folder."""

    root: Path
    log: Log
    own_log: bool = True

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

    def expose(self, entry: Entry | None) -> None:
        """Switch `current`, at once: whoever follows it finds the old release or the new one."""
        link = self.root / "current"
        if entry is None:
            link.unlink(missing_ok=True)
            return
        wanted = f"releases/{digest_of(entry.package).value}"
        if link.is_symlink() and str(link.readlink()) == wanted:
            return
        for left in self.root.glob(".current-*"):  # of a switch that was killed
            left.unlink(missing_ok=True)
        beside = self.root / f".current-{uuid4().hex}"
        beside.symlink_to(wanted)
        beside.replace(link)
        _settle(self.root)

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


def local_target(name: str, root: Path, environ: Mapping[str, str]) -> LocalTarget:
    """The environment `name` below a folder. Raises UsageError on a runner whose disk disappears."""
    if environ.get("RUNNER_ENVIRONMENT") == "github-hosted":
        raise UsageError.at(
            "MC-DEPLOY-001", name, "target local is of no use on a hosted runner: its disk is gone after the job",
            found="RUNNER_ENVIRONMENT=github-hosted", expected="a host of your own",
            do="say `runs-on: self-hosted`, or use `target: github`, which needs no host",
        )  # fmt: skip
    root.mkdir(parents=True, exist_ok=True)
    return LocalTarget(root=root, log=FileLog(folder=root / "log", name=name))


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
