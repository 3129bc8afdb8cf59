"""Nothing is written through a link that leads out of the repository."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.private import Repo
from mlops_ci.tools.dvc.worker.refusals import LinkOutError


def refuse_links_out(repo: Repo, out: Any, keys: Iterable[tuple[str, ...]]) -> None:
    """Raises LinkOutError where an output, or a folder above or in it, is a link out of the repository.

    keys: paths of files below the output. Links into DVC's cache are DVC's own.
    """
    path = Path(out.fs_path)
    inside = [
        Path(repo.root_dir).resolve(),
        *(Path(one.path).resolve() for one in (repo.cache.local, repo.cache.legacy)),
    ]
    for place in {path.parent, path, *(path.joinpath(*key[:-1]) for key in keys)}:
        try:
            real = place.resolve()
        except RuntimeError as error:
            raise LinkOutError(f"{place} is a link in a circle") from error
        if not any(real.is_relative_to(one) for one in inside):
            raise LinkOutError(f"{place} leads to {real}")
