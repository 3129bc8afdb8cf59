"""Functions of DVC's, replaced by quicker ones that answer the same.

At a thousand stages the search for a cycle, edge by edge, and the validation of a remote's settings for every single
path are half of what it takes to read them. In a folder of many files most of a walk is to ask of each file whether
one of the folders around it is ignored.
"""

from typing import Any

import networkx

from mlops_ci.tools.dvc.worker.private import IgnorePatterns, check_acyclic, get_cloud_fs, put_in_place

_local: dict[int, tuple[Any, Any, dict[str, Any]]] = {}


def take_shortcuts() -> None:
    """Replace them, in this process."""
    put_in_place(acyclic=quick_check_acyclic, cloud_fs=quick_cloud_fs, not_ignored=quick_not_ignored)


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
