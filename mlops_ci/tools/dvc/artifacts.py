"""What DVC keeps of a repository, as values, and the work on it: asked of the process that holds DVC."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.tools.workers import Message

Ask = Callable[[str, str, Message], Message]  # subject, method, arguments
Paths = Sequence[PurePosixPath]


class Here(StrEnum):
    """What lies in the work tree, by what DVC remembers of files that did not change since."""

    SAME = "same"
    OTHER = "other"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An output that DVC caches, or what a .dvc file tracks.

    stage: the address of what makes it. digest: None before it was made. size, files: as locked. objects: how many it
    consists of, as far as is known here; cached, cached_bytes: what of them is in the cache.
    why_not: why no remote is to have it; empty where one is.
    """

    path: PurePosixPath
    stage: str
    digest: Digest | None
    size: int | None
    files: int | None
    here: Here
    objects: int
    cached: int
    cached_bytes: int
    why_not: str = ""


class Wrong(StrEnum):
    """What is wrong with an object."""

    ABSENT = "absent"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """An object that is not as it should be. path: of what it holds. file: where it lies, if in the cache."""

    path: str
    stage: str
    digest: Digest
    wrong: Wrong
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What a remote has of an output, by existence alone. configured: whether there is a remote.

    objects: how many are there. absent: path and digest of those that are not. corrupt: what is said of its listing.
    """

    configured: bool
    objects: int
    absent: tuple[tuple[str, Digest], ...]
    corrupt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A part of a long work that was done. left: objects that are still to be done; size: bytes."""

    objects: int
    size: int
    left: int
    bad: tuple[Bad, ...] = ()


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """The artifacts of one DVC repository, all of them where no path is given. Raises as DvcRepository does."""

    ask: Ask
    name: str

    def artifacts(self, paths: Paths) -> tuple[Artifact, ...]:
        """What DVC keeps there. Nobody is asked for it but this machine."""
        return tuple(map(_artifact, self.ask(self.name, "artifacts", _at(paths))["outs"]))

    def presence(self, paths: Paths) -> dict[PurePosixPath, Presence]:
        """What remotes have, by path; outputs that no remote is to have are left out."""
        outs = self.ask(self.name, "presence", _at(paths))["outs"]
        return {PurePosixPath(path): _presence(one) for path, one in outs.items()}

    def proof(self, paths: Paths) -> Iterator[Portion]:
        """Read all objects back from their remotes and hash them; the first portion only says how many there are."""
        begun = self.ask(self.name, "begin_proof", _at(paths))
        yield Portion(objects=0, size=0, left=begun["objects"], bad=_bad(begun))
        yield from self._portions("prove", begun["objects"])

    def to_push(self, paths: Paths) -> Portion:
        """What is to be sent: `left` objects of `size` bytes; bad: what nobody has. Nothing is sent yet."""
        begun = self.ask(self.name, "begin_push", _at(paths))
        return Portion(objects=0, size=begun["bytes"], left=begun["objects"], bad=_bad(begun))

    def checked(self) -> Iterator[Portion]:
        """Hash all that is to be sent."""
        place: int | None = 0
        while place is not None:
            done = self.ask(self.name, "check_push", {"begin": place})
            place = done["next"]
            yield Portion(objects=0, size=done["bytes"], left=0, bad=_bad(done))

    def sent(self, objects: int) -> Iterator[Portion]:
        """Send it. objects: how many are to be sent. What was sent stays sent, whatever comes of the rest."""
        yield from self._portions("send_some", objects)

    def send_entries(self, paths: Paths) -> int:
        """Send the run cache's entries of stages that were sent whole, to the default remote; returns how many.

        An entry brings what its stage made and DVC does not cache, like metrics.
        """
        return int(self.ask(self.name, "send_entries", _at(paths))["entries"])

    def send_recorded(self, outs: Mapping[PurePosixPath, Digest]) -> Mapping[PurePosixPath, Digest]:
        """Send what remotes lack of outputs by digests that a run recorded; returns those that none has whole then.

        It is not read back, as it is not with `push`. What DVC does not cache, or no remote is to have, may lack.
        """
        named = [[str(path), digest.value] for path, digest in outs.items()]
        lacking = self.ask(self.name, "send_recorded", {"outs": named})["lacking"]
        return {PurePosixPath(path): Digest("md5", oid) for path, oid in lacking}

    def need_whole_cache(self, path: PurePosixPath) -> None:
        """Raises IntegrityError where the cache has a spoiled object of an output; it is left where it lies."""
        self.ask(str(path), "spoiled_in_cache", _at([path]))

    def need_whole(self, path: PurePosixPath, digest: Digest) -> None:
        """The same for a digest, of which `path` only says what it is."""
        self.ask(str(path), "whole_in_cache", {"digest": digest.value})

    def differing(self, path: PurePosixPath, *, whole: bool) -> str:
        """What of an output lies here with other bytes than the lock says, hashed anew; empty where nothing does.

        whole: whether a file that is absent from a folder counts too. An output that is not here at all never differs.
        """
        return str(self.ask(str(path), "differing", {"path": str(path), "whole": whole})["found"])

    def _portions(self, method: str, left: int) -> Iterator[Portion]:
        while left:
            done = self.ask(self.name, method, {})
            left = done["left"]
            yield Portion(objects=done["objects"], size=done["bytes"], left=left, bad=_bad(done))


def _at(paths: Paths) -> Message:
    return {"paths": [str(path) for path in paths]}


def _bad(message: Message) -> tuple[Bad, ...]:
    return tuple(
        Bad(path=path, stage=stage, digest=Digest("md5", oid), wrong=Wrong(wrong), file=file[0] if file else "")
        for path, stage, oid, wrong, *file in message.get("bad", ())
    )


def _presence(message: Message) -> Presence:
    return Presence(
        configured=message["configured"], objects=message["objects"], corrupt=message["corrupt"],
        absent=tuple((path, Digest("md5", oid)) for path, oid in message["absent"]),
    )  # fmt: skip


def _artifact(message: Message) -> Artifact:
    return Artifact(
        path=PurePosixPath(message["path"]), stage=message["address"],
        digest=Digest("md5", message["digest"]) if message["digest"] else None, size=message["size"],
        files=message["files"], here=Here(message["here"]), objects=message["objects"], cached=message["cached"],
        cached_bytes=message["cached_bytes"], why_not=message["why_not"],
    )  # fmt: skip
