"""`mlops-ci run`: recorded runs. Heavy imports wait until a command is called."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[timedelta]):
    """A whole number with h, d or w."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read an age."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(0|[1-9][0-9]{0,4})([hdw])", str(value))
        if match is None:
            self.fail(f"{value!r} is no age: a whole number with h, d or w, like 30d", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


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


@run.command()
@click.argument("one", metavar="RUN")
@click.argument("other", metavar="OTHER")
@directory_option
@json_option
@_local
def compare(one: str, other: str, directory: Path, as_json: bool, local: bool) -> int:
    """Compare two runs: data, code, parameters, environment, numbers; and say which of them explains the change.

    RUN is what was, OTHER what is now; each is a run's name, or how it begins.

    \b
    mlops-ci run compare 20261127T0627 20261128T0627
    mlops-ci run compare 20261127T0627 20261128T0627 --json
    """
    from mlops_ci.cli.run_back_output import compare_two_runs  # noqa: PLC0415 - keeps `--help` quick

    return compare_two_runs(directory, one, other, local=local, as_json=as_json)


@run.command()
@click.argument("artifact")
@directory_option
@json_option
@_local
@click.option("--run", "run_id", metavar="RUN", help="In which run.  [default: the newest that has it]")
@click.option("--mermaid", is_flag=True, help="Write a flowchart in Mermaid.")
def lineage(artifact: str, directory: Path, as_json: bool, local: bool, run_id: str | None, mermaid: bool) -> int:
    """Tell what made an artifact, from what, what was made from it, and who else has the same bytes.

    ARTIFACT is a path from the repository's root, a digest or how it begins, or a version of a model.

    \b
    mlops-ci run lineage models/delays.skops
    mlops-ci run lineage md5:0f343b09 --run 20261128T0627
    mlops-ci run lineage delays@v1.2.0 --mermaid
    """
    from mlops_ci.cli.run_back_output import show_lineage  # noqa: PLC0415 - keeps `--help` quick

    if as_json and mermaid:
        raise click.UsageError("--json and --mermaid exclude each other")
    form = "json" if as_json else "mermaid" if mermaid else "text"
    return show_lineage(directory, artifact, run=run_id, local=local, form=form)


@run.command()
@click.argument("name", metavar="RUN")
@click.argument("into", metavar="DIR", type=click.Path(path_type=Path))
@directory_option
@json_option
@click.option("--no-data", is_flag=True, help="Leave the bytes out: source and lock only.")
@click.option("--dry-run", is_flag=True, help="Show what would be brought back; write nothing.")
def checkout(name: str, into: Path, directory: Path, as_json: bool, no_data: bool, dry_run: bool) -> int:
    """Bring a run back: source, lock and data, each byte verified, in a git worktree of its own at DIR.

    DIR must not exist; it is there when all of it is. The commit that was run is checked out on no branch, and what
    the run changed is staged.

    \b
    mlops-ci run checkout 20261128T0627 ../then
    mlops-ci run checkout 20261128T0627 ../then --no-data
    git worktree remove --force ../then
    """
    from mlops_ci.cli.run_back_output import bring_back  # noqa: PLC0415 - keeps `--help` quick

    return bring_back(directory, name, into, data=not no_data, dry_run=dry_run, as_json=as_json)


@run.command()
@click.argument("name", metavar="RUN")
@directory_option
@json_option
@click.option("--force", is_flag=True, help="Also where the source differs, or changes here would be overwritten.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
def adopt(name: str, directory: Path, as_json: bool, force: bool, dry_run: bool) -> int:
    """Put a run's dvc.lock and metrics into the work tree, to be committed by a person.

    What was there before is kept in .mlops-ci/before-adopt/.

    \b
    mlops-ci run adopt 20261128T0627 --dry-run
    mlops-ci run adopt 20261128T0627 && git commit -m "The run of this morning" dvc.lock metrics.json
    """
    from mlops_ci.cli.run_back_output import adopt_a_run  # noqa: PLC0415 - keeps `--help` quick

    return adopt_a_run(directory, name, force=force, dry_run=dry_run, as_json=as_json)


@run.command()
@directory_option
@json_option
@click.option("--keep", type=click.IntRange(min=0), default=100, show_default=True, help="The newest so many stay.")
@click.option(
    "--younger-than", type=Age(), default="30d", show_default=True, metavar="AGE", help="Younger ones stay: 12h, 30d."
)
@click.option("--dry-run", is_flag=True, help="Show the plan; remove nothing.")
def prune(directory: Path, as_json: bool, keep: int, younger_than: timedelta, dry_run: bool) -> int:
    """Remove old runs, on the remote and here; those that a version of a model needs stay.

    Bytes in DVC remotes are left alone.

    \b
    mlops-ci run prune --dry-run
    mlops-ci run prune --keep 500 --younger-than 90d
    """
    from mlops_ci.cli.run_back_output import prune_old_runs  # noqa: PLC0415 - keeps `--help` quick

    return prune_old_runs(directory, keep=keep, younger=younger_than, dry_run=dry_run, as_json=as_json)
