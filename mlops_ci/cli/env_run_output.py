"""What `mlops-ci env run` does, and prints. What this imports is heavy: import it late."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from mlops_ci.cli.deployments_text import package_name
from mlops_ci.cli.printing import told
from mlops_ci.cli.tell_record import told as recorded_words
from mlops_ci.core.digests import Json
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import to_json
from mlops_ci.report.live import progress_on
from mlops_ci.report.terminal import render_finding
from mlops_ci.stories.environment_runs import Ran, run_environment
from mlops_ci.stories.world import real_world


def run(
    directory: Path, *, environment: str, inputs: Path | None, force: bool, push: bool, as_json: bool
) -> ExitCode:  # fmt: skip
    """See `mlops-ci env run`."""
    console = console_on(sys.stderr if as_json else sys.stdout)
    with progress_on(console) as progress:
        world = real_world(directory, progress)
        ran = run_environment(environment, world, inputs=inputs, force=force, push=push)
    print_report(ran.report, console)
    told(map(Text, _run_words(ran)), _run_facts(ran), as_json=as_json)
    return ran.exit


def _run_words(ran: Ran) -> Iterator[str]:
    yield f"{ran.environment} ran {package_name(ran.entry.package)}: {ran.report.verdict}"
    if ran.recorded is not None:
        yield recorded_words(ran.recorded)
    yield from (f"registered: {one.tag.name}" for one in ran.registered)
    yield from map(render_finding, ran.findings)


def _run_facts(ran: Ran) -> dict[str, Json]:
    return {
        "environment": ran.environment, "package": ran.entry.package, "entry": ran.entry.number,
        "exit": int(ran.exit), "report": to_json(ran.report),
        "run": ran.recorded.run.id if ran.recorded else None,
        "pushed": ran.recorded.run.pushed if ran.recorded else False,
        "registered": [one.tag.name for one in ran.registered],
        "findings": [finding_to_json(one) for one in ran.findings],
    }  # fmt: skip
