"""`deliver`: a package goes into an environment, whole or not at all.

What can fail comes before what can't be undone: the chain is verified, the package placed beside what runs, and tried
there. One record in the environment's log makes it what runs; all after that only tells others, and can be repeated.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mlops_ci.config.schema import Approval, Unstaged
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Entry, Evidence, Ledger, Origin
from mlops_ci.deployment.lock import LEASE
from mlops_ci.deployment.policy import PASS, Candidate, Planned, Standing, last_tried, plan_delivery
from mlops_ci.deployment.releases import Package, Release, digest_of
from mlops_ci.packaging.records import Named
from mlops_ci.stories.announcing import Announcement, announced, announces
from mlops_ci.stories.approval import approved_by, approved_entry, due_entry
from mlops_ci.stories.change import Change, changing
from mlops_ci.stories.environment_gates import gates_passed
from mlops_ci.stories.environments import Opened, nothing_deployed, open_environment
from mlops_ci.stories.find_package import find_package
from mlops_ci.stories.holders import actor_of, refuse_while_held
from mlops_ci.stories.package import build_package
from mlops_ci.stories.placeable import placeable
from mlops_ci.stories.proposing import Proposed, propose
from mlops_ci.stories.prune_releases import prune_here
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.release_work import Tried, equip, try_out
from mlops_ci.stories.settling import is_settled, publish
from mlops_ci.stories.world import World
from mlops_ci.tools.git_lent import spoken_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to go where. version: see find_package; or what `promoted`, an entry of another environment, says."""

    environment: str
    version: str | None = None
    promoted: Entry | None = None
    reason: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of it. entry: what runs now; None: nothing does. tried: how it did, where it was tried now.

    done: whether this call has changed what runs.
    """

    environment: str
    candidate: Candidate
    planned: Planned
    entry: Entry | None
    done: bool = False
    tried: Tried | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def exit(self) -> ExitCode:
        """That of what was tried: only what passes goes in."""
        return self.tried.report.exit if self.tried is not None else ExitCode.PASS


def deliver(order: Order, world: World, *, lease: float = LEASE) -> Delivered:
    """Have a package in an environment. The same again changes nothing, and asks nobody for the lock.

    lease: see `held`; the lock is asked for before anything that takes long. Raises UsageError, IntegrityError,
    ServiceError; LockedError where somebody else changes the environment.
    """
    with spoken_for(world.root):
        return _delivered(order, open_environment(order.environment, world), world, lease)


def _delivered(order: Order, opened: Opened, world: World, lease: float) -> Delivered:
    if order.version is None and order.promoted is None:
        order = replace(order, promoted=approved_entry(opened, world))
    found = _wanted(order, opened, world, _planned_build(world) if order.dry_run else None)
    staged = None if order.dry_run else _staged_first(order, opened, found, world, lease)
    if staged is not None and staged.exit is not ExitCode.PASS:
        return staged
    if found is not None:
        ledger = opened.ledger()
        planned = plan_delivery(found[1], _standing(opened, found[1], ledger, world))
        if planned.steps:
            _allowed(opened, found[1], world)
        if order.dry_run or (not planned.steps and is_settled(opened)):
            return Delivered(
                environment=opened.name, candidate=found[1], planned=planned, entry=ledger.current,
                findings=() if order.dry_run else publish(opened),
            )  # fmt: skip
    with changing(opened, world, lease=lease) as change:
        return _carried_out(order, change)


def promote(
    source: str, target: str, world: World, *, reason: str | None, dry_run: bool
) -> Delivered | Proposed:  # fmt: skip
    """What runs in one environment goes into another: the same package, with the same run inputs.

    Where people approve by pull request that is proposed first; what they approved of is delivered, once.
    """
    entry = open_environment(source, world).ledger().current
    if entry is None:
        raise nothing_deployed(source)
    opened = open_environment(target, world)
    if opened.settings.approve is Approval.PULL_REQUEST:
        current, due = opened.ledger().current, due_entry(opened, world)
        if due is None and current is not None and current.package == entry.package:
            candidate, why = Candidate(package=entry.package, source=entry.source), "it runs there already"
            planned = Planned(steps=(), why=why)
            return Delivered(environment=target, candidate=candidate, planned=planned, entry=current)
        if due is None:
            return propose(opened, entry, world, dry_run=dry_run)
        entry = due
    return deliver(Order(environment=target, promoted=entry, reason=reason, dry_run=dry_run), world)


_Build = Callable[[], Named]


def _planned_build(world: World) -> _Build:
    return lambda: build_package(world, dry_run=True).named


def _wanted(order: Order, opened: Opened, world: World, build: _Build | None) -> tuple[Named, Candidate] | None:
    """What is to go in. build: None: then None is the answer where it has to be built first."""
    entry = order.promoted
    if entry is None:
        return find_package(order.version, opened.records, world, build=build)
    candidate = Candidate(package=entry.package, source=entry.source, version=entry.version)
    return opened.named(entry), candidate


def _staged_first(
    order: Order, opened: Opened, found: tuple[Named, Candidate] | None, world: World, lease: float
) -> Delivered | None:  # fmt: skip
    """By policy: what the environment before has never had goes there first."""
    before = opened.settings.from_
    if before is None or opened.settings.unstaged is not Unstaged.STAGE:
        return None
    version = order.version
    if found is not None:
        if last_tried(found[1].package, open_environment(before, world).ledger()) is not None:
            return None
        version = found[1].version or found[1].source
    return deliver(Order(environment=before, version=version), world, lease=lease)


def _standing(opened: Opened, candidate: Candidate, ledger: Ledger, world: World) -> Standing:
    release = opened.target.release(digest_of(candidate.package))
    before = opened.settings.from_
    return Standing(
        name=opened.name, ledger=ledger, placed=release is not None and release.of(candidate.source) is not None,
        before=(before, _ledger_before(before, candidate, world)) if before is not None else None,
        announces=announces(world),
    )  # fmt: skip


def _ledger_before(before: str, candidate: Candidate, world: World) -> Ledger:
    """What the environment before has had. Raises LockedError where it is just about to have something."""
    opened = open_environment(before, world)
    ledger = opened.ledger()
    if last_tried(candidate.package, ledger) is None:
        refuse_while_held(opened.target.log)
    return ledger


def _carried_out(order: Order, change: Change) -> Delivered:
    """All steps, in order, by who holds the lock; each can be the last one."""
    opened, world = change.opened, change.world
    with change.step(Step.VERIFY):
        found = _wanted(order, opened, world, lambda: build_package(world).named)
        if found is None:
            raise AssertionError("it is built where it has to be")
        named, candidate = found
        planned = plan_delivery(candidate, _standing(opened, candidate, change.ledger, world))
        if not planned.steps:
            entry, findings = change.ledger.current, change.settled
            return Delivered(
                environment=opened.name, candidate=candidate, planned=planned, entry=entry, findings=findings
            )  # fmt: skip
        allowed = _allowed(opened, candidate, world)
        package = placeable(opened, named, world)
    with announced(change, package=candidate.package, source=candidate.source) as announcement:
        return _Delivery(order, change, candidate, package, planned, allowed, announcement).carry_out()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    """What lets a package in. by: who approved of it, where somebody had to. gates: by name, the run they passed in."""

    by: str | None
    gates: Mapping[str, str]


def _allowed(opened: Opened, candidate: Candidate, world: World) -> _Allowed:
    """Raises what the environment's settings ask for and is not there."""
    gates = gates_passed(opened, candidate.package, world)
    return _Allowed(by=approved_by(opened, candidate, world), gates=gates)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One delivery, by who holds the lock."""

    order: Order
    change: Change
    candidate: Candidate
    package: Package
    planned: Planned
    allowed: _Allowed
    announcement: Announcement

    def carry_out(self) -> Delivered:
        """What is left after the package is known, and its chain holds."""
        before = self.change.ledger
        with self._or_as_before() as passed:
            tried = self._tried(self._placed())
            passed(tried is None or tried.report.exit is ExitCode.PASS)
        if tried is not None and tried.report.exit is not ExitCode.PASS:
            return self._told(before.current, tried, (*self.change.settled, *tried.findings))
        entry = self._entry(before, tried)
        ledger = self.change.record(entry)
        findings = (*self.change.settled, *(tried.findings if tried else ()), *self._tell_others(entry, ledger))
        return replace(self._told(entry, tried, findings), done=True)

    def _told(self, entry: Entry | None, tried: Tried | None, findings: tuple[Finding, ...]) -> Delivered:
        return Delivered(
            environment=self.change.opened.name, candidate=self.candidate, planned=self.planned, entry=entry,
            tried=tried, findings=findings,
        )  # fmt: skip

    @contextmanager
    def _or_as_before(self) -> Iterator[Callable[[bool], None]]:
        """What did not pass is not left over, unless it ran here before. What is called says whether it passed."""
        opened, digest = self.change.opened, self.package.digest
        knew = digest in opened.target.placed() and any(
            one.package == self.candidate.package for one in self.change.ledger.entries
        )
        verdicts = list[bool]()
        try:
            yield verdicts.append
        finally:
            if verdicts != [True] and not knew and self.change.still_held():
                opened.target.remove(digest)

    def _placed(self) -> Release:
        target, world = self.change.opened.target, self.change.world
        if not self.planned.has(Step.PLACE):
            return target.place(self.package, lambda release: equip(release, world))
        with self.change.step(Step.PLACE, self.candidate.package):
            return target.place(self.package, lambda release: equip(release, world))

    def _tried(self, release: Release) -> Tried | None:
        if not self.planned.has(Step.SMOKE):
            return None
        with self.change.step(Step.SMOKE, self.candidate.package):
            return try_out(release, self.change.world)

    def _entry(self, ledger: Ledger, tried: Tried | None) -> Entry:
        opened, world = self.change.opened, self.change.world
        known = last_tried(self.candidate.package, ledger)
        evidence = known.evidence if tried is None and known is not None else _evidence(tried)
        promoted = self.order.promoted
        return Entry(
            **ledger.follows(), environment=opened.name, action="deliver" if promoted is None else "promote",
            package=self.candidate.package, source=self.candidate.source, version=self.candidate.version,
            at=datetime.now(UTC).replace(microsecond=0), actor=actor_of(world),
            url=trigger_of(world.environ, world.event).url,
            evidence=evidence.model_copy(update={"origin": _origin(promoted), "gates": self.allowed.gates}),
            images=opened.target.images(self.package), approved_by=self.allowed.by, reason=self.order.reason,
        )  # fmt: skip

    def _tell_others(self, entry: Entry, ledger: Ledger) -> tuple[Finding, ...]:
        """What follows from the record; the next command does what is left of it."""
        findings = (*self.change.publish(entry), *self.announcement.succeeded(entry))
        prune_here(self.change, ledger)
        return findings


def _origin(promoted: Entry | None) -> Origin | None:
    if promoted is None:
        return None
    return Origin(environment=promoted.environment, number=promoted.number, entry=promoted.digest)


def _evidence(tried: Tried | None) -> Evidence:
    if tried is None:
        return Evidence()
    return Evidence(smoke=PASS if tried.sample is not None else None, tests=PASS)
