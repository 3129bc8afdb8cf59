"""What the commands of `mlops-ci run` do, and print."""

from pathlib import Path

import click

from mlops_ci.cli.tell_record import told
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.json_text import json_text
from mlops_ci.report.progress import Silent
from mlops_ci.stories.record import record_last
from mlops_ci.stories.world import real_world


def record_run(directory: Path, *, push: bool, as_json: bool) -> int:
    """`run record`."""
    world = real_world(directory, Silent())
    with world.repository:
        done = record_last(world, push=push)
    if as_json:
        bundle = str(done.bundle.relative_to(world.root)) if done.bundle else None
        click.echo(
            json_text({"id": done.run.id, "commit": done.run.commit, "pushed": done.run.pushed, "bundle": bundle})
        )
    else:
        click.echo(told(done))
    return ExitCode.PASS
