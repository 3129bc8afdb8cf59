"""`mlops-ci pipeline`: what would run and why; run it. Heavy imports wait until a command is called."""

from datetime import timedelta
from pathlib import Path

import click

from mlops_ci.cli.options import Duration, begun_spare, directory_option, json_option
from mlops_ci.cli.pipeline_plan import plan


@click.group()
def pipeline() -> None:
    """Plan and run DVC pipelines."""


pipeline.add_command(plan)


@pipeline.command(epilog="See docs/engine.md for what is the same as in `dvc repro`, and what is faster.")
@directory_option
@json_option
@click.argument("targets", nargs=-1)
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Stages at once.  [default: one a core]")
@click.option("--keep-going", "-k", is_flag=True, help="After a failure go on with what does not depend on it.")
@click.option("--pull", is_flag=True, help="Bring only what stages that run read; ask the remote's run cache too.")
@click.option(
    "--push", is_flag=True, help="Then send data and run-cache entries to the default remote, and the record."
)
@click.option("--record/--no-record", default=None, help="Record the run.  [default: in CI, where the token may write]")
@click.option("--force", "-f", is_flag=True, help="Run stages whatever their state.")
@click.option("--dry-run", is_flag=True, help="Show the plan and run nothing.")
@click.option("--time-limit", type=Duration(), help="After this, like 40m, nothing more is started.")
def run(  # noqa: PLR0913 - one argument an option
    *, directory: Path, as_json: bool, targets: tuple[str, ...], jobs: int | None, keep_going: bool, pull: bool,
    push: bool, record: bool | None, force: bool, dry_run: bool, time_limit: timedelta | None,
) -> int:  # fmt: skip
    """Bring pipelines up to date: all of them, or TARGETS and what they depend on.

    A target is a stage, a foreach name, a dvc.yaml, a .dvc file, or an output. Finished stages are never lost: after
    an interruption, or a crash, the next run goes on from there.

    \b
    mlops-ci pipeline run                     all pipelines, one stage a core
    mlops-ci pipeline run train -j 4          one stage and what it depends on
    mlops-ci pipeline run --pull --push       in CI: fetch little, share what was made
    mlops-ci pipeline run --dry-run           the plan, see `mlops-ci pipeline plan --help`
    """
    if dry_run:
        context = click.get_current_context()
        code: int | None = context.invoke(
            plan, directory=directory, as_json=as_json, mermaid=False, pull=pull, targets=targets
        )
        return code or 0
    with begun_spare(directory) as spare:
        from mlops_ci.cli.tell import tell  # noqa: PLC0415 - keeps `--help` quick
        from mlops_ci.config.schema import PipelineMode  # noqa: PLC0415
        from mlops_ci.core.steps import StepName  # noqa: PLC0415
        from mlops_ci.stories.check import run_pipeline  # noqa: PLC0415
        from mlops_ci.stories.request import Pull, Request, RunRequest  # noqa: PLC0415

        asked = RunRequest(
            targets=targets, jobs=jobs, keep_going=keep_going, heavy=True, force=force, push=push, staging=True,
            pull=Pull.ALWAYS if pull else Pull.NEVER,
        )  # fmt: skip
        request = Request(
            only=(StepName.PIPELINE,), mode=PipelineMode.RUN, time_limit=time_limit, record=record, run=asked
        )
        return tell(request, directory=directory, as_json=as_json, story=run_pipeline, follow=True, spare=spare)
