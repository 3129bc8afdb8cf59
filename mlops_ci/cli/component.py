"""`mlops-ci component`: the components that stages run. Heavy imports wait until a command is called."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.steps import StepName
from mlops_ci.core.verdicts import worst_exit
from mlops_ci.report.terminal import render_finding

if TYPE_CHECKING:
    from mlops_ci.components.image import Image
    from mlops_ci.stories.components import BuiltComponents

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
@click.option("--dry-run", is_flag=True, help="Build wheels, but of images only say which would be built.")
@_names
def build(directory: Path, as_json: bool, dry_run: bool, names: tuple[str, ...]) -> int:
    """Build components into wheels: those named, else all. What was built before is only named.

    Where mlops-ci.yaml names a `package.registry`, into images too, by DOCKER_HOST's engine: each tested inside, then
    pushed. What the registry has is neither built nor pushed.

    \b
    Examples:
      mlops-ci component build
      mlops-ci component build features --json
      mlops-ci component build --dry-run
    """
    from mlops_ci.report.console import console_on  # noqa: PLC0415
    from mlops_ci.report.live import progress_on  # noqa: PLC0415
    from mlops_ci.stories.components import build_components  # noqa: PLC0415
    from mlops_ci.stories.world import real_world  # noqa: PLC0415

    with progress_on(console_on(sys.stderr)) as progress:
        world = real_world(directory, progress)
        built = build_components(world, names, dry_run=dry_run)
    wheels = {name: str(one.path.relative_to(world.root)) for name, one in built.wheels.items()}
    images = {name: _image_row(one) for name, one in (built.images or {}).items()}
    if as_json:
        findings = [finding_to_json(one) for one in built.findings]
        click.echo(json.dumps({"wheels": wheels, "images": images, "findings": findings}))
    else:
        for line in (*(f"{name}  {path}" for name, path in wheels.items()), *_image_lines(built)):
            click.echo(line)
        for finding in built.findings:
            click.echo(render_finding(finding))
    return int(worst_exit(one.exit for one in built.findings))


def _image_row(image: "Image") -> dict[str, str | bool]:
    return {"name": image.name, "inputs": str(image.inputs), "digest": image.digest, "built": image.built}


def _image_lines(built: "BuiltComponents") -> Iterator[str]:
    for name, image in (built.images or {}).items():
        state = "built and pushed" if image.built else "the registry has it"
        yield f"{name}  {image.name}  {state}" if image.digest else f"{name}  {image.name}  would be built"
