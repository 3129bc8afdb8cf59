"""`mlops-ci artifact`: the bytes that DVC keeps. Heavy imports wait until a command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option


@click.group()
def artifact() -> None:
    """Send, bring and prove the bytes that DVC keeps.

    For all DVC repositories below the root of the git repository, or for what lies at PATHs of it. Bytes are hashed
    whenever they move. For example `mlops-ci artifact verify --deep`.
    """


_paths = click.argument("paths", nargs=-1, metavar="[PATH]...")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; move nothing.")


@artifact.command()
@_paths
@directory_option
@json_option
@_dry_run
def push(paths: tuple[str, ...], directory: Path, as_json: bool, dry_run: bool) -> int:
    """Send what the remotes lack: data and models, each object hashed first, then run-cache entries.

    Sent again after it was interrupted, it sends only what is still lacking. Exit 5, and nothing is sent, where the
    cache has an object with other bytes than its digest; exit 1 where nobody has an object that dvc.lock names.

    \b
    mlops-ci artifact push
    mlops-ci artifact push models/delays.skops data/
    mlops-ci artifact push --dry-run --json
    """
    from mlops_ci.cli.artifact_output import push_artifacts  # noqa: PLC0415 - keeps `--help` quick

    return push_artifacts(directory, paths, as_json=as_json, dry_run=dry_run)


@artifact.command()
@_paths
@directory_option
@json_option
@_dry_run
def pull(paths: tuple[str, ...], directory: Path, as_json: bool, dry_run: bool) -> int:
    """Bring what dvc.lock and .dvc files name into the work tree, from the cache or the remote, every byte hashed.

    A file that differs is never overwritten, and nothing is written through a path that leaves the repository.

    \b
    mlops-ci artifact pull
    mlops-ci artifact pull models/delays.skops
    """
    from mlops_ci.cli.artifact_output import pull_artifacts  # noqa: PLC0415 - keeps `--help` quick

    return pull_artifacts(directory, paths, as_json=as_json, dry_run=dry_run)


@artifact.command()
@_paths
@directory_option
@json_option
@click.option("--deep", is_flag=True, help="Read every object back and hash it.  [default: ask whether it exists]")
def verify(paths: tuple[str, ...], directory: Path, as_json: bool, deep: bool) -> int:
    """Prove that the remotes have every digest of dvc.lock and .dvc files. Exit 1: absent; 5: corrupt.

    \b
    mlops-ci artifact verify
    mlops-ci artifact verify --deep models/
    """
    from mlops_ci.cli.artifact_output import verify_artifacts  # noqa: PLC0415 - keeps `--help` quick

    return verify_artifacts(directory, paths, as_json=as_json, deep=deep)


@artifact.command()
@_paths
@directory_option
@json_option
def status(paths: tuple[str, ...], directory: Path, as_json: bool) -> int:
    """Show what is in the work tree, in the cache and in the remote, with sizes.

    \b
    mlops-ci artifact status
    mlops-ci artifact status data/ --json
    """
    from mlops_ci.cli.artifact_output import show_status  # noqa: PLC0415 - keeps `--help` quick

    return show_status(directory, paths, as_json=as_json)
