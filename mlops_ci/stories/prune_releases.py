"""`env prune`: packages that an environment does not need any more. What runs, and the last that ran, stay."""

from dataclasses import dataclass

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.ledger import Ledger
from mlops_ci.deployment.lock import held
from mlops_ci.deployment.policy import kept
from mlops_ci.stories.environments import Opened, open_environment
from mlops_ci.stories.holders import holder_of
from mlops_ci.stories.settling import settle
from mlops_ci.stories.world import World


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
        with held(opened.target.log, holder_of(world)):
            settle(opened, opened.ledger())
            removed = prune_here(opened, opened.ledger())
    stays = tuple(one for one in opened.target.placed() if one not in removed)
    return Pruned(environment=environment, removed=removed, stays=stays)


def prune_here(opened: Opened, ledger: Ledger) -> tuple[Digest, ...]:
    """The same, by who holds the lock already."""
    removed = to_remove(opened, ledger)
    for one in removed:
        opened.target.remove(one)
    return removed


def to_remove(opened: Opened, ledger: Ledger) -> tuple[Digest, ...]:
    """The packages that would be removed."""
    needed = kept(ledger, opened.settings.keep)
    return tuple(one for one in opened.target.placed() if str(one) not in needed)
