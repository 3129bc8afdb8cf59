"""`mlops-ci env`: environments. Heavy imports wait until a command is called."""

from datetime import UTC, datetime
from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, environment_option, json_option


@click.group()
def env() -> None:
    """Environments: what runs there, what ran there, and a run of it.

    What was deployed when, by whom, from which package, stands in the environment's ledger. See docs/delivery.md.
    """


@env.command()
@directory_option
@json_option
@click.option("--env", "environment", metavar="NAME", help="Only this one.")
def status(directory: Path, as_json: bool, environment: str | None) -> int:
    """Show what runs in each environment, and who changes it just now.

    \b
    mlops-ci env status
    mlops-ci env status --env production --json
    """
    from mlops_ci.cli.env_output import status as shown  # noqa: PLC0415 - keeps `--help` quick

    return shown(directory, environment=environment, as_json=as_json)


@env.command()
@directory_option
@json_option
@environment_option
@click.option("--limit", "-n", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
def history(directory: Path, as_json: bool, environment: str, limit: int) -> int:
    """Show what was deployed in an environment, the newest first.

    \b
    mlops-ci env history --env production
    """
    from mlops_ci.cli.env_output import history as shown  # noqa: PLC0415 - keeps `--help` quick

    return shown(directory, environment=environment, limit=limit, as_json=as_json)


@env.command()
@directory_option
@json_option
@environment_option
@click.argument("time", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M")))
def at(directory: Path, as_json: bool, environment: str, time: datetime) -> int:
    """Show what ran in an environment at a time, UTC unless it says otherwise.

    \b
    mlops-ci env at --env production 2026-11-01T12:00:00
    """
    from mlops_ci.cli.env_output import at as shown  # noqa: PLC0415 - keeps `--help` quick

    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return shown(directory, environment=environment, time=aware, as_json=as_json)


@env.command()
@directory_option
@json_option
@environment_option
@click.option("--with", "other", metavar="NAME", help="Another environment: compare what both run now.")
@click.argument("entries", nargs=-1, metavar="[FROM [TO]]")
def diff(directory: Path, as_json: bool, environment: str, other: str | None, entries: tuple[str, ...]) -> int:
    """Show what differs between two entries of an environment, or between what two environments run.

    FROM and TO are numbers of entries. Without TO it is what runs now, without FROM what ran before it. What differs is
    told in stages, parameters, gates, suites, dependencies, components and files.

    \b
    mlops-ci env diff --env production
    mlops-ci env diff --env production 3 7
    mlops-ci env diff --env staging --with production
    """
    from mlops_ci.cli.env_diff_output import diff as shown  # noqa: PLC0415 - keeps `--help` quick

    return shown(directory, environment=environment, other=other, entries=entries, as_json=as_json)


@env.command()
@directory_option
@json_option
@environment_option
@click.option("--inputs", type=click.Path(path_type=Path), metavar="FILE", help="Run inputs in place of the package's.")
@click.option("--force", "-f", is_flag=True, help="Run stages though the same was run before.")
@click.option("--push/--no-push", default=True, help="Send data and record, and register models.  [default: push]")
def run(*, directory: Path, as_json: bool, environment: str, inputs: Path | None, force: bool, push: bool) -> int:
    """Run the package that an environment has, not what is checked out; record it; register what passes its gates.

    \b
    mlops-ci env run --env production
    mlops-ci env run --env production --inputs november.yaml
    """
    from mlops_ci.cli.env_run_output import run as carried_out  # noqa: PLC0415 - keeps `--help` quick

    return carried_out(directory, environment=environment, inputs=inputs, force=force, push=push, as_json=as_json)


@env.command()
@directory_option
@json_option
@environment_option
@click.option("--dry-run", is_flag=True, help="Say what would be removed.")
def prune(directory: Path, as_json: bool, environment: str, dry_run: bool) -> int:
    """Remove packages that an environment does not need any more. What runs, and the last that ran, stay.

    \b
    mlops-ci env prune --env production --dry-run
    """
    from mlops_ci.cli.env_output import prune as carried_out  # noqa: PLC0415 - keeps `--help` quick

    return carried_out(directory, environment=environment, dry_run=dry_run, as_json=as_json)
