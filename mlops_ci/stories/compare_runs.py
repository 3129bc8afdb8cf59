"""`run compare`: what two recorded runs differ in, and what explains it."""

from dataclasses import dataclass
from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.metadata.comparison import Comparison, compare_runs
from mlops_ci.metadata.runs import Run
from mlops_ci.stories.run_store import run_store
from mlops_ci.tools.work_tree import root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRuns:
    """Two runs, the first being what was, and what they differ in."""

    runs: tuple[Run, Run]
    comparison: Comparison


def compared_runs(directory: Path, one: str, other: str, *, local: bool) -> ComparedRuns:
    """Two runs by their names, or how these begin. Raises UsageError, IntegrityError, ServiceError."""
    store = run_store(root_of(directory), remote=not local)
    runs = store.one(one), store.one(other)
    return ComparedRuns(runs=runs, comparison=compare_runs(*(run.record for run in runs)))


def compared_json(compared: ComparedRuns) -> Json:
    """For programs."""
    found = compared.comparison
    return {
        "runs": [run.id for run in compared.runs],
        "verdict": found.verdict,
        "cause": str(found.cause) if found.cause else None,
        "changed": [str(kind) for kind in found.kinds],
        "causes": [
            {"kind": str(one.kind), "subject": one.subject, "before": one.before, "after": one.after}
            for one in found.causes
        ],
        "metrics": [
            {
                "model": one.model, "name": one.name, "slice": one.slice, "before": one.before, "after": one.after,
                "better": one.better,
            }
            for one in found.results
        ],
        "outputs": [{"path": one.subject, "before": one.before, "after": one.after} for one in found.outputs],
        "verdicts": [{"subject": one.subject, "before": one.before, "after": one.after} for one in found.verdicts],
    }  # fmt: skip
