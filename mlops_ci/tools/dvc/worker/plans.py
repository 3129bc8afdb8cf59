"""Requests of plans. See mlops_ci.pipelines.plan.Source."""

from collections.abc import Callable

from mlops_ci.tools.dvc.worker import facts, planning
from mlops_ci.tools.dvc.worker.collection import Collection
from mlops_ci.tools.workers import Message


class Planning:
    """Reads the stages of one repository."""

    def __init__(self, collection: Callable[[], Collection]) -> None:
        self._collection = collection

    def plan_facts(self, arguments: Message) -> Message:
        """addresses: of which stages; None: of all. All else: see `facts`."""
        looks = {name: bool(arguments[name]) for name in ("ask", "outside", "cache")}
        return facts.plan_facts(self._collection(), arguments["addresses"], **looks)

    def composed(self, arguments: Message) -> Message:
        """address, path: which dependency; outs: digests by path, of what it consists of."""
        return {
            "digest": planning.composed(self._collection(), arguments["address"], arguments["path"], arguments["outs"])
        }

    def lost(self, arguments: Message) -> Message:
        """See Reproduction.lost."""
        return {"paths": planning.lost(self._collection(), arguments["address"])}

    def recalled(self, arguments: Message) -> Message:
        """wanted: by address, the digests of the stage's dependencies by path. ask: the remote too."""
        return {
            "outs": {
                address: planning.recalled(self._collection(), address, deps, ask=arguments["ask"])
                for address, deps in arguments["wanted"].items()
            }
        }

    def lacking(self, arguments: Message) -> Message:
        """needs: outputs. ask: whether the remote is asked."""
        return {"lacks": planning.lacking(self._collection(), arguments["needs"], ask=arguments["ask"])}
