"""`mlops-ci component`: the components that stages run. Heavy imports wait until a command is called."""

import json
import sys
from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.steps import StepName
from mlops_ci.core.verdicts import worst_exit
from mlops_ci.report.terminal import render_finding

_base_option = click.option(
    "--base", metavar="REF", help="Commit to compare with.  [default: merge-base with the default branch]"
)
_names = click.argument("names", nargs=-1)


@click.group()
def component() -> None:
    """List, test and build the components that stages run."""


@component.command(name="list")
@directory_option
@json_option
@_base_option
def list_(directory: Path, as_json: bool, base: str | None) -> None:
    """Show all components, and which changed since the base.

    \b
    Examples:
      mlops-ci component list
      mlops-ci component list --base v1.2.0 --json
    """
    from mlops_ci.report.progress import Silent  # noqa: PLC0415
    from mlops_ci.stories.components import list_components  # noqa: PLC0415
    from mlops_ci.stories.world import real_world  # noqa: PLC0415

    found = list_components(real_world(directory, Silent()), base=base)
    if as_json:
        rows = [{"name": one.name, "path": str(one.path), "requires": one.requires, "why": why} for one, why in found]
        click.echo(json.dumps({"components": rows}))
        return
    if not found:
        click.echo("mlops-ci.yaml names no components")
    width = max((len(one.name) for one, _ in found), default=0)
    for one, why in found:
        click.echo(f"{one.name:<{width}}  {why or 'not changed since the base'}")


@component.command()
@directory_option
@json_option
@_base_option
@_names
def test(directory: Path, as_json: bool, base: str | None, names: tuple[str, ...]) -> int:
    """Test components in the pipeline's Python: those named, else those that changed since the base.

    \b
    Examples:
      mlops-ci component test
      mlops-ci component test features
    """
    from mlops_ci.cli.tell import tell  # noqa: PLC0415
    from mlops_ci.stories.request import Request  # noqa: PLC0415

    request = Request(base=base, only=(StepName.COMPONENTS,), names=names)
    return tell(request, directory=directory, as_json=as_json)


@component.command()
@directory_option
@json_option
@_names
def build(directory: Path, as_json: bool, names: tuple[str, ...]) -> int:
    """Build components into wheels: those named, else all. What was built before is only named.

    \b
    Examples:
      mlops-ci component build
      mlops-ci component build features --json
    """
    from mlops_ci.report.console import console_on  # noqa: PLC0415
    from mlops_ci.report.live import progress_on  # noqa: PLC0415
    from mlops_ci.stories.components import build_components  # noqa: PLC0415
    from mlops_ci.stories.world import real_world  # noqa: PLC0415

    with progress_on(console_on(sys.stderr)) as progress:
        world = real_world(directory, progress)
        built = build_components(world, names)
    findings = [one for one in built.values() if isinstance(one, Finding)]
    wheels = {
        name: str(one.path.relative_to(world.root)) for name, one in built.items() if not isinstance(one, Finding)
    }
    if as_json:
        click.echo(json.dumps({"wheels": wheels, "findings": [finding_to_json(one) for one in findings]}))
    else:
        for line in (*(f"{name}  {path}" for name, path in wheels.items()), *map(render_finding, findings)):
            click.echo(line)
    return int(worst_exit(one.exit for one in findings))
