"""`rollback`: what ran before runs again. It needs nobody but the target: registry, data and git may all be down."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_ci.core.findings import Finding
from mlops_ci.deployment.ledger import Action, Entry, Ledger
from mlops_ci.deployment.lock import LEASE
from mlops_ci.deployment.policy import is_named, plan_rollback
from mlops_ci.stories.announcing import announced
from mlops_ci.stories.change import Change, changing
from mlops_ci.stories.environments import Opened, open_environment
from mlops_ci.stories.holders import actor_of
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.world import World
from mlops_ci.tools.git_lent import spoken_for


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What ran before, to what it was, and what the ledger says of it; entry: None in a dry run."""

    environment: str
    before: Entry | None
    to: Entry
    entry: Entry | None
    findings: tuple[Finding, ...] = ()


def rollback(
    environment: str, world: World, *, to: str | None, reason: str | None, dry_run: bool, lease: float = LEASE
) -> RolledBack:  # fmt: skip
    """Go back to an entry of the ledger: `to`, or the last other package. Raises UsageError where there is none.

    What was killed on its way is not done twice. lease: see `held`. Git is only asked when all is done.
    """
    with spoken_for(world.root):
        return _rolled_back(open_environment(environment, world), world, to, reason, None if dry_run else lease)


def _rolled_back(
    opened: Opened, world: World, to: str | None, reason: str | None, lease: float | None
) -> RolledBack:  # fmt: skip
    """lease: None for a dry run."""
    environment = opened.name
    if lease is None:
        ledger = opened.ledger()
        return RolledBack(environment=environment, before=ledger.current, to=_back(opened, ledger, to), entry=None)
    with changing(opened, world, lease=lease, offline=True) as change:
        entry = _done_before(change, to)
        before = change.ledger.current if entry is None else change.ledger.before(entry)
        if entry is None:
            entry = _entry(opened, change.ledger, _back(opened, change.ledger, to), reason, world)
            change.record(entry)
        findings = (*change.settled, *change.publish(entry))
        with announced(change, package=entry.package, source=entry.source) as announcement:
            findings += announcement.succeeded(entry)
    return RolledBack(environment=environment, before=before, to=entry, entry=entry, findings=findings)


def _done_before(change: Change, to: str | None) -> Entry | None:
    """The entry of this very rollback, where the command before was killed after it had been written."""
    entry = change.ledger.current
    if entry is None or entry.action != Action.ROLLBACK.value or entry.digest != change.begun:
        return None
    return entry if to is None or is_named(entry, change.ledger, to) else None


def _back(opened: Opened, ledger: Ledger, to: str | None) -> Entry:
    return plan_rollback(ledger, opened.name, to=to, placed=opened.available(ledger))


def _entry(opened: Opened, ledger: Ledger, back: Entry, reason: str | None, world: World) -> Entry:
    return Entry(
        **ledger.follows(), environment=opened.name, action="rollback", package=back.package,
        source=back.source, version=back.version, at=datetime.now(UTC).replace(microsecond=0), actor=actor_of(world),
        url=trigger_of(world.environ, world.event).url, evidence=back.evidence, images=back.images, reason=reason,
    )  # fmt: skip
