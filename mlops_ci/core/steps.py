"""How one step of `check` ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode, Verdict, verdict_of, worst_exit


class StepName(StrEnum):
    """The steps of `check`, in the order in which they are told."""

    PREFLIGHT = "preflight"
    COMPONENTS = "components"
    PIPELINE = "pipeline"
    DATA = "data"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A finished step. `why` is one line: what was judged, or why nothing was."""

    name: StepName
    verdict: Verdict
    why: str
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0

    @property
    def exit(self) -> ExitCode:
        """The exit code that this step asks for."""
        return worst_exit(finding.exit for finding in self.findings)


def judged(name: StepName, why: str, findings: Iterable[Finding], *, seconds: float = 0.0) -> Step:
    """A step that looked: its verdict is that of its worst finding, pass where there is none."""
    found = tuple(findings)
    verdict = verdict_of(worst_exit(finding.exit for finding in found))
    return Step(name=name, verdict=verdict, why=why, findings=found, seconds=seconds)


def unjudged(
    name: StepName, verdict: Verdict, why: str, findings: Iterable[Finding] = (), *, seconds: float = 0.0
) -> Step:
    """A step that judged nothing (not applicable or skipped), unless a finding says otherwise."""
    found = tuple(findings)
    loud = worst_exit(finding.exit for finding in found)
    return Step(
        name=name, verdict=verdict if loud is ExitCode.PASS else verdict_of(loud), why=why, findings=found,
        seconds=seconds,
    )  # fmt: skip
