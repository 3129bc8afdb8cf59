"""Everything outside that a story touches, built in one place and handed down."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.components.check import ImageTests
from mlops_ci.config.event import EventFacts
from mlops_ci.pipelines.ports import HeldExecutor
from mlops_ci.report.progress import Progress
from mlops_ci.tools.dvc.spare import Spare
from mlops_ci.tools.event import started_by
from mlops_ci.tools.executor import ProcessExecutor
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.git import GitRepository, open_repository
from mlops_ci.tools.machine import Machine, this_machine
from mlops_ci.tools.processes import HostProcesses, Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The composition root: real parts in production, doubles in tests.

    clock: seconds, monotonic. own: the folder `.mlops-ci` of the repository. spare: a process of DVC's, begun early.
    package: the digest of the package that this is a work tree of; None: it is the source itself. commands: where the
    commands of stages run; it is given the log of whoever runs them. images: where stages run in images, which
    then have all that they need: what tests components in them.
    """

    repository: GitRepository
    processes: Processes
    progress: Progress
    own: Path
    environ: Mapping[str, str] = field(repr=False)
    machine: Machine
    event: EventFacts | None = None
    spare: Spare = field(default_factory=Spare)
    clock: Callable[[], float] = time.monotonic
    package: str | None = None
    commands: Callable[[Path], HeldExecutor] = ProcessExecutor
    images: ImageTests | None = None

    @property
    def root(self) -> Path:
        """The repository's root."""
        return self.repository.root


def real_world(folder: Path, progress: Progress, spare: Spare | None = None) -> World:
    """The world as it is on this machine, for the git repository that `folder` is in.

    Raises UsageError where there is no repository, or where GitHub's event payload can't be read.
    """
    repository = open_repository(folder)
    return World(
        repository=repository,
        processes=HostProcesses(),
        progress=progress,
        own=own_folder(repository.root),
        environ=dict(os.environ),
        machine=this_machine(),
        event=started_by(os.environ),
        spare=spare or Spare(),
    )
