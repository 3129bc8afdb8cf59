"""DVC's `rwlock`, in which processes claim the paths that they work on: what the dead have left in it is taken out.

DVC itself forgets processes that are no more, but takes one for alive that has ended and that nobody has waited for.
After `kill -9` that is the fate of children in containers whose first process looks after nobody.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # installed with DVC

from mlops_ci.tools.dvc.worker.private import Repo, edit_rwlock


def forget_the_dead(repo: Repo) -> None:
    """Let go of the claims of processes that are no more; a file that can't be read is removed, since DVC fails on it.

    To be called with the repository's lock held.
    """
    path = Path(repo.tmp_dir) / "rwlock"
    try:
        claims = json.loads(path.read_bytes())
        dead = {pid for pid in _pids(claims) if _is_dead(pid)}
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError, AttributeError):
        path.unlink()
        return
    if not dead:
        return
    with edit_rwlock(repo.tmp_dir, repo.fs, repo.config["core"].get("hardlink_lock", False)) as lock:
        reading = {file: [one for one in readers if one["pid"] not in dead] for file, readers in lock["read"].items()}
        writing = {file: one for file, one in lock["write"].items() if one["pid"] not in dead}
        lock["read"], lock["write"] = {file: left for file, left in reading.items() if left}, writing


def _pids(claims: Any) -> Iterator[int]:
    for readers in claims["read"].values():
        yield from (one["pid"] for one in readers)
    yield from (one["pid"] for one in claims["write"].values())


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
