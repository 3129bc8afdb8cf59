"""`rollback`: what ran before runs again. It needs nobody but the target: registry, data and git may all be down."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_ci.core.findings import Finding
from mlops_ci.deployment.holding import Holding
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Entry, Ledger
from mlops_ci.deployment.lock import held
from mlops_ci.deployment.policy import plan_rollback
from mlops_ci.stories.environments import Opened, open_environment
from mlops_ci.stories.holders import actor_of, holder_of
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.settling import journal_of, publish, settle
from mlops_ci.stories.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What ran before, to what it was, and what the ledger says of it; entry: None in a dry run."""

    environment: str
    before: Entry | None
    to: Entry
    entry: Entry | None
    findings: tuple[Finding, ...] = ()


def rollback(environment: str, world: World, *, to: str | None, reason: str | None, dry_run: bool) -> RolledBack:
    """Go back to an entry of the ledger: `to`, or the last other package. Raises UsageError where there is none."""
    opened = open_environment(environment, world)
    if dry_run:
        ledger = opened.ledger()
        return RolledBack(environment=environment, before=ledger.current, to=_back(opened, ledger, to), entry=None)
    with held(opened.target.log, holder_of(world)) as holding:
        settled = settle(opened, opened.ledger())
        ledger = opened.ledger()
        back = _back(opened, ledger, to)
        entry = _entry(opened, ledger, back, reason, world)
        found = _carry_out(opened, entry, holding)
    return RolledBack(
        environment=environment, before=ledger.current, to=back, entry=entry, findings=(*settled, *found)
    )  # fmt: skip


def _back(opened: Opened, ledger: Ledger, to: str | None) -> Entry:
    return plan_rollback(ledger, opened.name, to=to, placed=opened.available(ledger))


def _carry_out(opened: Opened, entry: Entry, holding: Holding) -> tuple[Finding, ...]:
    journal = journal_of(opened)
    journal.begin(Step.RECORD, package=entry.package)
    holding.append(entry)
    journal.begin(Step.EXPOSE, package=entry.package)
    opened.target.expose(entry)
    journal.begin(Step.PUBLISH, package=entry.package)
    findings = publish(opened)
    journal.done()
    return findings


def _entry(opened: Opened, ledger: Ledger, back: Entry, reason: str | None, world: World) -> Entry:
    return Entry(
        **ledger.follows(), environment=opened.name, action="rollback", package=back.package,
        source=back.source, version=back.version, at=datetime.now(UTC).replace(microsecond=0), actor=actor_of(world),
        url=trigger_of(world.environ, world.event).url, evidence=back.evidence, images=back.images, reason=reason,
    )  # fmt: skip
