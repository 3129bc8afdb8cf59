"""Whether a run is recorded after it was reported, and what is said of that."""

from collections.abc import Callable

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError
from mlops_ci.report.contract import Report
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.record import Recorded, may_write, record_last
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import World


def recorded(world: World, request: Request, report: Report, *, say: Callable[[str], None]) -> ExitCode:
    """Record the run where that is wanted, in CI by default where the token may write.

    What stands in the way is said, and becomes the exit code. An interrupted run, and one before the first commit, is
    none.
    """
    in_ci = bool(world.environ.get("GITHUB_ACTIONS"))
    if request.record is False or report.record is None or report.exit is ExitCode.INTERRUPTED:
        return ExitCode.PASS
    if request.record is None and not (in_ci and may_write(world.root)):
        return ExitCode.PASS
    try:
        done = record_last(world, push=request.run.push or in_ci)
    except MlopsCiError as error:
        for finding in error.findings:
            say(render_finding(finding))
        return error.exit
    say(told(done))
    return ExitCode.PASS


def told(done: Recorded) -> str:
    """What was recorded, and what was not sent."""
    where = "pushed" if done.run.pushed else "in this clone only"
    lines = [f"recorded: {done.run.id} ({where})", *done.sent, *map(render_finding, done.findings)]
    return "\n".join(lines)
