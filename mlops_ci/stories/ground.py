"""The ground that all later steps stand on: configuration, base, what changed, and which pipelines are sound."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mlops_ci.config.load import Loaded, read_config_file
from mlops_ci.config.schema import Config, PipelineMode
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError
from mlops_ci.metadata.base import Base, find_base
from mlops_ci.pipelines.preflight.checks import Preflight
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import World
from mlops_ci.tools.git_snapshot import Snapshot

LOCK = "dvc.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known before anything is run.

    tracked: what git tracks. files: that, and what git neither tracks nor ignores. changed: paths that differ from the
    base, uncommitted ones included; None where the base can't be known.
    mode, why: what is done with pipelines. pipelines: what preflight saw of them. misconfigured_gates: what it said of
    gates that can't be judged.
    """

    loaded: Loaded
    base: Base
    tracked: frozenset[PurePosixPath]
    files: frozenset[PurePosixPath]
    changed: frozenset[PurePosixPath] | None
    mode: PipelineMode
    why: str
    pipelines: Preflight = Preflight(findings=())
    misconfigured_gates: tuple[Finding, ...] = ()

    @property
    def config(self) -> Config:
        """mlops-ci.yaml, or what holds without one."""
        return self.loaded.config

    @property
    def preflight_findings(self) -> tuple[Finding, ...]:
        """What preflight found wrong with the files of DVC."""
        return self.pipelines.findings

    def looked_at(self, pipelines: Preflight, gates: tuple[Finding, ...]) -> "Ground":
        """The same ground, with what preflight saw."""
        return replace(self, pipelines=pipelines, misconfigured_gates=gates)

    def place_of(self, *keys: str) -> Place | None:
        """Where a key stands in mlops-ci.yaml; None without the file."""
        return self.loaded.place(*keys)


def read_ground(request: Request, world: World, seen: Snapshot) -> Ground:
    """Read what there is; nothing is run and nothing is written. seen: the work tree, before anything was run.

    Raises UsageError for a configuration that can't be read and for a base that does not exist, IntegrityError where
    git tracks what we made.
    """
    repository = world.repository
    tracked = seen.tracked()
    _refuse_our_own(tracked, world.own.name)
    loaded = read_config_file(world.root)
    base = find_base(repository, named=request.base, event=world.event)
    mode, why = pipeline_mode(request.mode, loaded.config.pipeline.run, tracked)
    return Ground(
        loaded=loaded,
        base=base,
        tracked=tracked,
        files=tracked | seen.untracked(),
        changed=seen.changed_since(base.commit) if base.commit else None,
        mode=mode,
        why=why,
    )


def _refuse_our_own(tracked: frozenset[PurePosixPath], own: str) -> None:
    """Verdicts are believed and environments are run: they must not come with somebody's pull request."""
    files = sorted(path for path in tracked if f"{path}/".startswith(f"{own}/"))
    if files:
        raise IntegrityError.at(
            "MC-CHECK-001", own, "git tracks it, so what it holds may be anybody's", place=Place(path=files[0]),
            found=f"{len(files)} tracked, {shown(files[0])} the first", expected="nothing of it in git",
            do=f"`git rm -r --cached {own}`, then commit; it ignores itself as long as nobody forces it in",
        )  # fmt: skip


def pipeline_mode(
    asked: PipelineMode | None, configured: PipelineMode, tracked: frozenset[PurePosixPath]
) -> tuple[PipelineMode, str]:
    """What is done with pipelines, and why."""
    if asked not in (None, PipelineMode.AUTO):
        return asked, f"--pipeline {asked} was asked for"
    if asked is None and configured is not PipelineMode.AUTO:
        return configured, f"mlops-ci.yaml says `pipeline: {{run: {configured}}}`"
    if any(path.name == LOCK for path in tracked):
        return PipelineMode.VERIFY, "dvc.lock is tracked in git"
    return PipelineMode.RUN, "no dvc.lock is tracked in git"
