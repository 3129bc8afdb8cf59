"""Requests and their handlers. One repository is opened by the first request and kept."""

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, collect, is_local
from mlops_ci.tools.dvc.worker.description import describe
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, bring, fetch
from mlops_ci.tools.dvc.worker.plots import plot_sources, plots
from mlops_ci.tools.dvc.worker.private import LockError, Repo, lock_repo
from mlops_ci.tools.dvc.worker.refusals import DvcRefusedError, refusals
from mlops_ci.tools.dvc.worker.remotes import absent_from_remote, has_remote
from mlops_ci.tools.dvc.worker.reproduction import reproduce, watch
from mlops_ci.tools.dvc.worker.staleness import staleness, staleness_of_lock
from mlops_ci.tools.workers import Handler, Message, serve


class Opened:
    """The repository of this process. Its stages are read once, and again after something was changed or failed."""

    def __init__(self) -> None:
        self._repo: Repo | None = None
        self._git_root = Path()
        self._collection: Collection | None = None
        self._changed = False

    @property
    def repo(self) -> Repo:
        """DVC's repository. Raises DvcRefusedError before `open`."""
        if self._repo is None:
            raise DvcRefusedError("no repository was opened")
        return self._repo

    @property
    def collection(self) -> Collection:
        """All stages. DVC keeps them up to date while it reproduces one after the other."""
        if self._collection is None:
            self._collection = collect(self.repo, self._git_root)
            self._changed = False
        return self._collection

    def _read(self) -> Collection:
        """All stages, as the files are now."""
        if self._changed:
            self._collection = None
        return self.collection

    def open(self, arguments: Message) -> Message:
        """root: folder that holds .dvc, absolute; git_root: the git repository's root, absolute."""
        self._git_root = Path(arguments["git_root"])
        self._repo = Repo(root_dir=arguments["root"])
        self._repo.stage_collection_error_handler = lambda _path, _error: None
        watch(self._repo)
        _heal(self._repo)
        return {}

    def stages(self, _: Message) -> Message:
        """All stages, and what is broken."""
        with lock_repo(self.repo):
            self._collection = None
            return {"stages": describe(self.collection), "broken": self.collection.broken}

    def staleness(self, _: Message) -> Message:
        """See Reproduction.staleness."""
        with lock_repo(self.repo):
            return {"reasons": staleness(self._read())}

    def staleness_of_lock(self, _: Message) -> Message:
        """See Reproduction.staleness_of_lock."""
        with lock_repo(self.repo):
            return {"reasons": staleness_of_lock(self._read())}

    def reproduce(self, arguments: Message) -> Message:
        """See Reproduction.reproduce."""
        with lock_repo(self.repo):
            address = arguments["address"]
            if address not in self.collection.stages:
                raise DvcRefusedError(f"there is no stage {address}")
            result = reproduce(self.collection, address, arguments["environment"], Path(arguments["log"]))
            self._changed = True
            if result["state"] == "failed":
                self._collection = None  # what DVC began to note in the stage is not in dvc.lock
            return result

    def absent_from_remote(self, _: Message) -> Message:
        """See Reproduction.absent_from_remote."""
        return {"digests": absent_from_remote(self._read())}

    def has_remote(self, _: Message) -> Message:
        """See Reproduction.has_remote."""
        return {"configured": has_remote(self.repo)}

    def fetch(self, arguments: Message) -> Message:
        """See Reproduction.fetch."""
        out = next(iter(self._outs([arguments["path"]])), None)
        found = fetch(
            self.repo,
            arguments["digest"],
            Path(arguments["into"]),
            remote=out.remote if out else None,
            legacy_first=out is not None and out.hash_name == DOS2UNIX,
        )
        return {"found": found}

    def pull(self, arguments: Message) -> Message:
        """See Reproduction.pull."""
        with lock_repo(self.repo):
            outs = self._outs(arguments["paths"])
            if not outs:
                raise DvcRefusedError(f"no output of DVC's lies at {', '.join(arguments['paths'])}")
            for out in outs:
                bring(self.repo, out)
        return {}

    def plot_sources(self, _: Message) -> Message:
        """The files that hold the points of plots."""
        with lock_repo(self.repo):
            return {"paths": plot_sources(self.collection)}

    def plots(self, arguments: Message) -> Message:
        """files: by revision and path from the git root, the file to be read for it."""
        with lock_repo(self.repo):
            return {"plots": plots(self.collection, arguments["files"])}

    def _outs(self, paths: list[str]) -> list[Any]:
        """Cached outputs that are one of the paths, lie below one, or hold one."""
        wanted = [PurePosixPath(path) for path in paths]
        return [
            out
            for stage in self.collection.stages.values()
            for out in stage.outs
            if out.use_cache and is_local(out)
            for path in [PurePosixPath(self.collection.relative(out.fs_path))]
            if any(path.is_relative_to(one) or one.is_relative_to(path) for one in wanted)
        ]


def _heal(repo: Repo) -> None:
    """Remove the empty file that a killed DVC can leave, on which each later command of DVC's fails."""
    path = Path(repo.tmp_dir) / "rwlock"
    try:
        with repo.lock:
            if path.is_file() and path.stat().st_size == 0:
                path.unlink()
    except LockError:
        return


def _guarded(handler: Callable[[Message], Message]) -> Handler:
    @wraps(handler)
    def answer(arguments: Message) -> Message:
        with refusals():
            return handler(arguments)

    return answer


def handlers() -> dict[str, Handler]:
    """What this process answers."""
    opened = Opened()
    every = (
        opened.open,
        opened.stages,
        opened.staleness,
        opened.staleness_of_lock,
        opened.reproduce,
        opened.absent_from_remote,
        opened.has_remote,
        opened.fetch,
        opened.pull,
        opened.plot_sources,
        opened.plots,
    )
    return {handler.__name__: _guarded(handler) for handler in every}


if __name__ == "__main__":
    logging.getLogger("dvc").setLevel(logging.WARNING)  # its running commentary is no output of a stage's
    serve(handlers())
