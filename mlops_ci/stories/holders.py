"""Who changes an environment from here, for its lock and its ledger."""

from mlops_ci.deployment.lock import me
from mlops_ci.deployment.log import Holder
from mlops_ci.stories.recording import trigger_of
from mlops_ci.stories.world import World


def holder_of(world: World) -> Holder:
    """This process, and whom it works for."""
    return me(actor_of(world), trigger_of(world.environ, world.event).url)


def actor_of(world: World) -> str:
    """The person, or robot, that this is done for."""
    return world.environ.get("GITHUB_ACTOR") or world.environ.get("USER") or "somebody"
