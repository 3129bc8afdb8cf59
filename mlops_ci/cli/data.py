"""`mlops-ci data`: datasets by their suites."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.steps import StepName


@click.group()
def data() -> None:
    """Judge datasets by their Great Expectations suites."""


@data.command()
@click.argument("names", nargs=-1)
@click.option(
    "--no-cache", is_flag=True, help="Judge anew; rows.json then holds the offending rows, with their values."
)
@directory_option
@json_option
def validate(names: tuple[str, ...], no_cache: bool, directory: Path, as_json: bool) -> int:
    """Judge the datasets of mlops-ci.yaml by their suites, as they lie in the work tree: all, or those named.

    \b
    Examples:
      mlops-ci data validate
      mlops-ci data validate flights --no-cache
      mlops-ci data validate --json
    """
    from mlops_ci.cli.tell import tell  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.stories.request import Request  # noqa: PLC0415

    request = Request(only=(StepName.DATA,), names=names, fresh=no_cache)
    return tell(request, directory=directory, as_json=as_json)
