"""`mlops-ci deliver`: a package into an environment. Heavy imports wait until the command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, environment_option, json_option


@click.command(epilog="See docs/delivery.md for what happens in which order, and what is left when it is ended.")
@directory_option
@json_option
@environment_option
@click.option("--reason", metavar="WHY", help="Kept in the ledger.")
@click.option("--dry-run", is_flag=True, help="Print the plan, and change nothing.")
@click.argument("version", required=False)
def deliver(
    *, directory: Path, as_json: bool, environment: str, reason: str | None, dry_run: bool, version: str | None
) -> int:  # fmt: skip
    """Deliver a pipeline package into an environment.

    VERSION is a tag of the remote, a commit, or a package's digest; without it, what is checked out. The package is
    placed beside what runs, tried there, and only then switched to. The same again changes nothing.

    \b
    mlops-ci deliver --env staging
    mlops-ci deliver --env production v1.2.0
    mlops-ci deliver --env production v1.2.0 --dry-run
    """
    from mlops_ci.cli.deliver_output import deliver as carried_out  # noqa: PLC0415 - keeps `--help` quick

    return carried_out(
        directory, environment=environment, version=version, reason=reason, dry_run=dry_run, as_json=as_json
    )
