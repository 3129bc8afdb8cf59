"""Steps of a story, attempted: whatever one raises becomes its verdict, and the story goes on."""

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import ExitCode, Verdict
from mlops_ci.errors import MlopsCiError, refused_by_machine
from mlops_ci.stories.world import World
from mlops_ci.tools.files import write_whole

Value = TypeVar("Value")


class Attempts:
    """The steps of one story. After an interruption no further step begins."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.interrupted = False

    def attempt(self, name: StepName, work: Callable[[], tuple[Step, Value]]) -> tuple[Step, Value | None]:
        """Do one step, say so, and time it. None instead of a value: it was not finished, and its findings say why."""
        if self.interrupted:
            return unjudged(name, Verdict.SKIPPED, "interrupted before it began"), None
        self._world.progress.step_began(name)
        begin = self._world.clock()
        step, value = self._done(name, work)
        findings = tuple(_reproducible(finding, name) for finding in step.findings)
        step = replace(step, findings=findings, seconds=self._world.clock() - begin)
        self.interrupted = step.exit is ExitCode.INTERRUPTED
        self._world.progress.step_ended(step)
        return step, value

    def _done(self, name: StepName, work: Callable[[], tuple[Step, Value]]) -> tuple[Step, Value | None]:
        try:
            return work()
        except MlopsCiError as error:
            findings = error.findings
        except KeyboardInterrupt:
            findings = (interruption(str(name), left=f"the rest of the step {name}"),)
        except Exception as error:  # a bug of ours must not cost the rest of the report
            refused = refused_by_machine(error) if isinstance(error, OSError) else None
            findings = refused.findings if refused else (_bug(name, error, self._world),)
        return judged(name, "not finished", findings), None


def interruption(subject: str, *, left: str) -> Finding:
    """SIGINT or SIGTERM came. `left`: what was not done."""
    return Finding(
        code="MC-CHECK-130", subject=subject, what="interrupted", exit=ExitCode.INTERRUPTED,
        found=f"not done: {left}", expected="an end of its own", do="run the same command again: it goes on from here",
    )  # fmt: skip


def _reproducible(finding: Finding, name: StepName) -> Finding:
    """Every error carries a command that shows it again; where a room named none, it is the step itself."""
    if finding.reproduce or finding.severity is not Severity.ERROR:
        return finding
    return replace(finding, reproduce=f"mlops-ci check --only {name}")


def _bug(name: StepName, error: Exception, world: World) -> Finding:
    log = world.own / "logs" / f"bug-{name}.log"
    write_whole(log, traceback.format_exc().encode("utf-8", "backslashreplace"))
    return Finding(
        code="MC-BUG-001",
        subject=str(name),
        what="this is a bug in mlops-ci",
        exit=ExitCode.BUG,
        found=f"{type(error).__name__}: {error}",
        do=f"please report it with the text of {log.relative_to(world.root)}: "
        "https://github.com/mlops-ci/mlops-ci/issues",
    )
