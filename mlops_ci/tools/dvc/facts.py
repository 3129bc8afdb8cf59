"""What a plan is made of, as plain values: see mlops_ci.pipelines.plan. All paths are relative to the git root."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.tools.dvc.messages import digest_from
from mlops_ci.tools.workers import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamChange:
    """A parameter that is not as it was locked, values as JSON; None: not there.

    An empty key stands for the whole file, whose `trouble` says why it can't be read. missing: whether the stage asks
    for it by name and the file has none.
    """

    file: PurePosixPath
    key: str = ""
    before: str | None = None
    now: str | None = None
    missing: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepFact:
    """A dependency that is a file or folder: its digest here, None where nothing is.

    Where outputs of other stages that it consists of are not here, the digest is what it would be were they here as
    they are locked, None where that can't be known. trouble: why it can't be read; nowhere: why it is not here.
    line_ends: whether it is what is locked but for its line ends, as on another operating system.
    """

    path: PurePosixPath
    locked: Digest | None = None
    digest: Digest | None = None
    trouble: str = ""
    nowhere: str = ""
    line_ends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutFact:
    """An output: its digest here, None where nothing is.

    held: whether the local cache has what is locked, whole; told for stages of which an output is not as it is locked,
    and where it was asked for.
    """

    path: PurePosixPath
    digest: Digest | None = None
    held: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFacts:
    """One stage. command_before: the locked command where it is another one now."""

    command_before: tuple[str, ...] | None = None
    params: tuple[ParamChange, ...] = ()
    deps: tuple[DepFact, ...] = ()
    outs: tuple[OutFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How far a plan may look.

    ask: into remotes. outside: outside of the git repository. cache: into the cache, for outputs that are here as well.
    """

    ask: bool = True
    outside: bool = True
    cache: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """Facts by address. remote: whether a default remote is configured."""

    stages: Mapping[str, StageFacts] = field(default_factory=dict)
    remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An output as a lock or the run cache knows it. size: bytes, None where nothing says so."""

    path: PurePosixPath
    digest: Digest
    size: int | None = None
    files: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An output that is to be brought into the work tree: whose, and which version of it."""

    address: str
    out: Known


class Where(StrEnum):
    """Where the bytes of an output are."""

    HERE = "here"  # in the local cache
    REMOTE = "remote"
    SOURCE = "source"  # where it was imported from
    UNASKED = "unasked"  # a remote is configured, and was not asked
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What the local cache lacks of an output. exact: whether the bytes are known."""

    files: int
    bytes: int
    at: Where
    exact: bool = True


def facts_from(message: Message) -> StageFacts:
    """The facts of one stage."""
    command = message["command"]
    return StageFacts(
        command_before=None if command is None else tuple(command),
        params=tuple(_param(one) for one in message["params"]),
        deps=tuple(_dep(one) for one in message["deps"]),
        outs=tuple(_out(one) for one in message["outs"]),
    )


def known_from(message: Message) -> Known:
    """One output of an entry of the run cache."""
    return Known(
        path=PurePosixPath(message["path"]), digest=Digest(*message["digest"]), size=message["size"],
        files=message["files"],
    )  # fmt: skip


def lack_from(message: Message) -> Lack:
    """One answer about bytes."""
    return Lack(files=message["files"], bytes=message["bytes"], at=Where(message["at"]), exact=message["exact"])


def need_message(need: Need) -> Message:
    """A need as the worker reads it."""
    out = need.out
    return {
        "address": need.address, "path": str(out.path), "digest": out.digest.value, "size": out.size,
        "files": out.files,
    }  # fmt: skip


def _param(message: Message) -> ParamChange:
    return ParamChange(
        file=PurePosixPath(message["file"]), key=message.get("key", ""), before=message.get("before"),
        now=message.get("now"), missing=message.get("missing", False), trouble=message.get("trouble", ""),
    )  # fmt: skip


def _dep(message: Message) -> DepFact:
    return DepFact(
        path=PurePosixPath(message["path"]), locked=digest_from(message["locked"]),
        digest=digest_from(message["digest"]), trouble=message.get("trouble", ""), nowhere=message.get("nowhere", ""),
        line_ends=message.get("line_ends", False),
    )  # fmt: skip


def _out(message: Message) -> OutFact:
    return OutFact(
        path=PurePosixPath(message["path"]), digest=digest_from(message["digest"]), held=message.get("held", False),
        trouble=message.get("trouble", ""),
    )  # fmt: skip
