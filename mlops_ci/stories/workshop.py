"""What several steps of a story share: each part is made at most once, and only when somebody asks for it."""

import os
import shlex
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import PurePosixPath

from mlops_ci import __version__
from mlops_ci.components.check import install_components
from mlops_ci.components.find import Component, find_components
from mlops_ci.config.schema import StageSettings
from mlops_ci.core.findings import Finding
from mlops_ci.data.validation import Validation, great_expectations_worker
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.metadata.base_state import BaseState, base_state
from mlops_ci.metadata.run_record import Signature
from mlops_ci.metadata.verdicts import VerdictStore
from mlops_ci.pipelines.ports import HeldExecutor
from mlops_ci.runtime.find import Found, RuntimeKind, components_folder, find_runtime
from mlops_ci.runtime.make import make_runtime
from mlops_ci.runtime.ready import Runtime
from mlops_ci.runtime.surroundings import Site, Surroundings
from mlops_ci.stories.ground import Ground
from mlops_ci.stories.recorded_base import has_lock, recorded_base
from mlops_ci.stories.request import Request
from mlops_ci.stories.run_store import run_store
from mlops_ci.stories.world import World
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name
from mlops_ci.tools.dvc.values import Stage

# How the libraries beneath numpy, scikit-learn and others are told how many threads to use.
_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
)  # fmt: skip
_NOTHING_SAID = StageSettings()
_BASE_SECONDS = 20.0  # a remote that hangs is asked for no longer, four times


class Workshop:
    """Runtimes, DVC repositories, the validation of data, and the store of verdicts. To be closed."""

    def __init__(self, *, ground: Ground, world: World, request: Request, begin: float) -> None:
        """begin: when the story began, on the world's clock."""
        limit = request.time_limit or ground.config.pipeline.time_limit
        self.ground = ground
        self.world = world
        self.request = request
        self.deadline = begin + limit.total_seconds() if limit else None
        self.store = VerdictStore(world.own / "verdicts", reads=not request.fresh)
        self.findings: tuple[Finding, ...] = ()  # what was odd when a runtime was made for stages
        self.compared_with = ground.base  # and why, once somebody has asked for what was locked there
        self.signatures: Mapping[str, Signature] = {}  # of the models that were judged, by name
        self.about_base: tuple[Finding, ...] = ()  # why recorded runs of the base could not be asked for
        self._held = ExitStack()
        self._found: dict[PurePosixPath, Found] = {}
        self._runtimes: dict[Found, Runtime | MlopsCiError] = {}
        self._equipped: dict[Found, Runtime | MlopsCiError] = {}
        self._repositories: dict[PurePosixPath, DvcRepository] = {}

    @cached_property
    def site(self) -> Site:
        """Where runtimes and components are made."""
        return Site(
            root=self.world.root,
            files=self.ground.files,
            processes=self.world.processes,
            surroundings=Surroundings(environ=self.world.environ),
            say=self.world.progress.note,
        )

    @cached_property
    def suites(self) -> Validation:
        """The suites of all datasets."""
        validation = Validation(
            root=self.world.root,
            datasets=self.ground.config.datasets,
            store=self.store,
            worker=great_expectations_worker(self.world.root),
            version=__version__,
            links=self.ground.pipelines.stores,
        )
        return self._held.enter_context(validation)

    @cached_property
    def executor(self) -> HeldExecutor:
        """Where the commands of stages run."""
        return self._held.enter_context(self.world.commands(self.world.own / "logs" / "stages.log"))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The components that mlops-ci.yaml names. Raises UsageError where one is none."""
        return find_components(self.ground.config.components, self.site)

    @property
    def home(self) -> PurePosixPath:
        """The folder whose runtime components are tested in."""
        return components_folder(self.ground.tracked)

    @cached_property
    def dvc_folders(self) -> tuple[PurePosixPath, ...]:
        """The folders of the DVC repositories that hold a usable dvc.yaml."""
        roots = {one.dvc_root for one in self.ground.pipelines.definitions if one.sound and one.dvc_root is not None}
        return tuple(sorted(roots))

    @cached_property
    def base(self) -> BaseState | None:
        """What was locked at the base: in its own dvc.lock, else in that of its newest recorded run.

        None where there is no base. Where its runs can't be asked for, a finding says so.
        """
        commit = self.ground.base.commit
        if commit is None:
            return None
        state = base_state(self.world.repository, commit)
        if has_lock(state):
            return state
        recorded = recorded_base(self.world.repository, run_store(self.world.root, seconds=_BASE_SECONDS), commit)
        self.about_base = recorded.findings
        self.compared_with = replace(self.ground.base, why=f"{self.ground.base.why}; {recorded.why}")
        return recorded.state or state

    def repository(self, folder: PurePosixPath) -> DvcRepository:
        """The DVC repository in a folder."""
        if folder not in self._repositories:
            repository = DvcRepository(
                self.world.root,
                self.world.root / folder,
                log=self.world.own / "logs" / log_name(folder),
                start=self.world.spare.take,
            )
            self._repositories[folder] = self._held.enter_context(repository)
        return self._repositories[folder]

    def found_runtime(self, folder: PurePosixPath) -> Found:
        """Which runtime the pipeline in a folder has; looked for once. Raises UsageError where there is none."""
        if folder not in self._found:
            self._found[folder] = find_runtime(
                self.ground.config.runtime,
                folder=folder,
                tracked=self.ground.tracked,
                read=self._read,
                surroundings=self.site.surroundings,
            )
        return self._found[folder]

    def runtime_name(self, stage: Stage) -> str:
        """What the runtime of a stage is: `requirements.txt`, or which Python of this machine, and why that."""
        found = self.found_runtime(stage.definition.parent)
        return found.why if found.kind in (RuntimeKind.ACTIVE, RuntimeKind.ON_PATH) else found.source

    def lock_of(self, folder: PurePosixPath) -> PurePosixPath | None:
        """The lock file of that runtime; None too where there is no Python at all, which the stages themselves say."""
        try:
            return self.found_runtime(folder).lock
        except UsageError:
            return None

    def runtime(self, folder: PurePosixPath) -> Runtime:
        """That runtime, made. Raises MlopsCiError where it can't be."""
        found = self.found_runtime(folder)
        return _once(self._runtimes, found, lambda: make_runtime(found, self.site, env=self.ground.config.runtime.env))

    def environment(self, stage: Stage) -> Mapping[str, str]:
        """The whole environment of a stage's command: its runtime, with the components in it."""
        if self.world.images is not None:
            return {}  # see ContainerExecutor: images, settings and limits are the target's to know
        folder = stage.definition.parent
        equipped = _once(self._equipped, self.found_runtime(folder), lambda: self._equip(folder))
        cpus = self.settings_of(stage).cpus
        return {**equipped.environment, **dict.fromkeys(_THREADS, str(cpus))} if cpus else equipped.environment

    def settings_of(self, stage: Stage) -> StageSettings:
        """What mlops-ci.yaml says of a stage; a foreach name covers its items."""
        settings = self.ground.config.pipeline.stages
        return settings.get(stage.address) or settings.get(stage.family) or _NOTHING_SAID

    def _equip(self, folder: PurePosixPath) -> Runtime:
        runtime = self.runtime(folder)
        installed = install_components(self.components, runtime=runtime, site=self.site)
        self.findings += (*runtime.findings, *installed.findings)
        return runtime

    @property
    def runtimes_used(self) -> tuple[Runtime, ...]:
        """The runtimes that stages were run in, each Python once."""
        used = (one for one in self._equipped.values() if isinstance(one, Runtime))
        return tuple({one.python: one for one in used}.values())

    def path_prefix(self, folder: PurePosixPath, stage: Stage) -> str:
        """What goes before a command in `folder` so that it finds the programs of the stage's runtime.

        Empty where it finds them anyway.
        """
        runtime = self._runtimes.get(self.found_runtime(stage.definition.parent))
        if not isinstance(runtime, Runtime) or not runtime.python.is_relative_to(self.world.root):
            return ""
        programs = os.path.relpath(runtime.python.parent, self.world.root / folder)
        return f"PATH=$PWD/{shlex.quote(programs)}:$PATH"

    def close(self) -> None:
        """End what was started."""
        self._held.close()

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, path: PurePosixPath) -> bytes | None:
        file = self.world.root / path
        return file.read_bytes() if file.is_file() else None


def _once(made: dict[Found, Runtime | MlopsCiError], found: Found, make: Callable[[], Runtime]) -> Runtime:
    """Made once, also where it can't be: an installation that failed is not tried again for every stage."""
    if found not in made:
        try:
            made[found] = make()
        except MlopsCiError as error:
            made[found] = error
    ready = made[found]
    if isinstance(ready, MlopsCiError):
        raise ready
    return ready
