"""The DVC repository: pipelines' port `Reproduction`, kept by a worker process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.digests import Digest
from mlops_ci.tools.dvc.artifacts import ArtifactStore
from mlops_ci.tools.dvc.facts import (
    Known,
    Lack,
    Looks,
    Need,
    PlanFacts,
    facts_from,
    known_from,
    lack_from,
    need_message,
)
from mlops_ci.tools.dvc.messages import begun_from, digest_from, plot_from, result_from, stage_from
from mlops_ci.tools.dvc.refusals import error_of, lost, not_installed
from mlops_ci.tools.dvc.starting import is_installed, start_worker
from mlops_ci.tools.dvc.values import Job, Plot, Pushed, Revision, Stage, StageResult, Wish
from mlops_ci.tools.environment import TELEMETRY_OFF
from mlops_ci.tools.workers import Message, WorkerError, WorkerLostError

_PLAIN = Wish()
_FAR = Looks()


class Channel(Protocol):
    """The parent's side of a worker."""

    def send(self, method: str, arguments: Message) -> int:
        """See Worker.send."""

    def receive(self, ticket: int) -> Message:
        """See Worker.receive."""

    def close(self) -> None:
        """See Worker.close."""


class DvcRepository:
    """One folder that holds `.dvc`, and all stages below it. To be closed.

    Every method raises ServiceError where DVC is not installed or its process is lost, LockedError where another
    process of DVC's holds the lock, and UsageError where DVC refuses to work with the repository.
    """

    def __init__(
        self, git_root: Path, root: Path, *, log: Path,
        start: Callable[[Path, Path], Channel] | None = None, installed: Callable[[], bool] | None = None,
    ) -> None:  # fmt: skip
        """git_root, root: the git repository's root, and the folder below it that holds `.dvc`.

        log: what DVC itself says goes there. start: makes the worker for a root and a log.
        """
        self.git_root = git_root.resolve()
        self.root = root.resolve()
        self._log = log
        self._journal = self.git_root / ".mlops-ci" / "journal" / f"{log.stem}.jsonl"
        self._start = start or start_worker
        self._installed = installed or is_installed
        self._channel: Channel | None = None
        self._opening: int | None = None
        self._stages: tuple[Stage, ...] | None = None
        self._broken: Mapping[PurePosixPath, str] = {}

    @property
    def folder(self) -> PurePosixPath:
        """The DVC repository's folder, from the git root."""
        return PurePosixPath(self.root.relative_to(self.git_root).as_posix())

    @property
    def artifacts(self) -> ArtifactStore:
        """What it keeps, object by object."""
        return ArtifactStore(self._ask, self._name)

    def start(self) -> None:
        """Begin to start the worker and return at once, so that its imports overlap with other work."""
        if self._channel is None:
            if not self._installed():
                raise not_installed()
            self._channel = self._start(self.root, self._log)
            where = {"root": str(self.root), "git_root": str(self.git_root), "journal": str(self._journal)}
            self._opening = self._channel.send("open", where)

    def stages(self) -> Sequence[Stage]:
        """See Reproduction.stages. Read once; see `broken` for the files that are left out."""
        if self._stages is None:
            answer = self._ask(self._name, "stages", {})
            self._stages = tuple(stage_from(stage) for stage in answer["stages"])
            self._broken = {PurePosixPath(path): said for path, said in answer["broken"].items()}
        return self._stages

    def broken(self) -> Mapping[PurePosixPath, str]:
        """What DVC says about each dvc.yaml, dvc.lock or .dvc file that it can't use, by path from the git root."""
        self.stages()
        return self._broken

    def staleness(self) -> Mapping[str, tuple[str, ...]]:
        """See Reproduction.staleness."""
        return self._reasons("staleness")

    def staleness_of_lock(self) -> Mapping[str, tuple[str, ...]]:
        """See Reproduction.staleness_of_lock."""
        return self._reasons("staleness_of_lock")

    def begin(self, address: str, *, environment: Mapping[str, str], wish: Wish = _PLAIN) -> StageResult | Job:
        """See Reproduction.begin. `environment` is all that the commands get, and telemetry is off."""
        arguments: Message = {
            "address": address,
            "environment": {**TELEMETRY_OFF, **environment},
            "force": wish.force,
            "pull": wish.pull,
            "staging": wish.staging,
        }
        self._stages = None
        return begun_from(address, self._ask(address, "begin", arguments), str(self._log))

    def finish(self, address: str) -> StageResult:
        """See Reproduction.finish."""
        self._stages = None
        return result_from(address, self._ask(address, "finish", {"address": address}), str(self._log))

    def abandon(self, address: str) -> None:
        """See Reproduction.abandon."""
        self._ask(address, "abandon", {"address": address})

    def settle(self) -> None:
        """See Reproduction.settle. Without a process there is nothing to write."""
        if self._channel is not None:
            self._stages = None
            self._ask(self._name, "settle", {})

    def push(self, addresses: Sequence[str]) -> Pushed:
        """See Reproduction.push."""
        answer = self._ask(self._name, "push", {"addresses": list(addresses)})
        return Pushed(objects=answer["objects"], entries=answer["entries"])

    def absent_from_remote(self) -> Mapping[str, tuple[Digest, ...]]:
        """See Reproduction.absent_from_remote."""
        answer = self._ask(self._name, "absent_from_remote", {})
        return {address: tuple(Digest(*pair) for pair in pairs) for address, pairs in answer["digests"].items()}

    def has_remote(self) -> bool:
        """See Reproduction.has_remote."""
        return bool(self._ask(self._name, "has_remote", {})["configured"])

    def ask_remote(self) -> bool:
        """See Reproduction.ask_remote."""
        return bool(self._ask(self._name, "ask_remote", {})["configured"])

    def lost(self, address: str) -> Sequence[PurePosixPath]:
        """See Reproduction.lost."""
        return tuple(map(PurePosixPath, self._ask(address, "lost", {"address": address})["paths"]))

    def fetch(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """See Reproduction.fetch. Raises IntegrityError where bytes are not what their digest says."""
        if digest.algorithm != "md5":
            return False
        arguments: Message = {"path": str(path), "digest": digest.value, "into": str(into.absolute())}
        return bool(self._ask(str(path), "fetch", arguments)["found"])

    def secure(self, path: PurePosixPath, digest: Digest) -> int:
        """Have the remote hold a file or folder whole, and prove it: what it has is read back and hashed.

        path: which output it is. Returns its bytes. Raises IntegrityError, which names the object, and ServiceError.
        """
        arguments: Message = {"path": str(path), "digest": digest.value}
        return int(self._ask(str(path), "secure", arguments)["bytes"])

    def read_back(self, path: PurePosixPath, digest: Digest, *, into: Path) -> bool:
        """Copy a file from the remote to `into`, past the cache and unhashed: as it lies there. False: it has none.

        path: which output it is. Raises ServiceError where the remote can't be asked.
        """
        arguments: Message = {"path": str(path), "digest": digest.value, "into": str(into.absolute())}
        return bool(self._ask(str(path), "read_back", arguments)["found"])

    def take_in(self, file: Path) -> Digest:
        """Have a file's bytes in the cache, though it is nobody's output; `secure` then has the remote hold them."""
        return Digest("md5", self._ask(file.name, "take_in", {"file": str(file.absolute())})["digest"])

    def pull(self, paths: Sequence[PurePosixPath]) -> None:
        """See Reproduction.pull. Raises IntegrityError where bytes are not what their digest says.

        A file in the work tree that differs from the lock is never overwritten: UsageError.
        """
        names = [str(path) for path in paths]
        self._ask(", ".join(names), "pull", {"paths": names})

    def plot_sources(self) -> Sequence[PurePosixPath]:
        """The files that hold the points of the plots that dvc.yaml files declare."""
        return tuple(map(PurePosixPath, self._ask(self._name, "plot_sources", {})["paths"]))

    def plots(self, files: Mapping[Revision, Mapping[PurePosixPath, Path]]) -> Sequence[Plot]:
        """The plots that dvc.yaml files declare. `files`: what to read for each of their sources, and for whom.

        What is wrong with one plot is told in it.
        """
        named = {str(of): {str(path): str(file) for path, file in here.items()} for of, here in files.items()}
        return tuple(map(plot_from, self._ask(self._name, "plots", {"files": named})["plots"]))

    def plan_facts(self, addresses: Sequence[str] | None = None, looks: Looks = _FAR) -> PlanFacts:
        """See pipelines.plan.Source."""
        named = None if addresses is None else list(addresses)
        answer = self._ask(self._name, "plan_facts", {"addresses": named, **asdict(looks)})
        facts = {address: facts_from(message) for address, message in answer["facts"].items()}
        return PlanFacts(stages=facts, remote=answer["remote"])

    def composed(self, address: str, path: PurePosixPath, outs: Mapping[PurePosixPath, Digest]) -> Digest | None:
        """See pipelines.plan.Source."""
        named = {str(out): digest.value for out, digest in outs.items()}
        return digest_from(
            self._ask(address, "composed", {"address": address, "path": str(path), "outs": named})["digest"]
        )

    def recalled(
        self, wanted: Mapping[str, Mapping[PurePosixPath, Digest]], *, ask: bool
    ) -> Mapping[str, tuple[Known, ...] | None]:
        """See pipelines.plan.Source."""
        named = {one: {str(path): digest.value for path, digest in deps.items()} for one, deps in wanted.items()}
        outs = self._ask(self._name, "recalled", {"wanted": named, "ask": ask})["outs"]
        return {one: None if known is None else tuple(map(known_from, known)) for one, known in outs.items()}

    def lacking(self, needs: Sequence[Need], *, ask: bool) -> Sequence[Lack]:
        """See pipelines.plan.Source."""
        answer = self._ask(self._name, "lacking", {"needs": list(map(need_message, needs)), "ask": ask})
        return tuple(map(lack_from, answer["lacks"]))

    def close(self) -> None:
        """End the worker."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def __enter__(self) -> "DvcRepository":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _name(self) -> str:
        return "dvc" if self.folder == PurePosixPath() else str(self.folder)

    def _reasons(self, method: str) -> Mapping[str, tuple[str, ...]]:
        reasons = self._ask(self._name, method, {})["reasons"]
        return {address: tuple(why) for address, why in reasons.items()}

    def _ask(self, subject: str, method: str, arguments: Message) -> Message:
        try:
            channel = self._opened()
            return channel.receive(channel.send(method, arguments))
        except WorkerError as error:
            raise error_of(subject, error, str(self._log)) from error
        except WorkerLostError as error:
            self.close()
            raise lost(subject, error, str(self._log)) from error

    def _opened(self) -> Channel:
        self.start()
        channel, ticket = self._channel, self._opening
        if channel is None:
            raise WorkerLostError("never started")
        if ticket is not None:
            try:
                channel.receive(ticket)
            except WorkerError:
                self.close()
                raise
            self._opening = None
        return channel
