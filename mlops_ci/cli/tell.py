"""One story carried out for the command line: told while it runs, written down, printed.

What this imports is heavy, so commands import it when they are called, and `--help` stays quick.
"""

import sys
from functools import partial
from pathlib import Path

import click

from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import to_json
from mlops_ci.report.github.commands import commands_stopped
from mlops_ci.report.github.publish import publish
from mlops_ci.report.json_text import json_text
from mlops_ci.report.live import progress_on
from mlops_ci.report.progress import Silent
from mlops_ci.report.write import write_report
from mlops_ci.stories.check import check
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import real_world
from mlops_ci.tools.environment import inherited


def tell(request: Request, *, directory: Path, as_json: bool) -> int:
    """Run the story, write its report and print it; returns the exit code.

    A runner of GitHub Actions gets its annotations, summary and outputs, and obeys nothing that is printed meanwhile.
    """
    console, environ = console_on(sys.stderr if as_json else sys.stdout), inherited()
    say = partial(click.echo, err=as_json)
    with commands_stopped(environ, say):
        if as_json:
            world = real_world(directory, Silent())
            report = check(request, world)
        else:
            with progress_on(console) as progress:
                world = real_world(directory, progress)
                report = check(request, world)
        folder = world.own / "report"
        write_report(folder, report)
        if as_json:
            click.echo(json_text(to_json(report)))
        else:
            print_report(report, console)
    publish(report, folder=folder, environ=environ, write=say)
    return int(report.exit)
