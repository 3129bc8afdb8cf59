"""A store of computed metrics, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Scalar
from mlops_ci.metadata.verdicts import Stored


@dataclass(slots=True)
class MemoryStore:
    """Keeps what is put, whatever it is."""

    kept: dict[Digest, Stored] = field(default_factory=dict)

    def get(self, key: Digest) -> Stored | None:
        """See MetricStore.get."""
        return self.kept.get(key)

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        """See MetricStore.put."""
        self.kept[key] = Stored(findings=tuple(findings), facts=dict(facts))


@dataclass(slots=True)
class AnsweringStore:
    """Has one answer for every table: these facts."""

    facts: Mapping[str, Scalar]

    def get(self, _: Digest) -> Stored | None:
        """See MetricStore.get."""
        return Stored(facts=self.facts)

    def put(self, key: Digest, findings: Sequence[Finding], facts: Mapping[str, Scalar]) -> None:
        """See MetricStore.put."""
        raise AssertionError(f"what was known was computed again: {key}, {findings}, {facts}")
