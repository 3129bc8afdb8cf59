"""DVC repositories of a few shell stages, and the real adapter on them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import mlops_ci
from mlops_ci.pipelines.run import how
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.dvc.values import StageResult, StageState
from mlops_ci.tools.environment import inherited
from mlops_ci.tools.executor import ProcessExecutor
from mlops_ci.tools.workers import Worker
from tests.factories import repository

_PACKAGE_ROOT = Path(mlops_ci.__file__).parents[1]
_DVC = {
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
}


def apart(folder: Path) -> dict[str, str]:
    """Variables that keep DVC off this machine's own settings and caches."""
    return {
        "DVC_SITE_CACHE_DIR": str(folder.parent / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(folder.parent / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(folder.parent / "system"),
        "PYTHONPATH": str(_PACKAGE_ROOT),
    }


def scratch(folder: Path, files: Mapping[str, str | bytes], *, dvc: str = "") -> Path:
    """A git repository with `files`, and a DVC repository in its folder `dvc`."""
    inside = {f"{dvc}/{name}" if dvc else name: content for name, content in _DVC.items()}
    return repository(folder, {**inside, **files})


def with_remote(root: Path) -> Path:
    """Give a scratch repository a default remote: the folder `remote` beside it."""
    remote = root.parent / "remote"
    remote.mkdir(exist_ok=True)
    (root / ".dvc/config").write_text("[core]\n    remote = store\n['remote \"store\"']\n    url = ../../remote\n")
    return remote


@contextmanager
def opened(root: Path, dvc: str = "") -> Iterator[DvcRepository]:
    """The adapter on a scratch repository."""

    def start(folder: Path, log: Path) -> Worker:
        return Worker("mlops_ci.tools.dvc.worker", cwd=folder, log=log, environment=apart(root))

    with DvcRepository(root, root / dvc, log=root.parent / "worker.log", start=start) as repo:
        yield repo


def environment(**more: str) -> dict[str, str]:
    """What a stage's command gets."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **more}


def dvc(root: Path, *arguments: str) -> str:
    """Run DVC's own command line."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "dvc", *arguments], cwd=root, env=inherited(apart(root)), check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def reproduced(repo: DvcRepository, address: str, **more: str) -> tuple[str, str]:
    """State and reason after one stage was brought up to date, and dvc.lock written."""
    result = brought_up_to_date(repo, address, **more)
    return str(result.state), result.why


def brought_up_to_date(repo: DvcRepository, address: str, **more: str) -> StageResult:
    """One stage, its inputs being up to date; its log is `logs/stage.log` beside the repository."""
    begun = repo.begin(address, environment=environment(**more))
    if isinstance(begun, StageResult):
        repo.settle()
        return begun
    log = repo.git_root.parent / "logs" / "stage.log"
    with ProcessExecutor(repo.git_root.parent / "logs" / "executor.log") as executor:
        executor.start(begun, log=log)
        (ended,) = executor.wait(None)
    if ended.exit == 0:
        result = replace(repo.finish(address), exit=0, log=log)
    else:
        repo.abandon(address)
        result = StageResult(address=address, state=StageState.FAILED, why=how(ended), exit=ended.exit, log=log)
    repo.settle()
    return result


def emptied(path: Path) -> None:
    """Remove all below a folder of DVC objects, which are read-only."""
    for file in sorted(path.rglob("*"), reverse=True):
        if file.is_dir():
            file.rmdir()
        else:
            file.unlink()
