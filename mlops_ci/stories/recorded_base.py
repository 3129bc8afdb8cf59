"""The base where no dvc.lock is committed: what a recorded run of that commit locked."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from mlops_ci.core.findings import Finding, note
from mlops_ci.errors import MlopsCiError
from mlops_ci.metadata.base_state import BaseState, Revisions, base_state
from mlops_ci.metadata.runs import Run, RunStore
from mlops_ci.stories.links import broken_files

LOCK = "dvc.lock"
_ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBase:
    """state: None where no run counts. why: what the report says of it. findings: why nobody could be asked."""

    state: BaseState | None
    why: str
    findings: tuple[Finding, ...] = ()


def has_lock(state: BaseState) -> bool:
    """Whether a commit has a dvc.lock, readable or not."""
    return any(path.name == LOCK for path in state.locks)


def recorded_base(repository: Revisions, store: RunStore, commit: str) -> RecordedBase:
    """What the newest run of a commit locked; pushed runs before those of this clone.

    A run of a work tree with changes, or one that ended with an error, is no base, and one whose links do not hold
    neither. A remote that can't be asked is a note.
    """
    try:
        run = _newest(store, commit)
    except MlopsCiError as error:
        first = error.findings[0]
        why = "no dvc.lock is committed there, and recorded runs could not be asked for"
        what = "whether a run of the base is recorded could not be asked, so nothing is compared with one"
        return RecordedBase(
            state=None, why=why, findings=(note("MC-BASE-003", "base", what, found=first.found, do=first.do),)
        )
    if run is None:
        return RecordedBase(state=None, why="no dvc.lock is committed there, and no run of it is recorded")
    why = f"its run {run.id}, since no dvc.lock is committed there"
    return RecordedBase(state=base_state(repository, run.commit), why=why)


def _newest(store: RunStore, commit: str) -> Run | None:
    names = sorted(store.of_source(commit), key=lambda one: (one.pushed, one.id), reverse=True)
    for run in store.read(names):
        if isinstance(run, Run) and _counts(run, commit):
            store.bring([run.named])
            if _holds(run, store, commit):
                return run
    return None


def _counts(run: Run, commit: str) -> bool:
    record = run.record
    locks = [path for path in record.files if PurePosixPath(path).name == LOCK]
    return record.source.commit == commit and record.source.diff is None and record.verdict != _ERROR and bool(locks)


def _holds(run: Run, store: RunStore, commit: str) -> bool:
    """Whether the run's commit is on the commit that was run, with the files that the record names."""
    parent = store.objects.resolve(f"{run.commit}^")
    return parent == commit and not any(broken_files(store.objects, run.commit, run.record, subject=run.id))
