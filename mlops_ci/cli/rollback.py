"""`mlops-ci rollback`: what ran before runs again. Heavy imports wait until the command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, environment_option, json_option


@click.command()
@directory_option
@json_option
@environment_option
@click.option("--to", metavar="ENTRY", help="Number of a ledger's entry, a version, or a package.  [default: the last]")
@click.option("--reason", metavar="WHY", help="Kept in the ledger.")
@click.option("--dry-run", is_flag=True, help="Say what would run, and change nothing.")
def rollback(
    *, directory: Path, as_json: bool, environment: str, to: str | None, reason: str | None, dry_run: bool
) -> int:
    """Go back to what ran before. It needs the target alone: no registry, no data, no git.

    \b
    mlops-ci rollback --env production
    mlops-ci rollback --env production --to 7 --reason "scores are off since noon"
    """
    from mlops_ci.cli.deliver_output import roll_back  # noqa: PLC0415 - keeps `--help` quick

    return roll_back(directory, environment=environment, to=to, reason=reason, dry_run=dry_run, as_json=as_json)
