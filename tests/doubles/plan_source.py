"""A DVC repository that only answers plans: the port `Source`, from what a test lays down."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.errors import MlopsCiError
from mlops_ci.tools.dvc.facts import Known, Lack, Looks, Need, PlanFacts, StageFacts, Where

_FAR = Looks()
_Deps = Mapping[PurePosixPath, Digest]


class FakeSource:
    """facts: by address. memory: what the run cache knows, by address and digests of what it reads. at: where the
    bytes of outputs are, by path, in the remote by default. down: what the remote answers with.
    """

    def __init__(
        self, facts: Mapping[str, StageFacts], *, remote: bool = True,
        memory: Mapping[str, tuple[_Deps, tuple[Known, ...]]] | None = None, at: Mapping[str, Where] | None = None,
        down: MlopsCiError | None = None, folders: Mapping[str, Digest] | None = None,
    ) -> None:  # fmt: skip
        self._facts = PlanFacts(stages=facts, remote=remote)
        self._memory = memory or {}
        self._at = at or {}
        self._down = down
        self._folders = folders or {}
        self.asked: list[tuple[str, ...]] = []
        self.needs: list[Need] = []

    def plan_facts(self, addresses: Sequence[str] | None = None, looks: Looks = _FAR) -> PlanFacts:
        """As laid down."""
        wanted = self._facts.stages if addresses is None else {one: self._facts.stages[one] for one in addresses}
        return PlanFacts(stages=wanted, remote=self._facts.remote)

    def composed(self, address: str, path: PurePosixPath, outs: _Deps) -> Digest | None:
        """As laid down for the path."""
        return self._folders.get(str(path))

    def recalled(self, wanted: Mapping[str, _Deps], *, ask: bool) -> Mapping[str, tuple[Known, ...] | None]:
        """What was laid down, for exactly these digests."""
        self._answer(ask)
        self.asked.append(tuple(wanted))
        return {address: self._known(address, deps) for address, deps in wanted.items()}

    def lacking(self, needs: Sequence[Need], *, ask: bool) -> Sequence[Lack]:
        """Everything, from the remote unless it was laid down otherwise."""
        self._answer(ask)
        self.needs = list(needs)
        return [self._lack(need, ask=ask) for need in needs]

    def _known(self, address: str, deps: _Deps) -> tuple[Known, ...] | None:
        known = self._memory.get(address)
        return known[1] if known is not None and known[0] == deps else None

    def _lack(self, need: Need, *, ask: bool) -> Lack:
        at = self._at.get(str(need.out.path), Where.REMOTE if ask else Where.UNASKED)
        if at is Where.HERE:
            return Lack(files=0, bytes=0, at=at)
        return Lack(files=need.out.files, bytes=need.out.size or 0, at=at, exact=need.out.size is not None)

    def _answer(self, ask: bool) -> None:
        if ask and self._down is not None:
            raise self._down
