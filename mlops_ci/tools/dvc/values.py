"""What DVC knows about a repository, as plain values. All paths are relative to the git repository's root."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Scalar


class OutputKind(StrEnum):
    """What an output was declared as."""

    DATA = "data"
    METRIC = "metric"
    PLOT = "plot"


class StageState(StrEnum):
    """What became of a stage."""

    RAN = "ran"
    CACHED = "cached"  # up to date, or its outputs were taken from the run cache: nothing was executed
    FAILED = "failed"
    SKIPPED = "skipped"
    STALE = "stale"  # under `verify`: out of date, and not run


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An output of a stage. `locked` and `size` (bytes) are what dvc.lock or the .dvc file holds, None if nothing."""

    path: PurePosixPath
    kind: OutputKind = OutputKind.DATA
    cached: bool = True
    persistent: bool = False
    locked: Digest | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A dependency of a stage. A dependency that is no file of the repository has `url` and no path."""

    path: PurePosixPath | None
    url: str | None = None
    locked: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage, or one .dvc file (then `command` is empty).

    address: as DVC writes it from the git root: `train`, `sub/dvc.yaml:train@linear`, `data.csv.dvc`.
    definition: the dvc.yaml or .dvc file that declares it; `line` is its line there, counted from 1.
    needs: addresses of the stages whose outputs it reads, sorted.
    imported: whether it is a `dvc import` or `dvc import-url`.
    """

    address: str
    definition: PurePosixPath
    line: int | None = None
    command: tuple[str, ...] = ()
    wdir: PurePosixPath = PurePosixPath()
    deps: tuple[Dependency, ...] = ()
    outs: tuple[Output, ...] = ()
    needs: tuple[str, ...] = ()
    frozen: bool = False
    always_changed: bool = False
    imported: bool = False
    locked: bool = False  # whether dvc.lock (or the .dvc file) has an entry for it

    @property
    def name(self) -> str:
        """The stage's name without its file: `train@linear`."""
        return self.address.rpartition(":")[2]

    @property
    def family(self) -> str:
        """The address without the item of a foreach or matrix: `sub/dvc.yaml:train`."""
        item = self.name.partition("@")[2]
        return self.address.removesuffix(f"@{item}") if self.command and item else self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a stage is to be brought up to date.

    force: run it whatever its state, and ask no run cache. pull: data that is absent makes nothing stale, and is
    brought only for stages that run; the remote's run cache is asked too. staging: what DVC writes goes to git's index
    where `core.autostage` says so.
    """

    force: bool = False
    pull: bool = False
    staging: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The commands of one stage, to be run one after the other until one fails.

    environment: all that they get. header: the first lines of the log.
    """

    address: str
    commands: tuple[tuple[str, ...], ...]
    cwd: Path
    environment: Mapping[str, str] = field(repr=False)
    header: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a job ended. exit: of the command that was the last, negative for a signal; None: it could not be started.

    seconds: by the wall. cpu: seconds, user and system, of all processes that the commands waited for. memory: the
    largest resident size of one of these, bytes. trouble: why it could not be started, or why it ended.
    """

    address: str
    exit: int | None
    seconds: float
    cpu: float | None = None
    memory: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """How much was sent: objects of data, and entries of the run cache. What the remote had is not counted."""

    objects: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What became of one stage. `why` is one line; `exit` is the command's own exit code, None if none ran.

    findings: what an error said that kept the stage from being run: no runtime, DVC's lock is held.
    began: seconds from the begin of the run; None where no command ran. cpu, memory: as in Ended.
    """

    address: str
    state: StageState
    why: str
    seconds: float = 0.0
    exit: int | None = None
    log: Path | None = None
    findings: tuple[Finding, ...] = ()
    began: float | None = None
    cpu: float | None = None
    memory: int | None = None


class Revision(StrEnum):
    """Whose points they are."""

    BASE = "base"
    CANDIDATE = "candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of points of a plot: x and y as the file has them, numbers read as numbers.

    left_out: how many points, evenly spread, are not in `points`.
    """

    name: str
    revision: Revision
    points: tuple[tuple[Scalar, Scalar], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How often an actual class was predicted as which."""

    actual: str
    predicted: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot that a dvc.yaml declares, with its points.

    sources: the files that hold them. template: DVC's name for how it is drawn, empty: a line.
    cells: instead of series where the template is a confusion matrix. picture: the bytes where it is an image.
    trouble: why there is nothing to draw; empty where there is.
    """

    name: str
    title: str
    definition: PurePosixPath
    sources: tuple[PurePosixPath, ...] = ()
    template: str = ""
    x_label: str = ""
    y_label: str = ""
    series: tuple[Series, ...] = ()
    cells: tuple[Cell, ...] = ()
    picture: bytes | None = None
    trouble: str = ""
