"""A DVC repository that is not there: the port `Reproduction`, answered from what a test lays down."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.errors import MlopsCiError
from mlops_ci.tools.dvc.values import Stage, StageResult, StageState


class FakeReproduction:
    """Stages run as told in `outcomes`; each is run by default when it is asked for. `asked` lists who was."""

    root = Path("/repository")

    def __init__(
        self, stages: Sequence[Stage], *, stale: Mapping[str, tuple[str, ...]] | None = None,
        outcomes: Mapping[str, StageResult | MlopsCiError] | None = None,
        absent: Mapping[str, tuple[Digest, ...]] | MlopsCiError | None = None, remote: bool = True,
        objects: Mapping[Digest, bytes] | None = None,
    ) -> None:  # fmt: skip
        self._stages = tuple(stages)
        self.stale = dict(stale or {})
        self.outcomes = dict(outcomes or {})
        self._absent = absent if absent is not None else {}
        self._remote = remote
        self._objects = dict(objects or {})
        self.asked: list[str] = []
        self.pulled: list[PurePosixPath] = []
        self.environments: dict[str, Mapping[str, str]] = {}

    def stages(self) -> Sequence[Stage]:
        """As laid down."""
        return self._stages

    def staleness(self) -> Mapping[str, tuple[str, ...]]:
        """As laid down; all others are up to date."""
        return {stage.address: self.stale.get(stage.address, ()) for stage in self._stages}

    def staleness_of_lock(self) -> Mapping[str, tuple[str, ...]]:
        """The same."""
        return self.staleness()

    def reproduce(self, address: str, *, environment: Mapping[str, str], log: Path) -> StageResult:
        """The outcome laid down for the stage, or a run."""
        self.asked.append(address)
        self.environments[address] = environment
        outcome = self.outcomes.get(address)
        if isinstance(outcome, MlopsCiError):
            raise outcome
        return outcome or StageResult(address=address, state=StageState.RAN, why="ran", exit=0, log=log)

    def absent_from_remote(self) -> Mapping[str, tuple[Digest, ...]]:
        """As laid down."""
        if isinstance(self._absent, MlopsCiError):
            raise self._absent
        return self._absent

    def has_remote(self) -> bool:
        """As laid down."""
        return self._remote

    def fetch(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """Write an object that was laid down."""
        content = self._objects.get(digest)
        if content is not None:
            into.parent.mkdir(parents=True, exist_ok=True)
            into.write_bytes(content)
        return content is not None

    def pull(self, paths: Sequence[PurePosixPath]) -> None:
        """Only noted."""
        self.pulled.extend(paths)
