"""Every dvc.yaml and .dvc file of a repository, read one by one, so that a broken one leaves the others in peace."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx

from mlops_ci.tools.dvc.worker.outline import Outline
from mlops_ci.tools.dvc.worker.private import (
    DvcException,
    Index,
    PipelineStage,
    Repo,
    is_valid_filename,
)
from mlops_ci.tools.dvc.worker.quick import file_of
from mlops_ci.tools.dvc.worker.refusals import told
from mlops_ci.tools.dvc.worker.shortcuts import take_shortcuts

_PROJECT_FILE = "dvc.yaml"


@dataclass(slots=True)
class Definition:
    """What a dvc.yaml says beside its stages. Paths are absolute.

    drawn: what its own `plots:` says of each plot, by its name there.
    """

    outline: Outline
    locked: set[str]
    metrics: frozenset[str]
    plots: frozenset[str]
    drawn: dict[str, dict[str, Any]]


@dataclass
class Collection:
    """The stages of one repository, each after what it needs. `broken`: message by path below the git root."""

    repo: Repo
    git_root: Path
    broken: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    graph: Any = None
    _names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def stages(self) -> dict[str, Any]:
        """DVC's stages by address, in topological order."""
        return {self.address(stage): stage for stage in networkx.dfs_postorder_nodes(self.graph)}

    def relative(self, path: str) -> str:
        """A path from the git root, with slashes."""
        if path not in self._names:
            self._names[path] = Path(os.path.relpath(path, self.git_root)).as_posix()
        return self._names[path]

    def inside(self, path: str) -> bool:
        """Whether a path lies in the git repository."""
        name = self.relative(path)
        return name != ".." and not name.startswith("../")

    def address(self, stage: Any) -> str:
        """How DVC writes a stage from the git root."""
        path = self.relative(stage.path)
        if not isinstance(stage, PipelineStage):
            return path
        return str(stage.name) if path == _PROJECT_FILE else f"{path}:{stage.name}"


def is_local(item: Any) -> bool:
    """Whether an output or dependency is a path of this machine; a dataset or a query has no file system at all."""
    return item.fs is not None and item.protocol == "local"


def collect(repo: Repo, git_root: Path) -> Collection:
    """Read all stages. Never raises because of what one file holds."""
    take_shortcuts()
    collection = Collection(repo, git_root)
    indexes = dict(_indexes(collection))
    collection.graph = _graph(collection, indexes)
    return collection


def _indexes(collection: Collection) -> Iterator[tuple[str, Index]]:
    """As DVC walks: not into outputs, nor into what git ignores; files in the order of their names."""
    repo = collection.repo
    outs: set[str] = set()
    for root, folders, files in repo.dvcignore.walk(repo.fs, repo.root_dir, followlinks=False):
        for name in sorted(files):
            path = os.path.join(root, name)  # noqa: PTH118 - DVC speaks in text
            if not is_valid_filename(name) or repo.scm.is_ignored(path):
                continue
            index = _read(collection, path)
            if index is not None:
                outs.update(out.fspath for stage in index.stages for out in stage.outs if is_local(out))
                yield path, index
        folders[:] = sorted(
            name
            for name in folders
            if os.path.join(root, name) not in outs and not repo.scm.is_ignored(os.path.join(root, name, ""))  # noqa: PTH118
        )


def _read(collection: Collection, path: str) -> Index | None:
    try:
        file = file_of(collection.repo, path)
        index = Index(collection.repo, stages=list(file.stages.values()))
        if path.endswith(".yaml"):
            collection.definitions[path] = _definition(file, path, file.outline)
    except Exception as error:  # a broken file, in whatever way
        collection.broken[collection.relative(path)] = told(error)
        return None
    return index


def _definition(file: Any, path: str, outline: Outline) -> Definition:
    folder = Path(path).parent
    named = (plot if isinstance(plot, dict) else {plot: None} for plot in file.plots)
    drawn = {str(name): dict(says or {}) for plot in named for name, says in plot.items()}
    return Definition(
        outline=outline,
        locked=set(file.lockfile_contents.get("stages", {})),
        metrics=frozenset(str(folder / name) for name in file.metrics),
        plots=frozenset(str(folder / name) for name in drawn),
        drawn=drawn,
    )


def _graph(collection: Collection, indexes: dict[str, Index]) -> Any:
    """DVC's graph of all files; where it refuses, of those that fit together, in the order of their paths."""
    repo = collection.repo
    try:
        return Index.from_indexes(repo, indexes.values()).graph
    except DvcException:
        fitting: list[Index] = []
        for path, index in indexes.items():
            try:
                Index.from_indexes(repo, [*fitting, index]).graph  # noqa: B018 - built for its refusals
            except DvcException as error:
                collection.broken[collection.relative(path)] = told(error)
            else:
                fitting.append(index)
        return Index.from_indexes(repo, fitting).graph
