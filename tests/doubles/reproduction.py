"""A DVC repository that is not there: the port `Reproduction`, answered from what a test lays down."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.errors import MlopsCiError
from mlops_ci.tools.dvc.values import Ended, Job, Pushed, Stage, StageResult, StageState, Wish

_PLAIN = Wish()


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
        self.wishes: list[Wish] = []
        self.finished: list[str] = []
        self.abandoned: list[str] = []
        self.settled = 0
        self.gone: dict[str, tuple[PurePosixPath, ...]] = {}

    def stages(self) -> Sequence[Stage]:
        """As laid down."""
        return self._stages

    def staleness(self) -> Mapping[str, tuple[str, ...]]:
        """As laid down; all others are up to date."""
        return {stage.address: self.stale.get(stage.address, ()) for stage in self._stages}

    def staleness_of_lock(self) -> Mapping[str, tuple[str, ...]]:
        """The same."""
        return self.staleness()

    def begin(self, address: str, *, environment: Mapping[str, str], wish: Wish = _PLAIN) -> StageResult | Job:
        """The outcome laid down for the stage where no command comes into it, else a job."""
        self.asked.append(address)
        self.environments[address] = environment
        self.wishes.append(wish)
        outcome = self.outcomes.get(address)
        if isinstance(outcome, MlopsCiError):
            raise outcome
        if outcome is not None and outcome.exit is None and outcome.state is not StageState.RAN:
            return outcome
        return Job(address=address, commands=(("x",),), cwd=self.root, environment=environment)

    def finish(self, address: str) -> StageResult:
        """Its outputs are taken."""
        self.finished.append(address)
        return StageResult(address=address, state=StageState.RAN, why="ran")

    def abandon(self, address: str) -> None:
        """Only noted."""
        self.abandoned.append(address)

    def settle(self) -> None:
        """Only counted."""
        self.settled += 1

    def push(self, addresses: Sequence[str]) -> Pushed:
        """Nothing is sent."""
        return Pushed(objects=0, entries=len(addresses))

    def absent_from_remote(self) -> Mapping[str, tuple[Digest, ...]]:
        """As laid down."""
        if isinstance(self._absent, MlopsCiError):
            raise self._absent
        return self._absent

    def has_remote(self) -> bool:
        """As laid down."""
        return self._remote

    def ask_remote(self) -> bool:
        """As laid down; a remote that can't be asked raises."""
        if isinstance(self._absent, MlopsCiError):
            raise self._absent
        return self._remote

    def lost(self, address: str) -> Sequence[PurePosixPath]:
        """As laid down."""
        return self.gone.get(address, ())

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


class FakeExecutor:
    """Jobs end as the outcomes say, the one begun last first; `most` is how many there were at once."""

    def __init__(self, exits: Mapping[str, int | None] | None = None) -> None:
        self.exits = dict(exits or {})
        self.begun: list[str] = []
        self.most = 0
        self._running: list[str] = []

    def start(self, job: Job, *, log: Path) -> None:
        """It runs."""
        self.begun.append(job.address)
        self._running.append(job.address)
        self.most = max(self.most, len(self._running))

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        """One of them has ended."""
        if not self._running:
            return ()
        address = self._running.pop()
        return (Ended(address=address, exit=self.exits.get(address, 0), seconds=1.0, cpu=0.5, memory=1024),)
