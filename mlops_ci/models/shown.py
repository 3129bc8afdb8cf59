"""A registered version as commands show it."""

from dataclasses import dataclass

from mlops_ci.core.findings import Finding
from mlops_ci.core.versions import Version
from mlops_ci.models.model_record import ModelRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One version. record: None where it is not to be believed: `findings` say why. versions: how many there are."""

    name: str
    version: Version
    commit: str
    record: ModelRecord | None
    stages: tuple[str, ...] = ()
    deprecated: bool = False
    findings: tuple[Finding, ...] = ()
    versions: int = 1
