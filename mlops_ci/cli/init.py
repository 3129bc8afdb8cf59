"""`mlops-ci init`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.errors import MlopsCiError

if TYPE_CHECKING:
    from mlops_ci.proposals.values import Plan, Wish
    from mlops_ci.stories.init import Begun


@click.command(epilog="See docs/add-it.md.")
@directory_option
@json_option
@click.option("--config", is_flag=True, help="Propose an mlops-ci.yaml too, from what dvc.yaml declares.")
@click.option(
    "--main", is_flag=True, help="Propose a workflow for pushes to the default branch too; its job may write."
)
@click.option("--deliver", is_flag=True, help="Propose workflows that deliver packages, roll back and run them, too.")
@click.option("--update", is_flag=True, help="Move the workflow to this version; show what else would be written.")
@click.option("--dry-run", is_flag=True, help="Show the diff, and write nothing.")
def init(*, directory: Path, as_json: bool, **asked: bool) -> None:
    """Add the pull-request check to this repository.

    Looks at the repository and writes .github/workflows/mlops-ci.yml; the diff is shown first, and a file that is
    there with another content is never overwritten (exit code 2).

    \b
    mlops-ci init             write the workflow file
    mlops-ci init --dry-run   show it only
    mlops-ci init --config    and propose datasets, models and components in mlops-ci.yaml
    mlops-ci init --main      and a workflow that records what is pushed to the default branch
    mlops-ci init --deliver   and workflows that deliver to the environments of mlops-ci.yaml
    mlops-ci init --update    move the workflow to the version of this mlops-ci
    """
    from mlops_ci.proposals.values import Wish  # noqa: PLC0415 - keeps `--help` quick

    wish = Wish(**asked)
    if as_json:
        _as_json(directory, wish)
    else:
        _as_text(directory, wish)


def _as_text(directory: Path, wish: "Wish") -> None:
    from mlops_ci.cli.init_text import begun_lines, plan_lines  # noqa: PLC0415

    def show(plan: "Plan") -> None:
        for line in plan_lines(plan):
            click.echo(line)

    begun = _begin(directory, wish, show)
    for line in begun_lines(begun, wish):
        click.echo(line)


def _as_json(directory: Path, wish: "Wish") -> None:
    """The plan is part of the answer where something is refused, too."""
    from mlops_ci.cli.init_text import as_json  # noqa: PLC0415

    plans: list[Plan] = []
    try:
        begun = _begin(directory, wish, plans.append)
    except MlopsCiError as error:
        click.echo(json.dumps(as_json(next(iter(plans), None), None, error.findings), indent=2))
        raise
    click.echo(json.dumps(as_json(begun.plan, begun, ()), indent=2))


def _begin(directory: Path, wish: "Wish", show: "Callable[[Plan], None]") -> "Begun":
    from mlops_ci.stories.init import init as begin  # noqa: PLC0415
    from mlops_ci.tools.git import open_repository  # noqa: PLC0415

    with open_repository(directory) as repository:
        return begin(wish, repository, show=show)
