"""`mlops-ci promote`: what one environment runs, into another. Heavy imports wait until the command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option


@click.command()
@directory_option
@json_option
@click.option("--from", "source", required=True, metavar="NAME", help="The environment that has it.")
@click.option("--to", "target", required=True, metavar="NAME", help="The environment that is to have it.")
@click.option("--reason", metavar="WHY", help="Kept in the ledger.")
@click.option("--dry-run", is_flag=True, help="Print the plan, and change nothing.")
def promote(*, directory: Path, as_json: bool, source: str, target: str, reason: str | None, dry_run: bool) -> int:
    """Promote what runs in one environment into another: the same package, to the byte.

    Where mlops-ci.yaml says `approve: pull-request` this proposes it: as a branch, and as a pull request where there is
    a token. Called again once that is merged, it delivers.

    \b
    mlops-ci promote --from staging --to production
    """
    from mlops_ci.cli.deliver_output import promote as carried_out  # noqa: PLC0415 - keeps `--help` quick

    return carried_out(directory, source=source, target=target, reason=reason, dry_run=dry_run, as_json=as_json)
