"""`mlops-ci model`: models by their gates."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.steps import StepName


@click.group()
def model() -> None:
    """Judge models by their gates."""


@model.command()
@click.argument("names", nargs=-1)
@click.option("--base", metavar="REF", help="Commit to compare with.  [default: merge-base with the default branch]")
@click.option("--no-cache", is_flag=True, help="Compute metrics anew.")
@directory_option
@json_option
def validate(names: tuple[str, ...], base: str | None, no_cache: bool, directory: Path, as_json: bool) -> int:
    """Judge the models of mlops-ci.yaml by their gates, as their files lie in the work tree: all, or those named.

    \b
    Examples:
      mlops-ci model validate
      mlops-ci model validate delays --base v1.2.0
      mlops-ci model validate --json
    """
    from mlops_ci.cli.tell import tell  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.stories.request import Request  # noqa: PLC0415

    request = Request(base=base, only=(StepName.MODEL,), names=names, fresh=no_cache)
    return tell(request, directory=directory, as_json=as_json)
