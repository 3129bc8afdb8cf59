"""A change of an environment, by who holds its lock: each step stands in the journal before it begins."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mlops_ci.core.findings import Finding
from mlops_ci.deployment.holding import Holding
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Entry, Ledger
from mlops_ci.deployment.lock import LEASE, held
from mlops_ci.errors import MlopsCiError
from mlops_ci.stories.environments import Opened
from mlops_ci.stories.holders import holder_of
from mlops_ci.stories.settling import expose, journal_of, publish, settle
from mlops_ci.stories.world import World


@dataclass(frozen=True, slots=True)
class Change:
    """What a holder of the lock does. ledger: as it was when the lock was taken. settled: what was found then.

    begun: the digest of the entry that the command before was about to write when it was killed; empty: it was not.
    """

    opened: Opened
    holding: Holding
    world: World
    ledger: Ledger
    settled: tuple[Finding, ...] = ()
    begun: str = ""

    @contextmanager
    def step(self, step: Step, package: str = "", entry: str = "") -> Iterator[None]:
        """One step: in the journal before it begins, and only by who still holds the lock. package, entry: digests."""
        self.holding.check()
        try:
            journal_of(self.opened).begin(step, package=package, entry=entry)
        except FileNotFoundError:  # who overtook this holder meanwhile has tidied what it was just writing
            self.holding.check()
            raise
        words = f"{package.partition(':')[2][:12]} in " if package else ""
        self.world.progress.note(f"{step}: {words}{self.opened.name}")
        yield

    def record(self, entry: Entry) -> Ledger:
        """What decides: from here on the entry is what runs, and users of the target find it. Returns the ledger."""
        with self.step(Step.RECORD, entry.package, entry.digest):
            self.holding.append(entry)
        ledger = Ledger(entries=(*self.ledger.entries, entry), head=entry.digest)
        with self.step(Step.EXPOSE, entry.package, entry.digest):
            expose(self.opened, ledger)
        return ledger

    def publish(self, entry: Entry) -> tuple[Finding, ...]:
        """The ledger, with this entry, brought to git."""
        with self.step(Step.PUBLISH, entry.package, entry.digest):
            return publish(self.opened)

    def still_held(self) -> bool:
        """Whether nobody else has the lock, as far as can be asked."""
        with suppress(MlopsCiError):
            self.holding.check()
            return True
        return False


@contextmanager
def changing(opened: Opened, world: World, *, lease: float = LEASE, offline: bool = False) -> Iterator[Change]:
    """Hold the lock, with what was left of earlier commands brought to its end. lease: seconds.

    What ends in an error is over: the next command does not take it for killed. Killed on the way, this leaves the
    journal. offline: git is not asked. Raises LockedError where somebody else changes the environment.
    """
    with held(opened.target.log, holder_of(world), lease=lease) as holding:
        ledger, pending = opened.ledger(), journal_of(opened).pending()
        begun = str(pending.facts.get("entry", "")) if pending is not None else ""
        settled = settle(opened, ledger, pending, offline=offline)
        change = Change(opened, holding, world, ledger, settled, begun)
        try:
            yield change
        finally:
            if change.still_held():
                journal_of(opened).done()
