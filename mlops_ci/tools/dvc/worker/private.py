"""All that is taken from inside of DVC, in one place: DVC promises nothing for it beyond `dvc.api`.

tests/integration/test_dvc_contract.py holds DVC to this list. Besides the names below these attributes are used:

| of | attributes |
|---|---|
| Repo | root_dir, tmp_dir, fs, scm.is_tracked, scm.is_ignored, scm_context, dvcignore.walk, config, cache.local, cache.legacy, cloud.get_remote, cloud.get_remote_odb, lock, state, stage_cache.restore, stage_collection_error_handler, close |
| Index | from_file, from_indexes, stages, graph |
| ProjectFile | lockfile_contents, metrics, plots |
| Stage | path, name, cmd, wdir, deps, outs, frozen, always_changed, is_callback, is_import, is_repo_import, dvcfile, changed, changed_stage, run, dump |
| Output | fs, fs_path, fspath, def_path, protocol, is_in_repo, exists, use_cache, use_scm_ignore, can_push, persist, metric, plot, remote, hash_name, hash_info, meta, status, workspace_status, checkout |
| ParamsDependency | params, hash_info, read_params |
| RepoDependency | def_repo |
| odb | add, fs.cat_file, path, hash_name, oid_to_path, oids_exist, list_oids_exists |
"""  # noqa: E501 - a table

from dvc.config import NoRemoteError
from dvc.dependency import ParamsDependency
from dvc.dvcfile import is_valid_filename, load_file
from dvc.exceptions import DvcException
from dvc.fs import RemoteMissingDepsError
from dvc.lock import LockError
from dvc.output import OutputDoesNotExistError
from dvc.render.converter.vega import VegaConverter
from dvc.repo import Repo, lock_repo
from dvc.repo.index import Index
from dvc.repo.plots import infer_data_sources
from dvc.repo.plots import parse as parse_plot
from dvc.stage import PipelineStage
from dvc.stage.exceptions import StageCmdFailedError
from dvc_data.hashfile.build import build
from dvc_data.hashfile.hash import file_md5, hash_file
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree
from dvc_objects.errors import ObjectFormatError

__all__ = [
    "DvcException",
    "HashInfo",
    "Index",
    "LockError",
    "NoRemoteError",
    "ObjectFormatError",
    "OutputDoesNotExistError",
    "ParamsDependency",
    "PipelineStage",
    "RemoteMissingDepsError",
    "Repo",
    "StageCmdFailedError",
    "Tree",
    "VegaConverter",
    "build",
    "file_md5",
    "hash_file",
    "infer_data_sources",
    "is_valid_filename",
    "load_file",
    "lock_repo",
    "parse_plot",
]
