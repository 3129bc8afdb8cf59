"""`mlops-ci component`: the components that stages run."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mlops_ci.cli.check import tell
from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.components.build import build_wheel
from mlops_ci.components.find import changed, named
from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.core.steps import StepName
from mlops_ci.core.verdicts import worst_exit
from mlops_ci.report.console import console_on
from mlops_ci.report.live import progress_on
from mlops_ci.report.progress import Progress, Silent
from mlops_ci.report.terminal import render_finding
from mlops_ci.runtime.find import components_folder
from mlops_ci.stories.ground import read_ground
from mlops_ci.stories.request import Request
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import real_world

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
    with _workshop(directory, base, Silent()) as workshop:
        found = workshop.components
        lock = workshop.found_runtime(components_folder(workshop.ground.tracked)).lock if found else None
        why = {one.component.name: one.why for one in changed(found, changed_paths=workshop.ground.changed, lock=lock)}
    rows = [
        {"name": one.name, "path": str(one.path), "requires": one.requires, "why": why.get(one.name)} for one in found
    ]
    if as_json:
        click.echo(json.dumps({"components": rows}))
        return
    if not found:
        click.echo("mlops-ci.yaml names no components")
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        click.echo(f"{one.name:<{width}}  {why.get(one.name, 'not changed since the base')}")


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
    console = console_on(sys.stderr)
    with progress_on(console) as progress, _workshop(directory, None, Silent() if as_json else progress) as workshop:
        found = workshop.components
        wanted = [one.component for one in named(found, names)] if names else found
        built = {one.name: build_wheel(one, workshop.site) for one in wanted}
        shown = workshop.site.shown
    findings = [one for one in built.values() if isinstance(one, Finding)]
    wheels = {name: shown(one.path) for name, one in built.items() if not isinstance(one, Finding)}
    if as_json:
        click.echo(json.dumps({"wheels": wheels, "findings": [finding_to_json(one) for one in findings]}))
    else:
        for line in (*(f"{name}  {path}" for name, path in wheels.items()), *map(render_finding, findings)):
            click.echo(line)
    return int(worst_exit(one.exit for one in findings))


@contextmanager
def _workshop(directory: Path, base: str | None, progress: Progress) -> Iterator[Workshop]:
    world = real_world(directory, progress)
    request = Request(base=base, only=(StepName.COMPONENTS,))
    with world.repository, Workshop(
        ground=read_ground(request, world), world=world, request=request, begin=time.monotonic()
    ) as workshop:  # fmt: skip
        yield workshop
