"""What judging a model yields, as plain values for the report and the verdict of the step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlops_ci.config.models import Better
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One number of a model at the base and now; None where there is none. `slice` is like `carrier=UA`."""

    model: str
    name: str
    slice: str | None = None
    base: float | None = None
    candidate: float | None = None
    better: Better | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """How one gate ended, in words with its numbers.

    verdict: what was seen, also where the gate only warns; `blocks` tells that.
    judged: digests of what was read, by what it is; the model itself is `artifact`. evidence: names all of that.
    findings: empty for a pass, and where a finding about the model's own files says it already.
    """

    model: str
    gate: str
    verdict: Verdict
    words: str
    blocks: bool = True
    findings: tuple[Finding, ...] = ()
    judged: Mapping[str, str] = field(default_factory=dict)
    evidence: Digest | None = None

    @property
    def decided(self) -> bool:
        """Whether there was evidence enough for pass or fail."""
        return self.verdict in (Verdict.PASS, Verdict.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVerdict:
    """All that is said of one model: `findings` holds those of its gates too.

    judged: how many gates ended in pass or fail. With none of them, and no error, nothing was judged: that is no pass.
    computed: whether metrics were computed from predictions just now. stored: whether such metrics were taken from
    what an earlier run stored. Neither holds where no metric comes from predictions, or these are no evidence.
    """

    model: str
    findings: tuple[Finding, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    verdicts: tuple[GateVerdict, ...] = ()
    computed: bool = False
    stored: bool = False

    @property
    def judged(self) -> int:
        """How many gates ended in pass or fail."""
        return sum(verdict.decided for verdict in self.verdicts)
