"""`mlops-ci run`: recorded runs. Heavy imports wait until a command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option


@click.group()
def run() -> None:
    """Recorded runs: list, show, compare, and bring back.

    A run is a commit below refs/mlops-ci/runs/: what was run, on what, with which results. See docs/runs.md.
    """


@run.command()
@directory_option
@json_option
@click.option("--push", is_flag=True, help="Send data, run-cache entries, then the record.")
def record(directory: Path, as_json: bool, push: bool) -> int:
    """Record what was run last in this work tree, as a commit beside all branches. Repeating it is safe.

    \b
    mlops-ci check && mlops-ci run record --push
    """
    from mlops_ci.cli.run_output import record_run  # noqa: PLC0415 - keeps `--help` quick

    return record_run(directory, push=push, as_json=as_json)
