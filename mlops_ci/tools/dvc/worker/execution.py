"""One stage brought up to date by DVC's own code, in two halves: what comes before its commands, and what comes after.

Between the halves the commands run elsewhere, and other stages are begun and finished.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci.tools.dvc.values import Wish
from mlops_ci.tools.dvc.worker.collection import Collection, is_local
from mlops_ci.tools.dvc.worker.description import commands_of
from mlops_ci.tools.dvc.worker.lock_book import LockBook
from mlops_ci.tools.dvc.worker.objects import bring
from mlops_ci.tools.dvc.worker.private import (
    LockError,
    OutputDoesNotExistError,
    ParamsDependency,
    RunCacheNotFoundError,
    claim,
    command_line,
    command_surroundings,
    staged,
)
from mlops_ci.tools.dvc.worker.refusals import (
    CorruptedError,
    DvcRefusedError,
    NoRoomError,
    NotHadError,
    RemoteFailedError,
    RemotePluginMissingError,
    told,
)
from mlops_ci.tools.dvc.worker.remotes import has_remote
from mlops_ci.tools.dvc.worker.run_cache import restored_by_digest
from mlops_ci.tools.dvc.worker.staleness import lock_reasons
from mlops_ci.tools.dvc.worker.upstream import (
    absent_below,
    bring_dependencies,
    bring_listings,
    digests_of,
    put_back,
    take_digests,
)
from mlops_ci.tools.workers import Message

_OUTSIDE = (CorruptedError, RemoteFailedError, RemotePluginMissingError, NotHadError, NoRoomError)


@dataclass(slots=True)
class Underway:
    """Stages whose commands run now, each with the claim on its paths that other processes of DVC's respect."""

    claims: dict[str, ExitStack] = field(default_factory=dict)

    def add(self, address: str, stage: Any) -> None:
        """Claim a stage's paths. Raises LockError where another process uses them."""
        held = ExitStack()
        held.enter_context(claim(stage, f"mlops-ci {address}"))
        self.claims[address] = held

    def remove(self, address: str) -> None:
        """Let go of them."""
        held = self.claims.pop(address, None)
        if held is None:
            raise DvcRefusedError(f"the stage {address} was never begun")
        held.close()


def begin(
    collection: Collection, address: str, environment: Mapping[str, str], wish: Wish, underway: Underway, book: LockBook
) -> Message:  # fmt: skip
    """Either a result, or the commands that are to be run. A lock that another process holds is raised."""
    stage = collection.stages[address]
    result = _data(collection, stage, wish) if not stage.cmd or stage.frozen else None
    if result is None:
        with _refused_as_result() as refused:
            result = _begun(collection, address, stage, environment, wish, book)
        if refused:
            return _failed(refused[0])
    if "commands" in result:
        underway.add(address, stage)
    return result


def finish(collection: Collection, address: str, underway: Underway, book: LockBook) -> Message:
    """Take the outputs of a stage whose commands ended well."""
    stage = collection.stages[address]
    underway.remove(address)
    if book.ignored.changed_elsewhere(stage, Path(collection.repo.scm.root_dir)):
        collection.repo.scm._reset()  # DVC reads all patterns anew: quadratic, were it done after each stage
    with _refused_as_result() as refused:
        _take(collection, stage, book)
    if refused:
        absent = ", ".join(collection.relative(out.fs_path) for out in stage.outs if not out.exists)
        if isinstance(refused[0], OutputDoesNotExistError):
            return {**_failed(refused[0]), "why": f"the command ended well, but did not write {absent}"}
        return _failed(refused[0])
    return {"state": "ran", "why": "ran"}


def _begun(
    collection: Collection, address: str, stage: Any, environment: Mapping[str, str], wish: Wish, book: LockBook
) -> Message:  # fmt: skip
    if not wish.force and not (_changed_in_lock(collection, stage) if wish.pull else stage.changed()):
        return {"state": "cached", "why": "unchanged"}
    if not stage.cmd or stage.frozen:
        return _without_command(collection, stage, book)
    if wish.pull:
        locked = digests_of(stage)
        take_digests(collection, stage)
        if not wish.force and _known_by_digest(collection, stage, book):
            _noted(collection, stage, book)
            return {"state": "cached", "why": "outputs known from the run cache"}
        # DVC takes dependencies that have the digests of now for unchanged, and would give back the outputs of then.
        put_back(stage, locked)
        bring_dependencies(collection, stage)
    refusal = _refusal(collection, stage)
    if refusal:
        return {"state": "failed", "why": refusal}
    stage.remove_outs(ignore_remove=False, force=False)
    if not wish.force and _restored(stage):
        _take(collection, stage, book)
        return {"state": "cached", "why": "outputs restored from the run cache"}
    if wish.force:
        stage.save_deps()
    return _commands(address, stage, environment)


def _changed_in_lock(collection: Collection, stage: Any) -> bool:
    """Whether it has to run were all that is absent brought here first."""
    if stage.is_callback or stage.always_changed:
        return True
    for dep in stage.deps:
        bring_listings(collection, absent_below(collection, dep))
    return bool(lock_reasons(collection, stage))


def _without_command(collection: Collection, stage: Any, book: LockBook) -> Message:
    """As DVC: an import is imported again, what lies here of a .dvc file or of a frozen stage is taken as it is."""
    with _ignoring(collection, stage, book):
        stage.run()
    _noted(collection, stage, book)
    if stage.frozen:
        return {"state": "cached", "why": "frozen: its outputs are taken as they are"}
    return {"state": "ran", "why": "imported" if stage.is_import else "its data changed: taken as it is here"}


def _known_by_digest(collection: Collection, stage: Any, book: LockBook) -> bool:
    with _ignoring(collection, stage, book):
        return restored_by_digest(collection.repo, stage)


def _restored(stage: Any) -> bool:
    """Whether DVC's run cache had the outputs; if not, the digests of the dependencies are those of now."""
    try:
        stage.repo.stage_cache.restore(stage)
    except RunCacheNotFoundError:
        stage.save_deps()
        return False
    return True


def _take(collection: Collection, stage: Any, book: LockBook) -> None:
    """As DVC ends the run of a stage: digests, cache, run cache, and the entry for dvc.lock."""
    untracked = any(not out.use_cache for out in stage.outs if not (out.is_metric or out.is_plot))
    with _ignoring(collection, stage, book):
        stage.save(run_cache=not untracked)
        stage.commit()
    _noted(collection, stage, book)


@contextmanager
def _ignoring(collection: Collection, stage: Any, book: LockBook) -> Iterator[None]:
    """While DVC ignores a stage's outputs: its lines in its own order, and in git's index where that is wished."""
    with staged(collection.repo, book.staging), book.ignored.in_order(stage, book.position(stage)):
        yield


def _noted(collection: Collection, stage: Any, book: LockBook) -> None:
    book.add(stage)
    if stage.path in collection.definitions:
        collection.definitions[stage.path].locked.add(stage.name)


def _commands(address: str, stage: Any, environment: Mapping[str, str]) -> Message:
    with _environment(environment):
        surroundings = command_surroundings(stage)
        argv = [command_line(command) for command in commands_of(stage)]
    header = "".join([f"# {address}\n", *(f"$ {command}\n" for command in commands_of(stage))])
    return {"commands": argv, "cwd": surroundings["cwd"], "environment": surroundings["env"], "header": header}


@contextmanager
def _refused_as_result() -> Iterator[list[Exception]]:
    """DVC's refusals, and what it raises where it does not refuse; only a lock held elsewhere passes."""
    caught: list[Exception] = []
    try:
        yield caught
    except LockError:
        raise
    except Exception as error:  # a result of this stage, and of no other
        caught.append(error)


def _failed(error: Exception) -> Message:
    """kind: the exception's name where what failed is outside of the pipeline."""
    return {
        "state": "failed",
        "why": told(error),
        "kind": type(error).__name__ if isinstance(error, _OUTSIDE) else None,
    }


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


def _data(collection: Collection, stage: Any, wish: Wish) -> Message | None:
    """A .dvc file or a frozen stage: what is absent is brought here. None: DVC itself is to look at it."""
    absent = [out for out in stage.outs if not out.exists]
    for out in absent:
        try:
            bring(collection.repo, out)
        except _OUTSIDE as error:
            # Without `pull` nobody asked for the remote: that it can't be reached only means that data is not here.
            asked = wish.pull and not isinstance(error, NotHadError)
            kind = type(error).__name__ if asked or isinstance(error, CorruptedError | NoRoomError) else None
            return {"state": "failed", "why": _not_here(collection, stage, out, error), "kind": kind}
    return {"state": "cached", "why": "brought from DVC's cache or remote"} if absent else None


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
        return f"{path} is not here: {told(error)}; `dvc push` it from a machine that has it"
    return f"{path} is not here: {told(error)}"


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Exactly this environment, from which DVC makes that of the commands."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
