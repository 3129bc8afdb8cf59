"""`model compare`: what two versions differ in."""

from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.models.comparing import Change, Compared, Side, compare
from mlops_ci.models.model_record import ModelRecord
from mlops_ci.models.registry import Registry
from mlops_ci.stories.model_card import proven
from mlops_ci.stories.registry import known_version, open_registry
from mlops_ci.tools.work_tree import root_of


def compare_models(directory: Path, one: str, other: str) -> tuple[Compared, tuple[ModelRecord, ModelRecord]]:
    """Two versions, each `name@v1.2.3` or the newest by `name`, with their records.

    Raises UsageError, ServiceError, IntegrityError where one of them is not to be believed.
    """
    root = root_of(directory)
    registry = open_registry(root)
    sides = _side(root, registry, one), _side(root, registry, other)
    return compare(*sides), (sides[0].record, sides[1].record)


def compared_json(compared: Compared, records: tuple[ModelRecord, ModelRecord]) -> Json:
    """For programs."""
    return {
        "versions": [f"{one.name}@{one.version}" for one in records],
        "runs": [one.run for one in records],
        "changed": list(compared.kinds),
        "metrics": [_change(one) for one in compared.metrics],
        "signature": [_change(one) for one in compared.signature],
        "causes": [
            {"kind": str(one.kind), "name": one.subject, "before": one.before, "now": one.after}
            for one in compared.causes
        ],
        "verdict": compared.verdict,
    }


def _side(root: Path, registry: Registry, text: str) -> Side:
    shown = known_version(root, text)
    record, run = proven(registry, shown.name, shown.version)
    return Side(record=record, run=run)


def _change(one: Change) -> Json:
    return {"name": one.name, "before": one.before, "now": one.now}
