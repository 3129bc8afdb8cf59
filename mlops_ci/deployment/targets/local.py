"""The target `local`: a folder of this host, which lasts. `current` leads to the release that runs.

root/current                  a link, switched by rename
root/releases/<digest>/work/  see releases.py
root/log/                     the environment's log, and so its ledger
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.releases import digest_of
from mlops_ci.deployment.targets.folder import FolderTarget
from mlops_ci.errors import UsageError
from mlops_ci.tools.folders import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTarget(FolderTarget):
    """An environment below `root`, which lasts. log: in that folder."""

    own_log: bool = True

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
        settle(self.root)


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
