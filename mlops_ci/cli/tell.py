"""One story carried out for the command line: told while it runs, written down, printed.

What this imports is heavy, so commands import it when they are called, and `--help` stays quick.
"""

import json
import sys
from pathlib import Path

import click

from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import to_json
from mlops_ci.report.live import progress_on
from mlops_ci.report.progress import Silent
from mlops_ci.report.write import write_report
from mlops_ci.stories.check import check
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import real_world


def tell(request: Request, *, directory: Path, as_json: bool) -> int:
    """Run the story, write its report and print it; returns the exit code."""
    console = console_on(sys.stderr if as_json else sys.stdout)
    if as_json:
        world = real_world(directory, Silent())
        report = check(request, world)
    else:
        with progress_on(console) as progress:
            world = real_world(directory, progress)
            report = check(request, world)
    write_report(world.own / "report", report)
    if as_json:
        click.echo(json.dumps(to_json(report), indent=2))
    else:
        print_report(report, console)
    return int(report.exit)
