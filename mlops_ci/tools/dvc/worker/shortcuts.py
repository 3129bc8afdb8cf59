"""Two functions of DVC's, replaced by quicker ones that answer the same.

At a thousand stages the search for a cycle, edge by edge, and the validation of a remote's settings for every single
path are half of what it takes to read them.
"""

from collections.abc import Callable
from typing import Any

import dvc.output
import dvc.repo.graph
import networkx

_find_cycle: Callable[[Any], None] = dvc.repo.graph.check_acyclic
_cloud_fs: Callable[..., tuple[Any, dict[str, Any], str]] = dvc.output.get_cloud_fs
_local: dict[int, tuple[Any, Any, dict[str, Any]]] = {}


def _check_acyclic(graph: Any) -> None:
    """Raises what DVC raises, where there is a cycle to be named."""
    if not networkx.is_directed_acyclic_graph(graph):
        _find_cycle(graph)


def _get_cloud_fs(config: Any, **options: Any) -> tuple[Any, dict[str, Any], str]:
    """A plain path lies on this machine, whatever its name: what DVC says of the first holds for all."""
    url = options.get("url")
    if len(options) != 1 or not isinstance(url, str) or ":" in url:
        return _cloud_fs(config, **options)
    if id(config) not in _local:
        cls, settings, _ = _cloud_fs(config, url="path")
        _local[id(config)] = (config, cls, settings)  # kept, so that no other gets its identity
    _, cls, settings = _local[id(config)]
    return cls, dict(settings), cls._strip_protocol(url)


def take_shortcuts() -> None:
    """Replace them, in this process."""
    dvc.repo.graph.check_acyclic = _check_acyclic
    dvc.output.get_cloud_fs = _get_cloud_fs
