"""One step of a story, attempted: whatever it raises becomes its verdict, and the story goes on."""

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mlops_ci.core.findings import Finding, Severity
from mlops_ci.core.steps import Step, StepName, judged
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError, refused_by_machine
from mlops_ci.stories.world import World
from mlops_ci.tools.files import write_whole

Value = TypeVar("Value")


def attempt(name: StepName, world: World, work: Callable[[], tuple[Step, Value]]) -> tuple[Step, Value | None]:
    """Do one step, say so, and time it. None instead of a value: it was not finished, and its findings say why."""
    world.progress.step_began(name)
    begin = world.clock()
    value: Value | None = None
    try:
        step, value = work()
    except MlopsCiError as error:
        step = judged(name, "not finished", error.findings)
    except Exception as error:  # a bug of ours must not cost the rest of the report
        refused = refused_by_machine(error) if isinstance(error, OSError) else None
        step = judged(name, "not finished", refused.findings if refused else [_bug(name, error, world)])
    findings = tuple(_reproducible(finding, name) for finding in step.findings)
    step = replace(step, findings=findings, seconds=world.clock() - begin)
    world.progress.step_ended(step)
    return step, value


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
