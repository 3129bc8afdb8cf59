"""One stage brought up to date by DVC's own code: its change check, its run cache, its lock file."""

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.description import commands_of
from mlops_ci.tools.dvc.worker.objects import bring
from mlops_ci.tools.dvc.worker.private import (
    LockError,
    OutputDoesNotExistError,
    ParamsDependency,
    Repo,
    StageCmdFailedError,
)
from mlops_ci.tools.dvc.worker.refusals import (
    CorruptedError,
    NotHadError,
    RemoteFailedError,
    RemotePluginMissingError,
    told,
)
from mlops_ci.tools.dvc.worker.remotes import has_remote
from mlops_ci.tools.workers import Message

_EXIT = re.compile(r"exited with (-?\d+)\Z")


class WatchedRunCache:
    """DVC's run cache, which also tells whether it has restored a stage's outputs."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        self.restored = False

    def restore(self, *arguments: Any, **options: Any) -> None:
        """As in DVC: raises where there is nothing to restore."""
        self._cache.restore(*arguments, **options)
        self.restored = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


def reproduce(collection: Collection, address: str, environment: Mapping[str, str], log: Path) -> Message:
    """State, why, exit code and seconds. A lock that another process holds is raised, all else is a result."""
    begin = time.monotonic()
    stage = collection.stages[address]
    result = _data(collection, stage) if not stage.cmd or stage.frozen else None
    if result is None:
        with _output_to(log, _header(address, stage)), _environment(environment):
            result = _executed(collection, stage)
    return {"exit": None, **result, "seconds": time.monotonic() - begin}


def _executed(collection: Collection, stage: Any) -> Message:
    repo = collection.repo
    repo.stage_cache.restored = False
    try:
        with repo.scm_context(autostage=False, quiet=True):
            if not stage.changed():
                return {"state": "cached", "why": "unchanged"}
            refusal = _refusal(collection, stage)
            if refusal:
                return {"state": "failed", "why": refusal}
            stage.run()
            stage.dump(update_pipeline=False)
    except LockError:
        raise
    except StageCmdFailedError as error:
        return _command_failed(str(error))
    except OutputDoesNotExistError:
        absent = ", ".join(collection.relative(out.fs_path) for out in stage.outs if not out.exists)
        return {"state": "failed", "why": f"the command ended well, but did not write {absent}", "exit": 0}
    except Exception as error:  # DVC's refusals, and what it raises where it does not refuse
        return {"state": "failed", "why": told(error)}
    if repo.stage_cache.restored:
        return {"state": "cached", "why": "outputs restored from the run cache"}
    return {"state": "ran", "why": "ran", "exit": 0}


def _command_failed(message: str) -> Message:
    match = _EXIT.search(message)
    code = int(match[1]) if match else None
    if code is not None and code < 0:
        return {"state": "failed", "why": f"ended by signal {-code}", "exit": code}
    return {"state": "failed", "why": f"exit {code}", "exit": code}


def _refusal(collection: Collection, stage: Any) -> str:
    """What DVC would refuse only after it has removed the outputs, or even run the command."""
    for dep in stage.deps:
        if is_local(dep) and not dep.exists:
            kind = "parameter file" if isinstance(dep, ParamsDependency) else "dependency"
            return f"{kind} {collection.relative(dep.fs_path)} is not there"
    for out in stage.outs:
        if out.use_cache and not out.is_in_repo:
            return f"output {out.def_path} lies outside of the DVC repository"
        if out.use_scm_ignore and collection.repo.scm.is_tracked(out.fspath):
            path = collection.relative(out.fs_path)
            return f"output {path} is tracked by git (SCM) and by DVC: `git rm -r --cached {path}`, or `cache: false`"
    return ""


def _data(collection: Collection, stage: Any) -> Message | None:
    """A .dvc file or a frozen stage: what is absent is brought here. None: DVC itself is to look at it."""
    absent = [out for out in stage.outs if not out.exists]
    for out in absent:
        try:
            bring(collection.repo, out)
        except (NotHadError, CorruptedError, RemoteFailedError, RemotePluginMissingError) as error:
            return {"state": "failed", "why": _not_here(collection, stage, out, error)}
    if absent:
        return {"state": "cached", "why": "brought from DVC's cache or remote"}
    return None if stage.cmd else {"state": "cached", "why": "used as it is here"}


def _not_here(collection: Collection, stage: Any, out: Any, error: Exception) -> str:
    path = collection.relative(out.fs_path)
    pull = f"`dvc pull {os.path.relpath(out.fs_path, collection.repo.root_dir)}`"
    if not out.use_cache:
        return f"{path} is not here, and DVC does not keep it (`cache: false`)"
    if stage.is_import:
        return f"{path} is not here: {pull} brings it from where it was imported"
    if not has_remote(collection.repo):
        return f"{path} is not here: {pull} would bring it, but no remote is configured"
    if isinstance(error, NotHadError):
        return f"{path} is not here, and the remote lacks it: `dvc push` it from a machine that has it"
    return f"{path} is not here: {told(error)}"


def _header(address: str, stage: Any) -> str:
    return "".join([f"# {address}\n", *(f"$ {command}\n" for command in commands_of(stage))])


@contextmanager
def _output_to(log: Path, header: str) -> Iterator[None]:
    """Standard output and error of this process, and so of the command, go to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = os.dup(1), os.dup(2)
    _flush()
    with log.open("wb", buffering=0) as file:
        file.write(header.encode("utf-8", "surrogateescape"))
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            for descriptor in kept:
                os.close(descriptor)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Exactly this environment, which the command inherits."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def watch(repo: Repo) -> None:
    """Let the repository's run cache tell what it restores."""
    repo.stage_cache = WatchedRunCache(repo.stage_cache)
