"""`mlops-ci check`."""

from datetime import timedelta
from pathlib import Path

import click

from mlops_ci.cli.options import Duration, begun_spare, directory_option, json_option
from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.steps import StepName


@click.command(epilog="See docs/configuration.md for mlops-ci.yaml, and docs/report.md for the report.")
@directory_option
@json_option
@click.option("--base", metavar="REF", help="Commit to compare with.  [default: merge-base with the default branch]")
@click.option(
    "--only", multiple=True, type=click.Choice(StepName, case_sensitive=False), help="Only this step; repeatable."
)
@click.option(
    "--pipeline", "mode", type=click.Choice(PipelineMode, case_sensitive=False), help="What to do with pipelines."
)
@click.option("--time-limit", type=Duration(), help="After this, like 40m, nothing more is started.")
@click.option("--record/--no-record", default=None, help="Record the run.  [default: in CI, where the token may write]")
@click.option("--push", is_flag=True, help="Send data, run-cache entries, and the record if there is one.")
@click.option("--no-cache", is_flag=True, help="Judge anew what an earlier run has judged.")
def check(  # noqa: PLR0913 - one argument an option
    *, directory: Path, as_json: bool, base: str | None, only: tuple[StepName, ...], mode: PipelineMode | None,
    time_limit: timedelta | None, record: bool | None, push: bool, no_cache: bool,
) -> int:  # fmt: skip
    """Check everything that a pull request would be checked for.

    Looks at the repository, tests the components that changed, brings its pipelines up to date or verifies them,
    judges data and models, and writes a report to .mlops-ci/report/.

    \b
    mlops-ci check                       all of it
    mlops-ci check --base v1.2.0         compared with a tag
    mlops-ci check --pipeline verify     run nothing: dvc.lock must be current and pushed
    mlops-ci check --only data --only model
    mlops-ci check --record --push       a run that everybody can look up: see `mlops-ci run --help`
    mlops-ci check --json | jq .verdict  the report as JSON
    """
    with begun_spare(directory, wanted=not only or StepName.PIPELINE in only) as spare:
        from mlops_ci.cli.tell import tell  # noqa: PLC0415 - keeps `--help` quick
        from mlops_ci.stories.request import Request, RunRequest  # noqa: PLC0415

        request = Request(
            base=base, only=only, mode=mode, time_limit=time_limit, fresh=no_cache, record=record,
            run=RunRequest(push=push),
        )  # fmt: skip
        return tell(request, directory=directory, as_json=as_json, spare=spare)
