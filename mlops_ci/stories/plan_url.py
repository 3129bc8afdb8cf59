"""`pipeline plan GIT-URL`: the plan of a repository that is not here, with nothing of it executed or asked."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from mlops_ci.errors import ServiceError
from mlops_ci.metadata.timings import expected
from mlops_ci.stories.plan import Drawn, drawn
from mlops_ci.tools.dvc.apart import make_apart, worker_apart
from mlops_ci.tools.dvc.folders import dvc_folders
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.starting import log_name
from mlops_ci.tools.git_clone import clone_apart, is_git_url, without_secrets
from mlops_ci.tools.processes import Processes
from mlops_ci.tools.workers import Worker

__all__ = ["Limits", "is_git_url", "plan_url"]

_ROOT = PurePosixPath()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds to clone, seconds to plan, and bytes of memory to plan in: files may be made to keep a reader busy."""

    clone: float = 300.0
    plan: float = 120.0
    memory: int = 4 * 1024**3


_USUAL = Limits()


def plan_url(url: str, *, processes: Processes, limits: Limits = _USUAL) -> Drawn:
    """Clone the newest commit, plan it, and leave nothing behind.

    Raises ServiceError where it can't be cloned or takes too long, UsageError where there is no pipeline in it.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-ci-plan-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve() / "clone"
        commit = clone_apart(url, root, processes=processes, seconds=limits.clone)
        owned = dvc_folders(root, processes)
        homes = sorted({home or _ROOT for home in owned})
        remotes = {home: make_apart(root, home) for home in homes}
        found = _planned(root, homes, limits, url)
    about = (f"{without_secrets(url)} at {commit[:12]}", *_remarks(remotes, without_dvc=None in owned))
    return replace(found, origin=without_secrets(url), about=about)


def _planned(root: Path, homes: Sequence[PurePosixPath], limits: Limits, url: str) -> Drawn:
    start = partial(_worker, root.parent, limits)
    begin = time.monotonic()
    with ExitStack() as held:
        repositories = [
            held.enter_context(DvcRepository(root, root / home, log=root.parent / log_name(home), start=start))
            for home in homes
        ]  # fmt: skip
        try:
            return drawn({}, repositories, (), seconds=expected(root / ".mlops-ci/timings.jsonl"), apart=True)
        except ServiceError as error:
            if time.monotonic() - begin < limits.plan:
                raise
            raise _too_long(url, limits) from error


def _worker(beside: Path, limits: Limits, root: Path, log: Path) -> Worker:
    return worker_apart(beside, seconds=limits.plan, memory=limits.memory, root=root, log=log)


def _remarks(remotes: Mapping[PurePosixPath, str | None], *, without_dvc: bool) -> Iterator[str]:
    if without_dvc:
        yield "it has no .dvc: planned as if `dvc init` had been run at its root; nobody knows where its data is"
    for home, kind in remotes.items():
        where = "its" if home == _ROOT else f"{home}: its"
        if kind is not None:
            yield f"{where} remote ({kind}) is not asked: data that is not in git is taken to be there"
        elif not without_dvc:
            yield f"{where} configuration names no default remote, so data that is not in git is nowhere to be had"


def _too_long(url: str, limits: Limits) -> ServiceError:
    return ServiceError.at(
        "MC-PLAN-008", without_secrets(url), "it could not be planned in time", found=f"{limits.plan:.0f} s were over",
        expected="files that DVC reads within that time",
        do="clone it, and if you trust it, run `mlops-ci pipeline plan -C FOLDER`",
    )  # fmt: skip
