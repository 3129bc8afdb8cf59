"""`mlops-ci pipeline plan`: what would run and why. Heavy imports wait until it is called."""

import sys
from importlib import import_module
from pathlib import Path
from threading import Thread

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.tools.work_tree import root_of

_OUTPUT = "mlops_ci.cli.plan_output"


@click.command(epilog="docs/plan.md shows what it prints, and describes the JSON.")
@directory_option
@json_option
@click.option("--mermaid", is_flag=True, help="Write a Mermaid flowchart to standard output.")
@click.option(
    "--pull/--no-pull", default=True, show_default=True,
    help="For a run that leaves in the remote, or takes from there, what it can; else that is made again.",
)  # fmt: skip
@click.argument("targets", nargs=-1)
def plan(*, directory: Path, as_json: bool, mermaid: bool, targets: tuple[str, ...], pull: bool = True) -> int:
    """Show what would run and why, what would be fetched, and how long that would take.

    For all pipelines of a repository, for TARGETS and what they depend on, or for the repository at a git URL.
    Digests are all it needs: it works in a fresh clone whose data is not there, and downloads none.

    \b
    mlops-ci pipeline plan                                 this repository
    mlops-ci pipeline plan train                           one stage and what it depends on
    mlops-ci pipeline plan --mermaid > plan.mmd            as a picture
    mlops-ci pipeline plan https://github.com/org/repo     a repository that is not here
    """
    from mlops_ci.stories.plan import plan_pipelines  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.stories.plan_url import is_git_url, plan_url  # noqa: PLC0415
    from mlops_ci.tools.processes import HostProcesses  # noqa: PLC0415

    if as_json and mermaid:
        raise click.UsageError("--json and --mermaid exclude each other: standard output holds one of them")
    Thread(target=import_module, args=(_OUTPUT,), daemon=True).start()  # while DVC is at work in its own process
    if any(map(is_git_url, targets)):
        if len(targets) > 1:
            raise click.UsageError("a git URL stands alone: its whole repository is planned")
        drawn = plan_url(targets[0], processes=HostProcesses())
    else:
        drawn = plan_pipelines(root_of(directory), processes=HostProcesses(), targets=targets, pull=pull)
    import_module(_OUTPUT).show(drawn, as_json=as_json, mermaid=mermaid, out=sys.stdout)
    return drawn.exit
