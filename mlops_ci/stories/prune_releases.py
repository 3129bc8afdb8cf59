"""`env prune`: packages that an environment does not need any more. What runs, and the last that ran, stay."""

from dataclasses import dataclass

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.journal import Step
from mlops_ci.deployment.ledger import Ledger
from mlops_ci.deployment.policy import kept
from mlops_ci.stories.change import Change, changing
from mlops_ci.stories.environments import Opened, open_environment
from mlops_ci.stories.world import World
from mlops_ci.tools.git_lent import spoken_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed, or would be, and what stays."""

    environment: str
    removed: tuple[Digest, ...]
    stays: tuple[Digest, ...]


def prune_releases(environment: str, world: World, *, dry_run: bool) -> Pruned:
    """Remove what is not needed. Raises LockedError where somebody else changes the environment."""
    opened = open_environment(environment, world)
    if dry_run:
        removed = to_remove(opened, opened.ledger())
    else:
        with spoken_for(world.root), changing(opened, world) as change:
            removed = prune_here(change, change.ledger)
    gone = frozenset(removed)
    stays = tuple(one for one in opened.target.placed() if one not in gone)
    return Pruned(environment=environment, removed=removed, stays=stays)


def prune_here(change: Change, ledger: Ledger) -> tuple[Digest, ...]:
    """The same, by who holds the lock already, and looks before each that it still does."""
    with change.step(Step.PRUNE):
        removed = to_remove(change.opened, ledger)
        for one in removed:
            change.holding.check()
            change.opened.target.remove(one)
    return removed


def to_remove(opened: Opened, ledger: Ledger) -> tuple[Digest, ...]:
    """The packages that would be removed."""
    needed = frozenset(kept(ledger, opened.settings.keep))
    return tuple(one for one in opened.target.placed() if str(one) not in needed)
