"""What the number of a version says: which kind of thing changed since the one before. Pure."""

from mlops_ci.core.versions import Bump
from mlops_ci.metadata.run_record import Column
from mlops_ci.models.model_record import ModelRecord


def what_changed(before: ModelRecord, now: ModelRecord) -> Bump:
    """What the next number has to say: signature, pipeline, or only the data. What nobody recorded does not differ."""
    one, other = before.signature, now.signature
    if _differ(one.inputs, other.inputs) or _differ(one.outputs, other.outputs):
        return Bump.MAJOR
    return Bump.MINOR if before.pipeline != now.pipeline else Bump.PATCH


def _differ(before: tuple[Column, ...], now: tuple[Column, ...]) -> bool:
    """Whether columns differ. A column of type `null` had no value where it was read: any type fits it."""
    if not before or not now:
        return False
    return [one.name for one in before] != [one.name for one in now] or any(
        one.type != other.type and "null" not in (one.type, other.type) for one, other in zip(before, now, strict=True)
    )
