"""One story carried out for the command line: told while it runs, written down, printed.

What this imports is heavy, so commands import it when they are called, and `--help` stays quick.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from mlops_ci.cli.tell_record import recorded
from mlops_ci.core.secrets import everywhere, secrets_in
from mlops_ci.core.verdicts import worst_exit
from mlops_ci.metadata.without_secrets import record_without
from mlops_ci.report.console import console_on, print_report
from mlops_ci.report.contract import Report, to_json
from mlops_ci.report.github.commands import commands_stopped
from mlops_ci.report.github.publish import publish
from mlops_ci.report.json_text import json_text
from mlops_ci.report.live import progress_on
from mlops_ci.report.progress import Silent
from mlops_ci.report.write import write_report
from mlops_ci.stories.check import check
from mlops_ci.stories.request import Request
from mlops_ci.stories.world import World, real_world
from mlops_ci.tools.dvc.spare import Spare
from mlops_ci.tools.environment import inherited


def tell(
    request: Request, *, directory: Path, as_json: bool, story: Callable[[Request, World], Report] = check,
    follow: bool = False, spare: Spare | None = None,
) -> int:  # fmt: skip
    """Run the story, write its report and print it; returns the exit code.

    follow: tell what stages print, while they do. spare: a process of DVC's that was begun before; it is ended here.
    A runner of GitHub Actions gets its annotations, summary and outputs, and obeys nothing that is printed meanwhile.
    """
    console, environ = console_on(sys.stderr if as_json else sys.stdout), inherited()
    say = partial(click.echo, err=as_json)
    with spare or Spare() as warm, commands_stopped(environ, say):
        if as_json:
            world = real_world(directory, Silent(), warm)
            report = story(request, world)
        else:
            with progress_on(console, follow=follow) as progress:
                world = real_world(directory, progress, warm)
                report = story(request, world)
        report = _clean(_secrets(environ), report)
        folder = world.own / "report"
        write_report(folder, report)
        if as_json:
            click.echo(json_text(to_json(report)))
        else:
            print_report(report, console)
        told = recorded(world, request, report, say=partial(click.echo, err=True))
    publish(report, folder=folder, environ=environ, write=say)
    return int(worst_exit((report.exit, told)))


def _clean(secrets: tuple[str, ...], report: Report) -> Report:
    report = everywhere(secrets, report)
    if not secrets or report.record is None:
        return report
    return replace(report, record=record_without(secrets, report.record))


def _secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of the variables that MLOPS_CI_SECRETS names: training code may have printed them."""
    names = environ.get("MLOPS_CI_SECRETS", "").split()
    return secrets_in(environ[name] for name in names if name in environ)
