"""`mlops-ci run`: recorded runs. Heavy imports wait until a command is called."""

from datetime import datetime
from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option


@click.group()
def run() -> None:
    """Recorded runs: list, show, compare, and bring back.

    A run is a commit below refs/mlops-ci/runs/: what was run, on what, with which results. See docs/runs.md.
    """


_local = click.option("--local", is_flag=True, help="Ask no remote: the runs that this clone has.")


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


@run.command("list")
@directory_option
@json_option
@_local
@click.option("--limit", "-n", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option("--trigger", metavar="KIND", help="What started them: laptop, push, schedule, ...")
@click.option("--branch", metavar="NAME", help="The branch that was run.")
@click.option("--verdict", metavar="VERDICT", help="pass, fail, inconclusive or error.")
@click.option("--since", type=click.DateTime(), help="Begun then, UTC, or later.")
@click.option(
    "--where", multiple=True, metavar="EXPR", help="Like `roc_auc>=0.7` or `delays.log_loss<0.5`; repeatable."
)
def list_(  # noqa: PLR0913 - one argument an option
    *, directory: Path, as_json: bool, local: bool, limit: int, trigger: str | None, branch: str | None,
    verdict: str | None, since: datetime | None, where: tuple[str, ...],
) -> int:  # fmt: skip
    """List recorded runs, the newest first, as the remote has them now.

    \b
    mlops-ci run list
    mlops-ci run list --branch main --verdict pass --where "roc_auc>=0.7"
    """
    from mlops_ci.cli.run_output import list_runs  # noqa: PLC0415 - keeps `--help` quick

    asked = {"trigger": trigger, "branch": branch, "verdict": verdict, "since": since, "where": where}
    return list_runs(directory, asked, limit=limit, local=local, as_json=as_json)


@run.command()
@click.argument("name", metavar="RUN")
@directory_option
@json_option
@_local
def show(name: str, directory: Path, as_json: bool, local: bool) -> int:
    """Show one run: what was run, on what, with which results. RUN is its name, or how it begins."""
    from mlops_ci.cli.run_output import show_run  # noqa: PLC0415 - keeps `--help` quick

    return show_run(directory, name, local=local, as_json=as_json)
