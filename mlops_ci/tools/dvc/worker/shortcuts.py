"""Functions of DVC's, replaced by quicker ones that answer the same.

At a thousand stages the search for a cycle, edge by edge, and the validation of a remote's settings for every single
path are half of what it takes to read them. In a folder of many files most of a walk is to ask of each file whether
one of the folders around it is ignored. For each stage DVC reads git's index anew, and tries in a folder, again, which
links it takes.
"""

import os
from pathlib import Path
from typing import Any

import networkx

from mlops_ci.tools.dvc.worker.private import (
    Git,
    IgnorePatterns,
    check_acyclic,
    dump_yaml,
    get_cloud_fs,
    git_is_tracked,
    links_taken,
    put_in_place,
)
from mlops_ci.tools.dvc.worker.quick_dump import quick_dump

_Mark = tuple[int, int, int]
_local: dict[int, tuple[Any, Any, dict[str, Any]]] = {}
_indexes: dict[Path, tuple[_Mark, set[bytes]]] = {}
_taken: dict[tuple[str, ...], list[str]] = {}


def take_shortcuts() -> None:
    """Replace them, in this process."""
    put_in_place(
        acyclic=quick_check_acyclic, cloud_fs=quick_cloud_fs, not_ignored=quick_not_ignored,
        is_tracked=quick_is_tracked, links=quick_links_taken, dump_yaml=quick_dump_yaml,
    )  # fmt: skip


def quick_check_acyclic(graph: Any) -> None:
    """Raises what DVC raises, where there is a cycle to be named."""
    if not networkx.is_directed_acyclic_graph(graph):
        check_acyclic(graph)


def quick_cloud_fs(config: Any, **options: Any) -> tuple[Any, dict[str, Any], str]:
    """A plain path lies on this machine, whatever its name: what DVC says of the first holds for all."""
    url = options.get("url")
    if len(options) != 1 or not isinstance(url, str) or ":" in url:
        found: tuple[Any, dict[str, Any], str] = get_cloud_fs(config, **options)
        return found
    if id(config) not in _local:
        cls, settings, _ = get_cloud_fs(config, url="path")
        _local[id(config)] = (config, cls, settings)  # kept, so that no other gets its identity
    _, cls, settings = _local[id(config)]
    return cls, dict(settings), cls._strip_protocol(url)


def quick_not_ignored(
    patterns: IgnorePatterns, root: str, folders: list[str], files: list[str]
) -> tuple[list[str], list[str]]:
    """The folders and files of one folder that no pattern ignores; in an ignored folder all are."""
    path = patterns._get_normalize_path(root, "")
    if path is None:
        return folders, files
    if path and patterns._ignore(path.rstrip("/"), True)[0]:
        return [], []
    matching = patterns.find_matching_pattern
    return (
        [name for name in folders if not matching(f"{path}{name}", True)[0]],
        [name for name in files if not matching(f"{path}{name}", False)[0]],
    )


def quick_is_tracked(scm: Git, path: str) -> bool:
    """Whether git tracks a path, or something below it: its index is read again where it was written since."""
    file = Path(scm.dulwich.repo.index_path())
    try:
        seen = file.stat()
    except OSError:
        return bool(git_is_tracked(scm, path))
    mark = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
    if file not in _indexes or _indexes[file][0] != mark:
        _indexes[file] = (mark, _with_folders(scm.dulwich.repo.open_index()))
    return os.fsencode(os.path.relpath(path, scm.root_dir)) in _indexes[file][1]


def _with_folders(paths: Any) -> set[bytes]:
    known = set(paths)
    for path in list(known):
        folder = path.rpartition(b"/")[0]
        while folder and folder not in known:
            known.add(folder)
            folder = folder.rpartition(b"/")[0]
    return known


def quick_links_taken(links: list[str], from_fs: Any, from_path: str, to_fs: Any, to_path: str) -> list[str]:
    """Which kinds of links lead from a folder into another: tried once, where both are of this machine."""
    if from_fs.protocol != "local" or to_fs.protocol != "local":
        return list(links_taken(links, from_fs, from_path, to_fs, to_path))
    key = (from_path, to_fs.parent(to_path), *links)
    if key not in _taken:
        _taken[key] = links_taken(links, from_fs, from_path, to_fs, to_path)
    return list(_taken[key])


def quick_dump_yaml(path: str, data: Any, fs: Any = None, **options: Any) -> None:
    """Write an entry of the run cache."""
    text = None if fs is not None or options else quick_dump(data)
    if text is None:
        dump_yaml(path, data, fs=fs, **options)
    else:
        Path(path).write_text(text, "utf-8")
