"""`mlops-ci model`: models by their gates, and the registry. Heavy imports wait until a command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.core.steps import StepName
from mlops_ci.core.versions import Bump


@click.group()
def model() -> None:
    """Judge models by their gates, and keep their versions.

    A version is an annotated tag, `delays@v1.2.0`, on a commit of its own; see docs/registry.md.
    """


@model.command()
@click.argument("names", nargs=-1)
@click.option("--base", metavar="REF", help="Commit to compare with.  [default: merge-base with the default branch]")
@click.option("--no-cache", is_flag=True, help="Compute metrics anew.")
@click.option("--seeds", is_flag=True, help="Train again with other seeds where a gate asks for it, heavy stages too.")
@directory_option
@json_option
def validate(
    *, names: tuple[str, ...], base: str | None, no_cache: bool, seeds: bool, directory: Path, as_json: bool
) -> int:  # fmt: skip
    """Judge the models of mlops-ci.yaml by their gates, as their files lie in the work tree: all, or those named.

    \b
    Examples:
      mlops-ci model validate
      mlops-ci model validate delays --base v1.2.0
      mlops-ci model validate delays --seeds
      mlops-ci model validate --json
    """
    from mlops_ci.cli.tell import tell  # noqa: PLC0415 - keeps `--help` quick
    from mlops_ci.stories.request import Request, RunRequest  # noqa: PLC0415

    request = Request(
        base=base, only=(StepName.MODEL,), names=names, fresh=no_cache, seeds=seeds, run=RunRequest(heavy=seeds)
    )
    return tell(request, directory=directory, as_json=as_json)


@model.command()
@click.argument("name")
@directory_option
@json_option
@click.option("--run", "run_id", metavar="RUN", help="A recorded run.  [default: what was run last in this work tree]")
@click.option(
    "--bump", type=click.Choice(Bump, case_sensitive=False), help="What the number says.  [default: what changed]"
)
@click.option("--force", is_flag=True, help="Register although evidence is lacking; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why; it stays in the record.")
@click.option("--dry-run", is_flag=True, help="Show what would be registered; write nothing on the remote.")
def register(  # noqa: PLR0913 - one argument an option
    *, name: str, directory: Path, as_json: bool, run_id: str | None, bump: Bump | None, force: bool,
    reason: str | None, dry_run: bool,
) -> int:  # fmt: skip
    """Register the bytes of model NAME, if the gates of its run passed on exactly these bytes.

    Sends the bytes to the DVC remote, reads them back, then creates the tag. The same bytes of the same run are
    registered once, however often this is called. The number says what changed: major the columns or types of input
    or output, minor the pipeline, patch the data.

    \b
    mlops-ci check && mlops-ci model register delays
    mlops-ci model register delays --run 20261128T0627
    mlops-ci model register delays --force --reason "the first one, before there were gates"
    """
    from mlops_ci.cli.model_output import register_model  # noqa: PLC0415 - keeps `--help` quick

    if force and not (reason or "").strip():
        raise click.UsageError("--force needs --reason: why is this registered without evidence?")
    if reason is not None and not force:
        raise click.UsageError("--reason goes with --force")
    asked = {"name": name, "run": run_id, "bump": bump, "reason": reason}
    return register_model(directory, asked, as_json=as_json, dry_run=dry_run)


@model.command("list")
@click.argument("name", required=False)
@directory_option
@json_option
def list_(name: str | None, directory: Path, as_json: bool) -> int:
    """List registered models, or the versions of NAME, the newest first, as the remote has them now.

    \b
    mlops-ci model list
    mlops-ci model list delays
    """
    from mlops_ci.cli.model_output import list_models  # noqa: PLC0415 - keeps `--help` quick

    return list_models(directory, name, as_json=as_json)


@model.command()
@click.argument("model_version", metavar="NAME[@VERSION]")
@directory_option
@json_option
@click.option("--verify", is_flag=True, help="Follow each link from the tag to dvc.lock; exit 5 where one is broken.")
def show(model_version: str, directory: Path, as_json: bool, verify: bool) -> int:
    """Show one version: its bytes, run, evidence, metrics and stages. Without VERSION the newest.

    \b
    mlops-ci model show delays@v1.2.0
    mlops-ci model show delays --verify
    """
    if verify:
        from mlops_ci.cli.model_download_output import show_verified  # noqa: PLC0415 - keeps `--help` quick

        return show_verified(directory, model_version, as_json=as_json)
    from mlops_ci.cli.model_output import show_model  # noqa: PLC0415 - keeps `--help` quick

    return show_model(directory, model_version, as_json=as_json)


@model.command()
@click.argument("model_version", metavar="NAME@VERSION")
@click.argument("stage")
@directory_option
@json_option
@click.option("--message", "-m", default="", help="Why; it becomes the tag's message.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def assign(model_version: str, stage: str, directory: Path, as_json: bool, message: str, dry_run: bool) -> int:
    """Put a version into STAGE, which it alone then holds. Names of environments belong to deployments.

    \b
    mlops-ci model assign delays@v1.2.0 shadow
    """
    from mlops_ci.cli.model_output import assign_model  # noqa: PLC0415 - keeps `--help` quick

    return assign_model(directory, model_version, stage, message=message, as_json=as_json, dry_run=dry_run)


@model.command()
@click.argument("name")
@click.argument("stage")
@directory_option
@json_option
@click.option("--message", "-m", default="", help="Why; it becomes the tag's message.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def unassign(name: str, stage: str, directory: Path, as_json: bool, message: str, dry_run: bool) -> int:
    """Leave STAGE of model NAME empty."""
    from mlops_ci.cli.model_output import unassign_model  # noqa: PLC0415 - keeps `--help` quick

    return unassign_model(directory, name, stage, message=message, as_json=as_json, dry_run=dry_run)


@model.command()
@click.argument("model_version", metavar="NAME@VERSION")
@directory_option
@json_option
@click.option("--message", "-m", default="", help="Why; it becomes the tag's message.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def deprecate(model_version: str, directory: Path, as_json: bool, message: str, dry_run: bool) -> int:
    """Say that a version is not to be used any more. Tag and bytes stay."""
    from mlops_ci.cli.model_output import deprecate_model  # noqa: PLC0415 - keeps `--help` quick

    return deprecate_model(directory, model_version, message=message, as_json=as_json, dry_run=dry_run)


@model.command()
@click.argument("model_version", metavar="NAME[@VERSION|#STAGE]")
@directory_option
@json_option
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="PATH", help="Where to.  [default: its own name, here]"
)
@click.option("--force", is_flag=True, help="Replace a file that lies there.")
@click.option("--dry-run", is_flag=True, help="Follow the links, and say where it would go; write nothing.")
def download(
    *, model_version: str, directory: Path, as_json: bool, output: Path | None, force: bool, dry_run: bool
) -> int:
    """Write the bytes of a registered version, from DVC's cache or the remote, proven from the tag to the last byte.

    Written whole or not at all. Without VERSION the newest.

    \b
    mlops-ci model download delays@v1.2.0
    mlops-ci model download 'delays#shadow' -o serving/model.skops --force
    """
    from mlops_ci.cli.model_download_output import download_model  # noqa: PLC0415 - keeps `--help` quick

    return download_model(directory, model_version, output=output, force=force, dry_run=dry_run, as_json=as_json)


@model.command()
@click.argument("model_version", metavar="NAME[@VERSION]")
@directory_option
@json_option
@click.option("--html", "as_html", is_flag=True, help="One page, without network; else Markdown.")
@click.option(
    "--output", "-o", "into", metavar="FILE", type=click.Path(path_type=Path), help="Write it there, not to the screen."
)
def card(model_version: str, directory: Path, as_json: bool, as_html: bool, into: Path | None) -> int:
    """Write the card of a version: data, metrics, gates, lineage, limits, how to load it. Without VERSION the newest.

    Markdown begins with the metadata that Hugging Face's hub reads. What the author says is in `models.NAME.card`.

    \b
    mlops-ci model card delays@v1.2.0 -o README.md
    mlops-ci model card delays --html -o card.html
    """
    from mlops_ci.cli.model_card_output import card_of_model  # noqa: PLC0415 - keeps `--help` quick

    if as_json and as_html:
        raise click.UsageError("--json and --html are two forms: choose one")
    form = "json" if as_json else "html" if as_html else "markdown"
    return card_of_model(directory, model_version, form=form, into=into)


@model.command()
@click.argument("name")
@directory_option
@json_option
def history(name: str, directory: Path, as_json: bool) -> int:
    """Tell what became of model NAME: versions, stages, deprecations, the oldest first, with who and when.

    \b
    mlops-ci model history delays
    """
    from mlops_ci.cli.model_card_output import history_of_model  # noqa: PLC0415 - keeps `--help` quick

    return history_of_model(directory, name, as_json=as_json)


@model.command()
@click.argument("one", metavar="NAME[@VERSION]")
@click.argument("other", metavar="NAME[@VERSION]")
@directory_option
@json_option
def compare(one: str, other: str, directory: Path, as_json: bool) -> int:
    """Compare two versions: metrics, signature, parts of the pipeline, parameters, data.

    \b
    mlops-ci model compare delays@v1.0.0 delays@v1.1.0
    """
    from mlops_ci.cli.model_card_output import compare_two_models  # noqa: PLC0415 - keeps `--help` quick

    return compare_two_models(directory, one, other, as_json=as_json)
