"""A plan, as values: what would become of each stage, why, what it takes, and how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from mlops_ci.tools.dvc.facts import Where
from mlops_ci.tools.dvc.values import Stage


class Action(StrEnum):
    """What would become of a stage."""

    RUN = "run"
    MAYBE = "run-if-changed"  # what it reads will be made anew; it runs unless that turns out the same
    RECALL = "run-cache"  # it ran before with the same inputs: its outputs are known
    RESTORE = "restore"  # dvc.lock knows its outputs, and the cache has them
    KEEP = "up-to-date"
    BLOCKED = "blocked"  # it should run, and can't


class Cause(StrEnum):
    """What speaks against a stage's being up to date."""

    NEW = "new"  # no entry in dvc.lock
    COMMAND = "command"
    PARAMETER = "parameter"
    DEPENDENCY = "dependency"
    OUTPUT = "output"
    ALWAYS = "always-changed"
    UPSTREAM = "upstream"  # another stage comes before it
    UNKNOWN = "unknown"  # a digest that can't be told without data that is not here
    MISSING = "missing"  # it is not here, and nobody makes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One of them. subject: a path, a parameter (`params.yaml:lr`), or nothing.

    before, now: the values or digests; None: there is none. stage: whose doing it is. trouble: what else is to say.
    """

    cause: Cause
    subject: str = ""
    before: str | None = None
    now: str | None = None
    stage: str | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Data that is to be downloaded. exact: whether every size is known, else there are more bytes than that."""

    files: int = 0
    bytes: int = 0
    exact: bool = True

    def __add__(self, other: "Fetch") -> "Fetch":
        return Fetch(
            files=self.files + other.files, bytes=self.bytes + other.bytes, exact=self.exact and other.exact
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One output that is to be downloaded, whose it is, and where it is now."""

    path: PurePosixPath
    stage: str
    digest: str
    at: Where
    size: Fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage. seconds: expected from recorded timings, None where none are. fetch: what it reads and is not here."""

    stage: Stage
    action: Action
    reasons: tuple[Reason, ...] = ()
    seconds: float | None = None
    fetch: Fetch = Fetch()

    @property
    def busy(self) -> bool:
        """Whether its commands would run, for certain or perhaps."""
        return self.action in (Action.RUN, Action.MAYBE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An input that is not here and that nobody makes, and which stages read it."""

    path: str
    stages: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Stages that wait for each other, the first first. seconds: of those whose timings are recorded."""

    stages: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `pipeline run --pull` would do. stages: in an order in which they could run; .dvc files are none.

    sequence: expected seconds of all that would run, one after the other; chain: the longest of them that must.
    unrecorded: how many of them have no recorded timing. longest: the most stages of the whole pipeline in one chain.
    notes: what could not be known, and why.
    """

    stages: tuple[StagePlan, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    missing: tuple[Missing, ...] = ()
    sequence: float = 0.0
    chain: Chain = Chain()
    unrecorded: int = 0
    longest: Chain = Chain()
    notes: tuple[str, ...] = ()

    @property
    def fetch(self) -> Fetch:
        """All that is to be downloaded, each object once."""
        return sum((one.size for one in self.fetched), start=Fetch())


def merged(plans: Sequence[Plan]) -> Plan:
    """One plan for several repositories whose stages know nothing of each other."""
    return Plan(
        stages=tuple(stage for plan in plans for stage in plan.stages),
        fetched=tuple({one.digest: one for plan in plans for one in plan.fetched}.values()),
        missing=tuple(one for plan in plans for one in plan.missing),
        sequence=sum(plan.sequence for plan in plans),
        chain=max((plan.chain for plan in plans), key=lambda one: (one.seconds, len(one.stages)), default=Chain()),
        unrecorded=sum(plan.unrecorded for plan in plans),
        longest=max((plan.longest for plan in plans), key=lambda one: len(one.stages), default=Chain()),
        notes=tuple(note for plan in plans for note in plan.notes),
    )
