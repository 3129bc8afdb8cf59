"""What was seen in a repository, and what is proposed to it: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from enum import StrEnum
from pathlib import PurePosixPath

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.findings import Finding
from mlops_ci.data.datasets import Format
from mlops_ci.pipelines.preflight.declared import DeclaredStage

WORKFLOW = PurePosixPath(".github/workflows/mlops-ci.yml")
MAIN = PurePosixPath(".github/workflows/mlops-ci-main.yml")
DELIVER = PurePosixPath(".github/workflows/mlops-ci-deliver.yml")
ROLLBACK = PurePosixPath(".github/workflows/mlops-ci-rollback.yml")
RUN = PurePosixPath(".github/workflows/mlops-ci-run.yml")
DELIVERING = (DELIVER, ROLLBACK, RUN)
"""What `init --deliver` writes."""
CHECK = "mlops-ci / check"
"""The name of the required check: the caller's job, and the one in the called workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The default remote of a DVC repository, as every clone knows it.

    root: the folder with its `.dvc`. scheme: `s3`, empty for a folder. shown: its address without credentials.
    own_files: settings that name files or profiles of its author's machine.
    """

    root: PurePosixPath
    name: str
    scheme: str
    shown: str
    anonymous: bool = False
    own_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow file that is there already."""

    path: PurePosixPath
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a pyproject.toml. name: of its distribution. why_not: why it is no component; empty if it is."""

    path: PurePosixPath
    name: str
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What mlops-ci.yaml is proposed from.

    data: what .dvc files keep. folders: the formats of all that lies in a folder that stages read or write (None for
    what is no table). metrics: numbers in the metrics files that are here.
    """

    stages: tuple[DeclaredStage, ...] = ()
    data: tuple[PurePosixPath, ...] = ()
    folders: Mapping[PurePosixPath, frozenset[Format | None]] = field(default_factory=dict)
    metrics: Mapping[PurePosixPath, Mapping[str, float]] = field(default_factory=dict)
    projects: tuple[Project, ...] = ()
    suites: tuple[PurePosixPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where packages go, by mlops-ci.yaml. names: all environments.

    staging, production: what is merged goes to the first, what is tagged to the second; the same where there is one.
    own_host: whether one of them is a folder or an engine of a host. by_pull_request: how production is approved.
    """

    names: tuple[str, ...]
    staging: str
    production: str
    own_host: bool = False
    by_pull_request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A repository, as far as `init` looks at it.

    branch: the default branch. branch_known: whether that was found, or only assumed. checked_out: the one that is.
    definitions: every dvc.yaml. uncommitted: those that git does not track yet. configured: whether mlops-ci.yaml names
    components, datasets or models. models: the names of models with an artifact, which could be registered.
    runtimes: what the Python of each dvc.yaml is made from; None without a lock file.
    no_remote: DVC repositories without a default remote in `.dvc/config`. troubles: what would keep stages from
    running. present: the files that could be written, as far as they are there. ignored: those that git ignores.
    untracked: those that are there and not in git. delivery: None where mlops-ci.yaml declares no environment.
    """

    branch: str
    branch_known: bool = True
    checked_out: str | None = None
    definitions: tuple[PurePosixPath, ...] = ()
    uncommitted: tuple[PurePosixPath, ...] = ()
    configured: bool = False
    models: tuple[str, ...] = ()
    mode: PipelineMode = PipelineMode.RUN
    why_mode: str = ""
    runtimes: Mapping[PurePosixPath, str | None] = field(default_factory=dict)
    remotes: tuple[Remote, ...] = ()
    no_remote: tuple[PurePosixPath, ...] = ()
    troubles: tuple[Finding, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    present: Mapping[PurePosixPath, bytes] = field(default_factory=dict)
    ignored: frozenset[PurePosixPath] = frozenset()
    untracked: frozenset[PurePosixPath] = frozenset()
    materials: Materials = Materials()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked of `init`. main, deliver: the workflow for pushes to the default branch, and those of delivery."""

    config: bool = False
    main: bool = False
    deliver: bool = False
    update: bool = False
    dry_run: bool = False


class State(StrEnum):
    """What is to become of a proposed file."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"  # another content is there: never overwritten
    UPDATED = "updated"  # by --update: nothing but the version
    SHOWN = "shown"  # by --update: what else a newer `init` would write


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One file. `before`: None where nothing is there."""

    path: PurePosixPath
    state: State
    after: bytes
    before: bytes | None = None

    @property
    def to_be_written(self) -> bool:
        """Whether this is written, unless it is only shown."""
        return self.state in (State.NEW, State.UPDATED)

    @property
    def diff(self) -> tuple[str, ...]:
        """Lines of a unified diff, without ends of line; empty where nothing differs."""
        old = [] if self.before is None else self.before.decode("utf-8", "backslashreplace").splitlines()
        new = self.after.decode("utf-8").splitlines()
        source = "/dev/null" if self.before is None else f"a/{self.path}"
        return tuple(unified_diff(old, new, source, f"b/{self.path}", lineterm=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is proposed. notes: what the reader should know. refusals: why nothing is written."""

    proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    refusals: tuple[Finding, ...] = ()

    @property
    def to_be_written(self) -> tuple[Proposal, ...]:
        """The files that are written; none where anything is refused."""
        return () if self.refusals else tuple(one for one in self.proposals if one.to_be_written)
