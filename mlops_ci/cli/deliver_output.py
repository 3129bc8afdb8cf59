"""What `deliver`, `promote` and `rollback` do, and print. What this imports is heavy: import it late."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.text import Text

from mlops_ci.cli.deployments_text import entry_line, package_name
from mlops_ci.cli.printing import told
from mlops_ci.cli.proposed_output import proposed
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import to_json
from mlops_ci.report.live import progress_on
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories import deliver as story
from mlops_ci.stories import rollback as back
from mlops_ci.stories.proposing import Proposed
from mlops_ci.stories.world import World, real_world


def deliver(
    directory: Path, *, environment: str, version: str | None, reason: str | None, dry_run: bool, as_json: bool
) -> ExitCode:  # fmt: skip
    """See `mlops-ci deliver`."""
    order = story.Order(environment=environment, version=version, reason=reason, dry_run=dry_run)
    return _told(directory, lambda world: story.deliver(order, world), dry_run=dry_run, as_json=as_json)


def promote(
    directory: Path, *, source: str, target: str, reason: str | None, dry_run: bool, as_json: bool
) -> ExitCode:  # fmt: skip
    """See `mlops-ci promote`."""

    def work(world: World) -> story.Delivered | Proposed:
        return story.promote(source, target, world, reason=reason, dry_run=dry_run)

    return _told(directory, work, dry_run=dry_run, as_json=as_json)


def roll_back(
    directory: Path, *, environment: str, to: str | None, reason: str | None, dry_run: bool, as_json: bool
) -> ExitCode:  # fmt: skip
    """See `mlops-ci rollback`."""
    with progress_on(console_on(sys.stderr)) as progress:
        done = back.rollback(environment, real_world(directory, progress), to=to, reason=reason, dry_run=dry_run)
    words = (
        f"{environment} {'would run' if dry_run else 'runs'} {entry_line(done.entry or done.to)}",
        f"  before: {entry_line(done.before)}",
        *([f"  entry {done.entry.number} of the ledger"] if done.entry else []),
        *map(render_finding, done.findings),
    )
    facts: dict[str, Json] = {
        "environment": environment, "to": done.to.document(), "done": done.entry is not None,
        "before": done.before.document() if done.before else None,
        "entry": done.entry.document() if done.entry else None,
        "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    return told(map(Text, words), facts, as_json=as_json)


def _told(
    directory: Path, work: Callable[[World], story.Delivered | Proposed], *, dry_run: bool, as_json: bool
) -> ExitCode:
    console = console_on(sys.stderr)
    with progress_on(console) as progress:
        done = work(real_world(directory, progress))
    if isinstance(done, Proposed):
        return proposed(done, as_json=as_json)
    if done.tried is not None and done.exit is not ExitCode.PASS:
        print_report(done.tried.report, console)
    facts: dict[str, Json] = {
        "environment": done.environment, "package": done.candidate.package, "source": done.candidate.source,
        "version": done.candidate.version, "done": done.done, "exit": int(done.exit), "why": done.planned.why,
        "steps": [[str(step), what] for step, what in done.planned.steps],
        "entry": done.entry.document() if done.entry else None,
        "tried": to_json(done.tried.report) if done.tried else None,
        "findings": [finding_to_json(one) for one in done.findings],
    }  # fmt: skip
    told(map(Text, _words(done, dry_run=dry_run)), facts, as_json=as_json)
    return done.exit


def _words(done: story.Delivered, *, dry_run: bool) -> Iterator[str]:
    name = package_name(done.candidate.package)
    if dry_run or not done.planned.steps:
        yield f"{done.environment}: {done.planned.why}"
        width = max((len(step) for step, _ in done.planned.steps), default=0)
        yield from (f"  {step:<{width}}  {what}" for step, what in done.planned.steps)
    elif done.done:
        yield f"{done.environment} runs {entry_line(done.entry)}"
        yield f"  entry {done.entry.number if done.entry else 0} of the ledger; before: {done.planned.why}"
    else:
        yield f"{name} did not pass, and was not delivered; {done.environment} runs {entry_line(done.entry)}"
    yield from map(render_finding, done.findings)
