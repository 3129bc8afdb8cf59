"""`mlops-ci report`: what a check has written, shown again or told to the pull request."""

import sys
from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option

_path = click.argument("path", type=click.Path(path_type=Path), default=Path(".mlops-ci/report"))


@click.group()
def report() -> None:
    """Show a stored report, or keep it as the comment of a pull request."""


@report.command()
@directory_option
@json_option
@_path
def show(directory: Path, as_json: bool, path: Path) -> None:
    """Print a stored report again: PATH is a report.json or its folder, by default this repository's.

    \b
    Examples:
      mlops-ci report show
      mlops-ci report show downloaded/report.json
    """
    from mlops_ci.report.console import console_on, print_report  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.report.contract import to_json  # noqa: PLC0415
    from mlops_ci.report.github.commands import commands_stopped  # noqa: PLC0415
    from mlops_ci.report.json_text import json_text  # noqa: PLC0415
    from mlops_ci.report.reader import read_report  # noqa: PLC0415
    from mlops_ci.tools.environment import inherited  # noqa: PLC0415

    found = read_report(directory / path)
    if as_json:
        click.echo(json_text(to_json(found)))
        return
    with commands_stopped(inherited(), click.echo):
        print_report(found, console_on(sys.stdout))


@report.command()
@directory_option
@json_option
@click.option("--name", metavar="NAME", help="Which of several comments.  [default: the workflow's name]")
@click.option("--dry-run", is_flag=True, help="Say what would be done, print the comment, write nothing.")
@_path
def comment(directory: Path, as_json: bool, name: str | None, dry_run: bool, path: Path) -> None:
    """Keep a report as one comment of the pull request: created once, then updated in place.

    The pull request comes from the event that started the workflow, the forge from GITHUB_API_URL and
    GITHUB_REPOSITORY, the permission from GITHUB_TOKEN. Where there is no pull request, or no permission to comment,
    that is said and nothing fails. The report is read as data that anybody may have written.

    \b
    Examples:
      mlops-ci report comment downloaded-report/
      mlops-ci report comment --dry-run
    """
    from mlops_ci.cli.tell_comment import tell_comment  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.report.json_text import json_text  # noqa: PLC0415

    activity = tell_comment(directory / path, name=name, dry_run=dry_run, quiet=as_json)
    if as_json:
        click.echo(json_text(dict(activity)))
