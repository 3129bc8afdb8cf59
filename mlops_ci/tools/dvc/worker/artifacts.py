"""Requests of `artifact` commands. Long work is done in portions, so that whoever asks can tell how far it is."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection
from mlops_ci.tools.dvc.worker.inventory import (
    Kept,
    Piece,
    cache_of,
    describe_kept,
    differing,
    kept,
    not_cached,
    pieces,
    pieces_of,
    remote_for,
)
from mlops_ci.tools.dvc.worker.objects import caches, folder_of, is_oid, not_whole, present, remote_of, spoiled
from mlops_ci.tools.dvc.worker.private import lock_repo
from mlops_ci.tools.dvc.worker.proofs import AT_ONCE, read_back
from mlops_ci.tools.dvc.worker.refusals import CorruptedError
from mlops_ci.tools.dvc.worker.remotes import has_remote, make_folders, send_lacking
from mlops_ci.tools.dvc.worker.run_cache import push_entries
from mlops_ci.tools.dvc.worker.transfers import send
from mlops_ci.tools.workers import Message

_SECONDS = 1.0  # of a portion, about
_BYTES = 32 * 1024 * 1024
_OBJECTS = 100


@dataclass(frozen=True, slots=True)
class Task:
    """An object to be read, or sent. size: bytes, of what is in the cache."""

    piece: Piece
    one: Kept
    odb: Any
    size: int = 0


class Artifacts:
    """What is where, and the work on it that is still to be done."""

    def __init__(self, collection: Callable[[], Collection]) -> None:
        self._collection = collection
        self._remotes: dict[tuple[str | None, str], Any] = {}
        self._tasks: deque[Task] = deque()

    def artifacts(self, arguments: Message) -> Message:
        """paths: from the git root; none: all. What DVC keeps there, and what is of it here and in the cache."""
        collection = self._collection()
        found = kept(collection, arguments["paths"])
        return {"outs": [describe_kept(collection.repo, one) for one in found], "broken": collection.broken}

    def presence(self, arguments: Message) -> Message:
        """What the remote has of each output, by existence alone: [name, digest] of the absent, counts of all."""
        wanted = kept(self._collection(), arguments["paths"])
        return {"outs": {one.path: self._presence(one) for one in wanted if one.oid and not one.why_not}}

    def begin_proof(self, arguments: Message) -> Message:
        """All objects of outputs are to be read back from their remotes, each once."""
        tasks, bad = [], []
        for one in self._remote_ones(arguments["paths"]):
            odb = self._remote(one)
            try:
                tasks += [Task(piece, one, odb) for piece in self._pieces(one)]
            except CorruptedError:
                bad.append([one.path, one.address, one.oid, "corrupt"])
        self._tasks = deque(_once(tasks))
        return {"objects": len(self._tasks), "bad": bad}

    def prove(self, _: Message) -> Message:
        """The next portion of it: what is bad, by path, stage and digest."""
        begin, counts, bad = time.monotonic(), [0, 0], []
        while self._tasks and time.monotonic() - begin < _SECONDS:
            some = self._same_remote(AT_ONCE)
            sizes = read_back(some[0].odb, [task.piece.oid for task in some], self._collection().repo.tmp_dir)
            counts[0] += len(some)
            counts[1] += sum(size or 0 for size in sizes.values())
            bad += [_told(task, "corrupt") for task in some if sizes.get(task.piece.oid, 0) is None]
            bad += [_told(task, "absent") for task in some if task.piece.oid not in sizes]
        return {"objects": counts[0], "bytes": counts[1], "bad": bad, "left": len(self._tasks)}

    def begin_push(self, arguments: Message) -> Message:
        """What remotes lack and the cache has is to be sent, listings of folders last. Nothing is sent yet.

        Nothing is to be sent of a listing that names what nobody has. bad: objects that are nowhere.
        """
        make_folders(self._collection())
        tasks: list[Task] = []
        nowhere: list[list[str]] = []
        for one in self._remote_ones(arguments["paths"]):
            some, lacking = self._to_send(one)
            tasks += some
            nowhere += lacking
        self._tasks = deque(_once(sorted(tasks, key=lambda task: task.piece.oid.endswith(".dir"))))
        return {"objects": len(self._tasks), "bytes": sum(task.size for task in self._tasks), "bad": nowhere}

    def check_push(self, arguments: Message) -> Message:
        """Hash a portion of what is to be sent. begin: its place; the answer's `next` is None at the end."""
        begin, place, bad, done = time.monotonic(), int(arguments["begin"]), [], 0
        while place < len(self._tasks) and time.monotonic() - begin < _SECONDS:
            task = self._tasks[place]
            cache = cache_of(self._collection().repo, task.one.layout)
            if spoiled(cache, [task.piece.oid]):
                bad.append([*_told(task, "corrupt"), cache.oid_to_path(task.piece.oid)])
            place, done = place + 1, done + task.size
        return {"next": place if place < len(self._tasks) else None, "bytes": done, "bad": bad}

    def send_some(self, _: Message) -> Message:
        """Send the next portion."""
        some = self._same_remote(_OBJECTS, most_bytes=_BYTES) if self._tasks else []
        if some:
            repo = self._collection().repo
            with lock_repo(repo):
                send(some[0].odb, cache_of(repo, some[0].one.layout), [task.piece.oid for task in some])
        return {"objects": len(some), "bytes": sum(task.size for task in some), "left": len(self._tasks)}

    def send_entries(self, arguments: Message) -> Message:
        """Send the run cache's entries of stages all of whose outputs are among those of `paths`."""
        collection = self._collection()
        if not has_remote(collection.repo):
            return {"entries": 0, "objects": 0}
        sent = {one.path for one in kept(collection, arguments["paths"])}
        other = {one.address for one in kept(collection, []) if one.path not in sent}
        with lock_repo(collection.repo):
            stages = [stage for address, stage in collection.stages.items() if address not in other]
            return push_entries(collection.repo, stages)

    def send_recorded(self, arguments: Message) -> Message:
        """Send what remotes lack of outputs as a run recorded them. outs: path from the git root, and digest, of each.

        lacking: path and digest of each that no remote has whole then, but of those that DVC does not cache.
        """
        collection, lacking = self._collection(), list[list[str]]()
        make_folders(collection)
        here = {one.path: one for one in kept(collection, [])}
        apart = not_cached(collection)
        with lock_repo(collection.repo):
            for path, oid in arguments["outs"]:
                if not self._sent_whole(here.get(path), path, oid) and path not in apart:
                    lacking.append([path, oid])
        return {"lacking": lacking}

    def spoiled_in_cache(self, arguments: Message) -> Message:
        """Raises CorruptedError for a spoiled object of an output, or of a digest, in the cache. Nothing is removed."""
        collection = self._collection()
        for one in kept(collection, arguments["paths"]):
            cache = cache_of(collection.repo, one.layout)
            for piece in pieces(collection.repo, one, None) if one.oid else ():
                if spoiled(cache, [piece.oid]):
                    raise CorruptedError(f"{piece.name}: {not_whole(cache, piece.oid)}")
        return {}

    def whole_in_cache(self, arguments: Message) -> Message:
        """Raises CorruptedError for a spoiled object of a digest, in the cache; what is absent is not spoiled."""
        for cache in caches(self._collection().repo):
            for oid in _with_parts(cache, arguments["digest"]):
                if spoiled(cache, [oid]):
                    raise CorruptedError(not_whole(cache, oid))
        return {}

    def differing(self, arguments: Message) -> Message:
        """See `inventory.differing`. Of several outputs at one path the first that differs."""
        collection = self._collection()
        ones = [one for one in kept(collection, [arguments["path"]]) if one.path == arguments["path"]]
        whole = bool(arguments["whole"])
        found = (differing(collection, one, self._remote(one), whole=whole) for one in ones if one.oid)
        return {"found": next(filter(None, found), "")}

    def _sent_whole(self, one: Kept | None, path: str, oid: str) -> bool:
        """Whether the remote has all of a digest, its listing last; true where it is not to have it."""
        if one is not None and one.why_not:
            return True
        repo, layout = self._collection().repo, one.layout if one is not None else "md5"
        odb, cache = self._remote(one) if one is not None else remote_of(repo, None, layout), cache_of(repo, layout)
        own, *parts = (piece.oid for piece in pieces_of(cache, odb, path, oid))
        for oids in ({*parts}, {own}):
            send_lacking(odb, cache, oids)
            if oids - present(odb, oids):
                return False
        return True

    def _presence(self, one: Kept) -> Message:
        odb = self._remote(one)
        if odb is None:
            return {"configured": False, "objects": 0, "absent": [], "corrupt": ""}
        try:
            every = self._pieces(one)
        except CorruptedError as error:
            return {"configured": True, "objects": 0, "absent": [], "corrupt": str(error)}
        there = present(odb, {piece.oid for piece in every})
        absent = [[piece.name, piece.oid] for piece in every if piece.oid not in there]
        return {"configured": True, "objects": len(there), "absent": absent, "corrupt": ""}

    def _to_send(self, one: Kept) -> tuple[list[Task], list[list[str]]]:
        repo, odb = self._collection().repo, self._remote(one)
        cache, every = cache_of(repo, one.layout), self._pieces(one)
        there = present(odb, {piece.oid for piece in every})
        sizes = {piece.oid: _size(cache, piece.oid) for piece in every if piece.oid not in there}
        tasks = [Task(piece, one, odb, size) for piece in every if (size := sizes.get(piece.oid)) is not None]
        nowhere = [piece for piece in every if piece.oid not in there and sizes[piece.oid] is None]
        if nowhere:
            tasks = [task for task in tasks if not task.piece.oid.endswith(".dir")]
        return tasks, [[piece.name, one.address, piece.oid, "absent"] for piece in nowhere]

    def _pieces(self, one: Kept) -> list[Piece]:
        return pieces(self._collection().repo, one, self._remote(one))

    def _remote_ones(self, paths: list[str]) -> list[Kept]:
        """Outputs that a remote is to have, and may: those that have a digest, and a remote."""
        every = kept(self._collection(), paths)
        return [one for one in every if one.oid and not one.why_not and self._remote(one) is not None]

    def _remote(self, one: Kept) -> Any | None:
        return remote_for(self._collection().repo, one, self._remotes)

    def _same_remote(self, most: int, most_bytes: int | None = None) -> list[Task]:
        """Take the first tasks that go to one remote, and to one layout."""
        first, total = self._tasks[0], 0
        some: list[Task] = []
        while self._tasks and len(some) < most and self._tasks[0].odb is first.odb:
            total += self._tasks[0].size
            if some and most_bytes is not None and total > most_bytes:
                break
            some.append(self._tasks.popleft())
        return some


def _once(tasks: Iterable[Task]) -> Iterable[Task]:
    """Each object of each remote once, whatever consists of it."""
    first: dict[tuple[int, str], Task] = {}
    for task in tasks:
        first.setdefault((id(task.odb), task.piece.oid), task)
    return first.values()


def _told(task: Task, what: str) -> list[str]:
    return [task.piece.name, task.one.address, task.piece.oid, what]


def _size(cache: Any, oid: str) -> int | None:
    path = Path(cache.oid_to_path(oid))
    return path.stat().st_size if path.is_file() else None


def _with_parts(cache: Any, oid: str) -> list[str]:
    if not is_oid(oid) or not Path(cache.oid_to_path(oid)).is_file():
        return []
    if not oid.endswith(".dir") or spoiled(cache, [oid]):
        return [oid]
    return [oid, *sorted(set(folder_of(cache, oid).values()))]
