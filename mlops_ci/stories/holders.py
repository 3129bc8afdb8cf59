"""Who changes an environment from here, for its lock and its ledger."""

from datetime import UTC, datetime

from mlops_ci.deployment import lock
from mlops_ci.deployment.lock import me
from mlops_ci.deployment.log import Holder, Log
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.world import World
from mlops_ci.tools.this_process import is_gone


def holder_of(world: World) -> Holder:
    """This process, and whom it works for."""
    return me(actor_of(world), trigger_of(world.environ, world.event).url)


def actor_of(world: World) -> str:
    """The person, or robot, that this is done for."""
    return world.environ.get("GITHUB_ACTOR") or world.environ.get("USER") or "somebody"


def refuse_while_held(log: Log) -> None:
    """Raise LockedError where somebody changes an environment just now: what its ledger says is true for a moment."""
    found = lock.newest(log)
    if found is None:
        return
    stands = lock.standing(found[1], datetime.now(UTC), lambda holder: is_gone(holder.process()))
    if stands is lock.Standing.HELD:
        raise lock.locked(log.name, *found)
