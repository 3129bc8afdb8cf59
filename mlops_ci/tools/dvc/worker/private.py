"""All that is taken from inside of DVC, in one place: DVC promises nothing for it beyond `dvc.api`.

tests/integration/test_dvc_contract.py holds DVC to this list. Besides the names below these attributes are used:

| of | attributes |
|---|---|
| Repo | root_dir, tmp_dir, fs, scm.is_tracked, scm.is_ignored, scm_context, dvcignore.walk, config, cache.local, cache.legacy, cloud.get_remote, cloud.get_remote_odb, lock, state.links.close, push, scm._reset, stage_cache.restore, stage_cache.get_used_objs, stage_cache._create_stage, stage_cache._get_cache_dir, stage_cache._get_cache_path, stage_cache._load_cache, stage_collection_error_handler, _lock_depth, close |
| Index | from_indexes, stages, graph |
| ProjectFile | path, contents, stages, lockfile_contents, metrics, plots, _load_yaml, _lockfile |
| Stage | path, name, cmd, cmd_changed, wdir, deps, outs, frozen, always_changed, is_callback, is_import, is_repo_import, dvcfile, changed, changed_stage, run, save, save_deps, commit, remove_outs, ignore_outs |
| Output | fs, fs_path, fspath, def_path, protocol, is_in_repo, exists, use_cache, use_scm_ignore, dvcignore, IS_DEPENDENCY, can_push, persist, metric, plot, remote, hash_name, hash_info, meta, status, workspace_status, checkout, remove, get_hash |
| ParamsDependency | params, hash_info, read_params, get_hash |
| RepoDependency | def_repo |
| Git | is_tracked, dulwich.repo.index_path, dulwich.repo.open_index, root_dir |
| IgnorePatterns | __call__, _get_normalize_path, _ignore, find_matching_pattern |
| odb | add, fs.cat_file, fs.get_file, fs.jobs, path, hash_name, oid_to_path, oids_exist, list_oids_exists |
"""  # noqa: E501 - a table

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import dvc.output
import dvc.repo.graph
import dvc.rwlock
import dvc.utils.serialize
from dpath import get as dpath_get
from dvc.config import NoRemoteError
from dvc.dependency import ParamsDependency
from dvc.dependency.param import read_param_file
from dvc.dvcfile import Lockfile, ProjectFile, SingleStageFile, is_valid_filename, load_file
from dvc.exceptions import DvcException
from dvc.fs import RemoteMissingDepsError
from dvc.ignore import DvcIgnorePatterns as IgnorePatterns
from dvc.lock import LockError
from dvc.output import OutputDoesNotExistError, get_cloud_fs
from dvc.render.converter.vega import VegaConverter
from dvc.repo import Repo, lock_repo
from dvc.repo.graph import check_acyclic
from dvc.repo.index import Index
from dvc.repo.plots import infer_data_sources
from dvc.repo.plots import parse as parse_plot
from dvc.rwlock import _edit_rwlock as edit_rwlock
from dvc.stage import PipelineStage
from dvc.stage.cache import RunCacheNotFoundError
from dvc.stage.cache import _get_cache_hash as run_cache_digest
from dvc.stage.loader import StageLoader
from dvc.stage.run import _make_cmd, get_executable
from dvc.stage.run import prepare_kwargs as command_surroundings
from dvc.stage.serialize import to_lockfile, to_single_stage_lockfile
from dvc.stage.serialize import to_single_stage_file as single_file
from dvc.utils.serialize._yaml import _dump as dump_yaml_to
from dvc.utils.serialize._yaml import dump_yaml, parse_yaml, parse_yaml_for_update
from dvc_data.hashfile import checkout
from dvc_data.hashfile.build import build
from dvc_data.hashfile.hash import file_md5, hash_file
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.meta import Meta
from dvc_data.hashfile.tree import Tree
from dvc_objects.errors import ObjectFormatError
from dvc_objects.fs.generic import test_links as links_taken
from ruamel.yaml.resolver import implicit_resolvers
from scmrepo.git import Git

__all__ = [
    "DvcException",
    "Git",
    "HashInfo",
    "IgnorePatterns",
    "Index",
    "LockError",
    "Lockfile",
    "Meta",
    "NoRemoteError",
    "ObjectFormatError",
    "OutputDoesNotExistError",
    "ParamsDependency",
    "PipelineStage",
    "ProjectFile",
    "RemoteMissingDepsError",
    "Repo",
    "RunCacheNotFoundError",
    "SingleStageFile",
    "StageLoader",
    "Tree",
    "VegaConverter",
    "build",
    "check_acyclic",
    "claim",
    "command_line",
    "command_surroundings",
    "dump_yaml",
    "dump_yaml_to",
    "edit_rwlock",
    "file_md5",
    "get_cloud_fs",
    "git_is_tracked",
    "hash_file",
    "held",
    "infer_data_sources",
    "is_valid_filename",
    "keep_links_open",
    "links_taken",
    "load_file",
    "lock_repo",
    "param_at",
    "parse_plot",
    "parse_yaml",
    "parse_yaml_for_update",
    "plain_scalar",
    "put_in_place",
    "read_param_file",
    "run_cache_digest",
    "single_file",
    "staged",
    "to_lockfile",
    "to_single_stage_lockfile",
]

_claim = dvc.rwlock.rwlock
git_is_tracked: Callable[[Git, str], bool] = Git.is_tracked


@contextmanager
def _no_claim(*_: object) -> Iterator[None]:
    """DVC claims a stage's paths anew at each of its steps, which is most of the cost of a stage that does nothing."""
    yield


dvc.rwlock.rwlock = _no_claim


def claim(stage: Any, words: str) -> AbstractContextManager[None]:
    """Claim a stage's paths while its commands run, as DVC does: other processes of DVC's keep off them."""
    repo = stage.repo
    reads = [dep.fs_path for dep in stage.deps if dep.fs is not None]
    writes = [out.fs_path for out in stage.outs if out.fs is not None]
    hardlink = repo.config["core"].get("hardlink_lock", False)
    claimed: AbstractContextManager[None] = _claim(repo.tmp_dir, repo.fs, words, reads, writes, hardlink)
    return claimed


@contextmanager
def held(repo: Repo) -> Iterator[None]:
    """Hold DVC's lock on the repository. Unlike `lock_repo` this forgets nothing of what was read."""
    with repo.lock:
        repo._lock_depth += 1
        try:
            yield
        finally:
            repo._lock_depth -= 1


def keep_links_open(repo: Repo) -> None:
    """DVC opens its table of links for each output and closes it again, which is a third of what an output costs."""
    repo.state.links.close = lambda: None  # SQLite needs no closing: what is committed is in its journal


def staged(repo: Repo, staging: bool) -> AbstractContextManager[Any]:
    """Let DVC write .gitignore; with `staging` it adds to git's index what it wrote, where `core.autostage` says so."""
    context: AbstractContextManager[Any] = repo.scm_context(autostage=None if staging else False, quiet=True)
    return context


def command_line(command: str) -> list[str]:
    """The arguments by which DVC would run a command, in the environment of now."""
    line = _make_cmd(get_executable(), command)
    return [str(part) for part in line]


_IMPLICIT = [(frozenset(first), pattern) for versions, _, pattern, first in implicit_resolvers if (1, 2) in versions]
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,17})", re.ASCII)


def plain_scalar(text: str) -> Any:
    """What DVC's parser takes an unquoted scalar for. Raises YAMLError where it is none on a line of its own."""
    if _DECIMAL.fullmatch(text):
        return int(text)
    if any(text[:1] in first and pattern.match(text) for first, pattern in _IMPLICIT):
        return parse_yaml(f"x: {text}", "x")["x"]
    return text


def param_at(parameters: Any, key: str) -> Iterator[Any]:
    """The value that a key with dots leads to; nothing where it leads nowhere."""
    try:
        yield dpath_get(parameters, key, separator=".")
    except KeyError:
        return


def put_in_place(
    *, acyclic: Callable[[Any], None], cloud_fs: Callable[..., tuple[Any, dict[str, Any], str]],
    not_ignored: Callable[..., tuple[list[str], list[str]]], is_tracked: Callable[[Git, str], bool],
    links: Callable[..., list[str]], dump_yaml: Callable[..., None],
) -> None:  # fmt: skip
    """Let DVC call these instead of its own: see shortcuts.py for each."""
    places: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (IgnorePatterns, "__call__", not_ignored), (Git, "is_tracked", is_tracked), (checkout, "test_links", links),
        (dvc.repo.graph, "check_acyclic", acyclic), (dvc.output, "get_cloud_fs", cloud_fs),
        (dvc.utils.serialize, "dump_yaml", dump_yaml),
    )  # fmt: skip
    for holder, name, quick in places:
        setattr(holder, name, quick)
