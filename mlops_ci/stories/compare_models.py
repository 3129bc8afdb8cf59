"""`model compare`: what two versions differ in."""

from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.metadata.runs import RunStore
from mlops_ci.models.comparing import Change, Compared, Side, compare
from mlops_ci.models.model_record import ModelRecord
from mlops_ci.stories.model_card import run_of
from mlops_ci.stories.record import run_store
from mlops_ci.stories.registry import known_version
from mlops_ci.tools.work_tree import root_of


def compare_models(directory: Path, one: str, other: str) -> tuple[Compared, tuple[ModelRecord, ModelRecord]]:
    """Two versions, each `name@v1.2.3` or the newest by `name`, with their records.

    Raises UsageError, ServiceError, and what is wrong with one of them.
    """
    root = root_of(directory)
    store = run_store(root)
    sides = _side(root, store, one), _side(root, store, other)
    return compare(*sides), (sides[0].record, sides[1].record)


def compared_json(compared: Compared, records: tuple[ModelRecord, ModelRecord]) -> Json:
    """For programs."""
    return {
        "versions": [f"{one.name}@{one.version}" for one in records],
        "runs": [one.run for one in records],
        "changed": list(compared.kinds),
        "metrics": [_change(one) for one in compared.metrics],
        "signature": [_change(one) for one in compared.signature],
        "pipeline": [_change(one) for one in compared.pipeline],
        "params": [_change(one) for one in compared.params],
        "data": [_change(one) for one in compared.data],
        "runs-compared": compared.runs,
    }


def _side(root: Path, store: RunStore, text: str) -> Side:
    shown = known_version(root, text)
    if shown.record is None:
        raise AssertionError("a version that is shown alone has its record")
    run = run_of(store, shown.record.run)
    return Side(record=shown.record, run=run.record if run else None)


def _change(one: Change) -> Json:
    return {"name": one.name, "before": one.before, "now": one.now}
