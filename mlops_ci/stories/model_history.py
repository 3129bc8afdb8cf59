"""`model history`: what became of a model, from the tags that the remote has."""

from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.errors import UsageError
from mlops_ci.models.history import Happening, history_of
from mlops_ci.stories.registry import open_registry
from mlops_ci.tools.work_tree import root_of


def model_history(directory: Path, name: str) -> tuple[Happening, ...]:
    """All that happened to a model, the oldest first. Raises UsageError where nothing did, ServiceError."""
    registry = open_registry(root_of(directory))
    seen = registry.look(name)
    if not seen.versions and not seen.events:
        raise UsageError.at(
            "MC-REG-008", name, "no version of this model is registered", found="none on the remote",
            expected="a registered model", do=f"`mlops-ci model register {name}` after a check that passed",
        )  # fmt: skip
    return history_of(name, seen, registry.tags(name, seen))


def happening_json(one: Happening) -> Json:
    """One of them for programs."""
    return {
        "what": str(one.what), "when": one.when.isoformat() if one.when else None, "by": one.by, "tag": one.tag,
        "version": str(one.version) if one.version else None, "stage": one.stage or None, "message": one.message,
    }  # fmt: skip
