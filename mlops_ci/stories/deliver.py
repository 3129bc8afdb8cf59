"""`deliver`: a package goes into an environment, whole or not at all.

What can fail comes before what can't be undone: the chain is verified, the package placed beside what runs, and tried
there. One record in the environment's log makes it what runs; all after that only tells others, and can be repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_ci.config.schema import Unstaged
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.deployment.holding import Holding
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Entry, Evidence, Ledger, Origin
from mlops_ci.deployment.lock import held
from mlops_ci.deployment.policy import PASS, Candidate, Planned, Standing, last_tried, plan_delivery
from mlops_ci.deployment.releases import Package, Release, digest_of
from mlops_ci.packaging.records import Named
from mlops_ci.stories.environments import Opened, nothing_deployed, open_environment
from mlops_ci.stories.find_package import find_package
from mlops_ci.stories.holders import actor_of, holder_of
from mlops_ci.stories.prune_releases import prune_here
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.release_work import Tried, equip, try_out
from mlops_ci.stories.settling import journal_of, publish, settle
from mlops_ci.stories.world import World


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


def deliver(order: Order, world: World) -> Delivered:
    """Have a package in an environment. The same again changes nothing.

    Raises UsageError, IntegrityError, ServiceError; LockedError where somebody else changes the environment.
    """
    opened = open_environment(order.environment, world)
    named, candidate = _wanted(order, opened, world)
    before = opened.settings.from_
    if before is not None and opened.settings.unstaged is Unstaged.STAGE and not order.dry_run:
        staged = _staged_first(before, candidate, named, world)
        if staged is not None and staged.exit is not ExitCode.PASS:
            return staged
    planned = plan_delivery(candidate, _standing(opened, candidate, world))
    if order.dry_run or not planned.steps:
        current = opened.ledger().current
        return Delivered(environment=order.environment, candidate=candidate, planned=planned, entry=current)
    package = opened.package(named, world)
    with held(opened.target.log, holder_of(world)) as holding:
        return _Delivery(order, opened, candidate, package, holding, world).carry_out()


def promote(source: str, target: str, world: World, *, reason: str | None, dry_run: bool) -> Delivered:
    """What runs in one environment goes into another: the same package, with the same run inputs."""
    entry = open_environment(source, world).ledger().current
    if entry is None:
        raise nothing_deployed(source)
    return deliver(Order(environment=target, promoted=entry, reason=reason, dry_run=dry_run), world)


def _wanted(order: Order, opened: Opened, world: World) -> tuple[Named, Candidate]:
    entry = order.promoted
    if entry is None:
        return find_package(order.version, opened.records, world, dry_run=order.dry_run)
    candidate = Candidate(package=entry.package, source=entry.source, version=entry.version)
    return opened.named(entry), candidate


def _staged_first(before: str, candidate: Candidate, named: Named, world: World) -> Delivered | None:
    """By policy: what the environment before has never had goes there first."""
    if last_tried(candidate.package, open_environment(before, world).ledger()) is not None:
        return None
    return deliver(Order(environment=before, version=candidate.version or named.source), world)


def _standing(opened: Opened, candidate: Candidate, world: World) -> Standing:
    release = opened.target.release(digest_of(candidate.package))
    before = opened.settings.from_
    return Standing(
        name=opened.name, ledger=opened.ledger(), placed=release is not None and release.source == candidate.source,
        before=(before, open_environment(before, world).ledger()) if before is not None else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One delivery, by who holds the lock."""

    order: Order
    opened: Opened
    candidate: Candidate
    package: Package
    holding: Holding
    world: World

    def carry_out(self) -> Delivered:
        """All steps, in order; each can be the last one."""
        settled = settle(self.opened, self.opened.ledger())
        standing = _standing(self.opened, self.candidate, self.world)
        planned = plan_delivery(self.candidate, standing)
        if not planned.steps:
            return self._told(planned, standing.ledger.current, findings=settled)
        release = self._placed(planned)
        tried = self._tried(planned, release)
        if tried is not None and tried.report.exit is not ExitCode.PASS:
            self._take_back(standing)
            return self._told(planned, standing.ledger.current, tried=tried, findings=settled)
        entry = self._entry(standing.ledger, tried)
        with self._step(Step.RECORD):
            self.holding.append(entry)
        findings = (*settled, *(tried.findings if tried else ()), *self._tell_others(entry))
        journal_of(self.opened).done()
        return self._told(planned, entry, done=True, tried=tried, findings=findings)

    def _placed(self, planned: Planned) -> Release:
        with self._step(Step.PLACE if planned.has(Step.PLACE) else Step.VERIFY):
            return self.opened.target.place(self.package, lambda release: equip(release, self.world))

    def _tried(self, planned: Planned, release: Release) -> Tried | None:
        if not planned.has(Step.SMOKE):
            return None
        with self._step(Step.SMOKE):
            return try_out(release, self.world)

    def _take_back(self, standing: Standing) -> None:
        """What did not pass is not left over, unless it ran here before."""
        if not any(one.package == self.candidate.package for one in standing.ledger.entries):
            self.opened.target.remove(self.package.digest)
        journal_of(self.opened).done()

    def _entry(self, ledger: Ledger, tried: Tried | None) -> Entry:
        known = last_tried(self.candidate.package, ledger)
        evidence = known.evidence if tried is None and known is not None else _evidence(tried)
        promoted = self.order.promoted
        return Entry(
            **ledger.follows(), environment=self.opened.name,
            action="deliver" if promoted is None else "promote",
            package=self.candidate.package, source=self.candidate.source, version=self.candidate.version,
            at=datetime.now(UTC).replace(microsecond=0), actor=actor_of(self.world),
            url=trigger_of(self.world.environ, self.world.event).url,
            evidence=evidence.model_copy(update={"origin": _origin(promoted)}),
            images=self.opened.target.images(self.package), reason=self.order.reason,
        )  # fmt: skip

    def _tell_others(self, entry: Entry) -> tuple[Finding, ...]:
        """What follows from the record; the next command does what is left of it."""
        with self._step(Step.EXPOSE):
            self.opened.target.expose(entry)
        with self._step(Step.PUBLISH):
            findings = publish(self.opened)
        with self._step(Step.PRUNE):
            prune_here(self.opened, self.opened.ledger())
        return findings

    def _told(
        self, planned: Planned, entry: Entry | None, *, done: bool = False, tried: Tried | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> Delivered:  # fmt: skip
        return Delivered(
            environment=self.opened.name, candidate=self.candidate, planned=planned, entry=entry, done=done,
            tried=tried, findings=findings,
        )  # fmt: skip

    @contextmanager
    def _step(self, step: Step) -> Iterator[None]:
        """One step: in the journal before it begins, and only by who still holds the lock."""
        self.holding.check()
        journal_of(self.opened).begin(step, package=self.candidate.package)
        self.world.progress.note(f"{step}: {self.candidate.package.partition(':')[2][:12]} in {self.opened.name}")
        yield


def _origin(promoted: Entry | None) -> Origin | None:
    if promoted is None:
        return None
    return Origin(environment=promoted.environment, number=promoted.number, entry=promoted.digest)


def _evidence(tried: Tried | None) -> Evidence:
    if tried is None:
        return Evidence()
    return Evidence(smoke=PASS if tried.sample is not None else None, tests=PASS)
