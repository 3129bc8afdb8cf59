"""The repository that this process holds, and what it is asked about it."""

import os
from pathlib import Path, PurePosixPath
from typing import Any

import networkx

from mlops_ci.tools.dvc.values import Wish
from mlops_ci.tools.dvc.worker.claims import forget_the_dead
from mlops_ci.tools.dvc.worker.collection import Collection, collect, is_local
from mlops_ci.tools.dvc.worker.description import describe
from mlops_ci.tools.dvc.worker.execution import Underway, begin, finish
from mlops_ci.tools.dvc.worker.lock_book import LockBook, replay
from mlops_ci.tools.dvc.worker.objects import DOS2UNIX, bring, fetch, remote_of, take_in
from mlops_ci.tools.dvc.worker.plots import plot_sources, plots
from mlops_ci.tools.dvc.worker.private import LockError, Repo, held, keep_links_open, lock_repo, staged
from mlops_ci.tools.dvc.worker.proofs import brought_back, secured
from mlops_ci.tools.dvc.worker.refusals import DvcRefusedError
from mlops_ci.tools.dvc.worker.remotes import absent_from_remote, has_remote, make_folders
from mlops_ci.tools.dvc.worker.run_cache import push
from mlops_ci.tools.dvc.worker.staleness import staleness, staleness_of_lock
from mlops_ci.tools.workers import Message


class Session:
    """One repository of DVC's. Its stages are read once, and again when a run has ended.

    While stages are brought up to date, what is known of them is ahead of dvc.lock: see LockBook.
    """

    def __init__(self) -> None:
        self._repo: Repo | None = None
        self._git_root = Path()
        self._journal = Path()
        self._collection: Collection | None = None
        self._book: LockBook | None = None
        self._underway = Underway()
        self._failed = False

    @property
    def repo(self) -> Repo:
        """DVC's repository. Raises DvcRefusedError before `open`."""
        if self._repo is None:
            raise DvcRefusedError("no repository was opened")
        return self._repo

    @property
    def collection(self) -> Collection:
        """All stages, as they were read last, and as they became since."""
        if self._collection is None:
            self._collection = collect(self.repo, self._git_root)
        return self._collection

    def _run(self, *, staging: bool = False) -> LockBook:
        """The book of this run, begun with its first stage."""
        if self._book is None:
            self._book = LockBook(self._journal, positions=_positions(self.collection), staging=staging)
        return self._book

    def open(self, arguments: Message) -> Message:
        """root: folder that holds .dvc, absolute; git_root: the git repository's root; journal: a file of our own.

        What a run that was killed had finished is written into dvc.lock.
        """
        self._git_root = Path(arguments["git_root"])
        self._journal = Path(arguments["journal"])
        os.chdir(arguments["root"])  # DVC tells paths from where it stands
        self._repo = Repo(root_dir=arguments["root"])
        self._repo.stage_collection_error_handler = lambda _path, _error: None
        keep_links_open(self._repo)
        _heal(self._repo, self._journal)
        return {}

    def stages(self, _: Message) -> Message:
        """All stages, and what is broken."""
        with held(self.repo):
            return {"stages": describe(self.collection), "broken": self.collection.broken}

    def staleness(self, _: Message) -> Message:
        """See Reproduction.staleness."""
        with held(self.repo):
            return {"reasons": staleness(self.collection)}

    def staleness_of_lock(self, _: Message) -> Message:
        """See Reproduction.staleness_of_lock."""
        with held(self.repo):
            return {"reasons": staleness_of_lock(self.collection)}

    def begin(self, arguments: Message) -> Message:
        """See Reproduction.begin."""
        address = arguments["address"]
        wish = Wish(force=arguments["force"], pull=arguments["pull"], staging=arguments["staging"])
        with held(self.repo):
            if address not in self.collection.stages:
                raise DvcRefusedError(f"there is no stage {address}")
            return self._seen(
                begin(
                    self.collection,
                    address,
                    arguments["environment"],
                    wish,
                    self._underway,
                    self._run(staging=wish.staging),
                )
            )

    def finish(self, arguments: Message) -> Message:
        """See Reproduction.finish."""
        with held(self.repo):
            return self._seen(finish(self.collection, arguments["address"], self._underway, self._run()))

    def abandon(self, arguments: Message) -> Message:
        """See Reproduction.abandon."""
        with held(self.repo):
            self._underway.remove(arguments["address"])
        self._failed = True
        return {}

    def settle(self, _: Message) -> Message:
        """See Reproduction.settle."""
        if self._book is not None:
            with held(self.repo), staged(self.repo, self._book.staging) as git:
                self._book.write()
                git.track_file(self._book.files)
            self._book = None
        if self._failed:  # what DVC began to note in a stage that failed is not in dvc.lock
            self._collection, self._failed = None, False
        return {}

    def _seen(self, result: Message) -> Message:
        self._failed |= result.get("state") == "failed"
        return result

    def push(self, arguments: Message) -> Message:
        """See Reproduction.push."""
        with lock_repo(self.repo):
            return push(self.collection, [self.collection.stages[address] for address in arguments["addresses"]])

    def absent_from_remote(self, _: Message) -> Message:
        """See Reproduction.absent_from_remote."""
        return {"digests": absent_from_remote(self.collection)}

    def has_remote(self, _: Message) -> Message:
        """See Reproduction.has_remote."""
        return {"configured": has_remote(self.repo)}

    def ask_remote(self, _: Message) -> Message:
        """See Reproduction.ask_remote."""
        return {"configured": has_remote(self.repo) and remote_of(self.repo, None, "md5") is not None}

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

    def secure(self, arguments: Message) -> Message:
        """See DvcRepository.secure."""
        out = next(iter(self._outs([arguments["path"]])), None)
        size = secured(
            self.repo,
            arguments["digest"],
            remote=out.remote if out else None,
            legacy=out is not None and out.hash_name == DOS2UNIX,
        )
        return {"bytes": size}

    def read_back(self, arguments: Message) -> Message:
        """See DvcRepository.read_back."""
        out = next(iter(self._outs([arguments["path"]])), None)
        remote, into = out.remote if out else None, Path(arguments["into"])
        return {"found": brought_back(self.repo, arguments["digest"], into, remote=remote)}

    def take_in(self, arguments: Message) -> Message:
        """See DvcRepository.take_in."""
        make_folders(self.collection)  # who takes a file in is about to send it
        with lock_repo(self.repo):
            return {"digest": take_in(self.repo, Path(arguments["file"]))}

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


def _positions(collection: Collection) -> dict[tuple[str, str], int]:
    """Where DVC's own order has each stage: it does not wait for what a frozen stage reads."""
    graph = collection.graph.copy()
    for stage in collection.graph:
        if stage.frozen:
            graph.remove_edges_from(collection.graph.out_edges(stage))
    order = networkx.dfs_postorder_nodes(graph)
    return {(stage.path, getattr(stage, "name", "") or ""): place for place, stage in enumerate(order)}


def _heal(repo: Repo, journal: Path) -> None:
    """Mend what a killed process left: claims in DVC's `rwlock`, and entries in the journal."""
    try:
        with repo.lock:
            forget_the_dead(repo)
            replay(journal)
    except LockError:
        return
