"""What was locked at a commit: digests from its dvc.lock and .dvc files, and values that these digests vouch for.

The commit is the base, or a champion's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import PurePosixPath
from typing import Protocol

from mlops_ci.config.yaml import read_yaml_texts
from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import joined, shown
from mlops_ci.errors import UsageError


class Revisions(Protocol):
    """What is asked of a repository about one commit."""

    def files_at(self, commit: str) -> frozenset[PurePosixPath]:
        """All files at a commit."""

    def read_at(self, commit: str, path: PurePosixPath) -> bytes | None:
        """A file's bytes at a commit, None if it has no such file."""

    def excluded_by(self, name: str) -> frozenset[PurePosixPath]:
        """Files that files called `name` exclude, in gitignore's grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseState:
    """The locked outputs of one commit, by path.

    locks: the dvc.lock and .dvc files that there are. unreadable: what is wrong with those that can't be read.
    called: what sentences call the commit.
    """

    commit: str
    digests: Mapping[PurePosixPath, Digest]
    locks: tuple[PurePosixPath, ...] = ()
    unreadable: Mapping[PurePosixPath, str]
    called: str = "the base"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFile:
    """A file at the base. `content` None: `why` says why it does not count, or is not in git.

    digest: what the base's lock holds for it; with it the bytes may be had from DVC's cache or remote.
    recorded: whether the base says anything of it. If not, a comparison is not applicable; if so, inconclusive.
    """

    content: bytes | None
    why: str
    recorded: bool
    digest: Digest | None = None


def base_state(repository: Revisions, commit: str, *, called: str = "the base") -> BaseState:
    """Read every dvc.lock and .dvc file of a commit that DVC reads. What can't be read is told, not raised."""
    digests: dict[PurePosixPath, Digest] = {}
    unreadable: dict[PurePosixPath, str] = {}
    files = repository.files_at(commit) - repository.excluded_by(".dvcignore")
    locks = sorted(path for path in files if _reader(path) is not None)
    for lock in locks:
        read = _reader(lock)
        try:
            digests.update(read(repository, commit, lock) if read else ())
        except UsageError as error:
            unreadable[lock] = str(error)
    return BaseState(commit=commit, digests=digests, locks=tuple(locks), unreadable=unreadable, called=called)


def locked_digest_at(repository: Revisions, commit: str, path: PurePosixPath) -> Digest | None:
    """The digest that a commit's locks hold for an output. For many paths: ask `base_state` once."""
    return base_state(repository, commit).digests.get(path)


def read_at_base(repository: Revisions, state: BaseState, path: PurePosixPath) -> BaseFile:
    """A file's bytes at the base, as far as git has them and the base's lock holds their digest."""
    digest = state.digests.get(path)
    name = shown(path)
    at = f"{name} at {state.called}"
    if digest is None:
        return _not_locked(state, name)
    content = repository.read_at(state.commit, path)
    if content is None:
        why = f"{name} is not in git at {state.called}; its lock holds {digest}"
        return BaseFile(content=None, why=why, recorded=True, digest=digest)
    if digest.value not in _digests_of(content):
        why = f"{at} is not what its lock holds ({digest}): it was committed without running the stage"
        return BaseFile(content=None, why=why, recorded=True, digest=digest)
    return BaseFile(content=content, why=f"{at}, as its lock holds it", recorded=True, digest=digest)


def _not_locked(state: BaseState, name: str) -> BaseFile:
    if state.unreadable:
        broken = "; ".join(state.unreadable.values())
        return BaseFile(content=None, why=f"{state.called}'s locks can't be read: {broken}", recorded=True)
    if not state.locks:
        return BaseFile(content=None, why=f"{state.called} has no dvc.lock", recorded=False)
    return BaseFile(content=None, why=f"no dvc.lock of {state.called} knows {name}", recorded=False)


def _digests_of(content: bytes) -> Iterator[str]:
    """MD5 of the bytes, and of the text with LF and CRLF: DVC 2 took it with LF, a checkout on Windows has CRLF."""
    unix = content.replace(b"\r\n", b"\n")
    for same in (content,) if b"\0" in content else (content, unix, unix.replace(b"\n", b"\r\n")):
        yield md5(same, usedforsecurity=False).hexdigest()


Entries = Iterator[tuple[PurePosixPath, Digest]]


def _reader(path: PurePosixPath) -> Callable[[Revisions, str, PurePosixPath], Entries] | None:
    if path.name == "dvc.lock":
        return _of_lock
    return _of_data_file if path.suffix == ".dvc" else None


def _of_lock(repository: Revisions, commit: str, lock: PurePosixPath) -> Entries:
    stages = _mapping(_mapping(_read(repository, commit, lock)).get("stages"))
    definition = lock.with_name("dvc.yaml")
    declared = _mapping(_mapping(_read(repository, commit, definition)).get("stages"))
    for name, stage in stages.items():
        body = _mapping(declared.get(name.partition("@")[0]))
        wdir = _mapping(body.get("do", body)).get("wdir", ".")
        # A working directory made by templating is not guessed at.
        if isinstance(wdir, str) and "${" not in wdir:
            yield from _outputs(lock.parent, wdir, _mapping(stage))


def _of_data_file(repository: Revisions, commit: str, path: PurePosixPath) -> Entries:
    entry = _mapping(_read(repository, commit, path))
    wdir = entry.get("wdir") or "."
    if isinstance(wdir, str):
        yield from _outputs(path.parent, wdir, entry)


def _outputs(folder: PurePosixPath, wdir: str, entry: Mapping[str, object]) -> Entries:
    outputs = entry.get("outs")
    for output in map(_mapping, outputs if isinstance(outputs, Sequence) and not isinstance(outputs, str) else ()):
        path, value = output.get("path"), output.get("md5")
        where = joined(folder, wdir, path) if isinstance(path, str) else None
        if where is not None and isinstance(value, str) and value:
            yield where, Digest("md5", value)


def _read(repository: Revisions, commit: str, path: PurePosixPath) -> object:
    content = repository.read_at(commit, path)
    return {} if content is None else read_yaml_texts(content, path)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
