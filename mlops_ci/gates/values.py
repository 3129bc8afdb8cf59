"""What judging a model yields, as plain values for the report and the verdict of the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mlops_ci.config.models import Better
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Evidence, Finding
from mlops_ci.core.verdicts import Verdict
from mlops_ci.models.appraisal import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One number of a model at the base and now; None where there is none. `slice` is like `carrier=UA`."""

    model: str
    name: str
    slice: str | None = None
    base: float | None = None
    candidate: float | None = None
    better: Better | None = None


class DrawnKind(StrEnum):
    """What the axis of a drawing holds."""

    VALUE = "value"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSlice:
    """One slice of a condition. value, low, high: None where there is no number, and `why` says why.

    small: too small to judge. required: counts nevertheless.
    """

    name: str
    rows: int
    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    small: bool = False
    required: bool = False
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether the gate hangs on it."""
        return not self.small or self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceCounts:
    """How many slices were judged, and how those ended that did not pass; small: those that were too small to judge."""

    judged: int = 0
    failed: int = 0
    inconclusive: int = 0
    small: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn of one condition of a gate: a number with its interval, beside the line that it has to keep.

    value, low, high: of the metric, or of the difference candidate less champion; without an interval (a point) the
    ends are the value. bound: on the same axis, so a margin of 0.01 is -0.01 where higher values are better; good is
    `above` it, else below. slice_bound: the same in slices. rows, groups: as in `Cell`. champion: who is compared with;
    empty for a value. method: of the interval, in words. confidence: of the interval as drawn, two-sided.
    slices: the worst first, those that are too small at the end. beyond: how many more there are that are not held.
    band: ends of what training again with other seeds yields, on the same axis; points: what each of them yielded.
    """

    metric: str
    kind: DrawnKind
    value: float
    low: float
    high: float
    bound: float
    above: bool
    rows: int
    verdict: Verdict
    better: Better | None = None
    slice_bound: float | None = None
    groups: int | None = None
    champion: str = ""
    method: str = ""
    confidence: float | None = None
    slices: tuple[DrawnSlice, ...] = ()
    beyond: SliceCounts = SliceCounts()
    band: tuple[float, float] | None = None
    points: tuple[float, ...] = ()

    @property
    def counts(self) -> SliceCounts:
        """Of all slices, those that are not held among them."""
        counting = [one for one in self.slices if one.counts]
        verdicts = [one.verdict for one in counting]
        return SliceCounts(
            judged=self.beyond.judged + len(counting),
            failed=self.beyond.failed + verdicts.count(Verdict.FAIL),
            inconclusive=self.beyond.inconclusive + verdicts.count(Verdict.INCONCLUSIVE),
            small=self.beyond.small + len(self.slices) - len(counting),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """How one gate ended, in words with its numbers.

    verdict: what was seen, also where the gate only warns; `blocks` tells that.
    judged: digests of what was read, by what it is; the model itself is `artifact`. evidence: names all of that.
    numbers: what was measured.
    findings: empty for a pass, and where a finding about the model's own files says it already.
    drawn: of each condition that has a number, in the order in which they are told.
    """

    model: str
    gate: str
    verdict: Verdict
    words: str
    blocks: bool = True
    findings: tuple[Finding, ...] = ()
    judged: Mapping[str, str] = field(default_factory=dict)
    numbers: Evidence = field(default_factory=dict)
    evidence: Digest | None = None
    drawn: tuple[Drawn, ...] = ()

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
    sights: what is drawn of tables of predictions, by CANDIDATE or the champion.
    """

    model: str
    findings: tuple[Finding, ...] = ()
    metrics: tuple[MetricRow, ...] = ()
    verdicts: tuple[GateVerdict, ...] = ()
    computed: bool = False
    stored: bool = False
    sights: Mapping[str, Sight] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many gates ended in pass or fail."""
        return sum(verdict.decided for verdict in self.verdicts)

    def and_also(self, verdicts: Sequence[GateVerdict]) -> "ModelVerdict":
        """The same, with verdicts that rest on no metric."""
        said = tuple(finding for verdict in verdicts for finding in verdict.findings)
        return replace(self, verdicts=(*self.verdicts, *verdicts), findings=(*self.findings, *said))
