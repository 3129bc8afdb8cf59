"""`mlops-ci package`: the pipeline package. Heavy imports wait until a command is called."""

from pathlib import Path

import click

from mlops_ci.cli.options import directory_option, json_option
from mlops_ci.packaging.extra import need_extra


@click.group()
def package() -> None:
    """Build the pipeline package of a commit, look into it, and verify it.

    A package is one immutable thing, named by its digest, that environments get. See docs/package.md.
    """


@package.command()
@directory_option
@json_option
@click.option("--dry-run", is_flag=True, help="Say which package it would be, and send nothing.")
def build(directory: Path, as_json: bool, dry_run: bool) -> int:
    """Build the package of the commit that is checked out. The same pipeline is the same package.

    \b
    mlops-ci package build
    mlops-ci package build --dry-run --json
    """
    need_extra()
    from mlops_ci.cli.package_output import build_package  # noqa: PLC0415 - keeps `--help` quick

    return build_package(directory, dry_run=dry_run, as_json=as_json)


@package.command()
@click.argument("name", required=False, metavar="[PACKAGE|COMMIT|TAG|BRANCH]")
@directory_option
@json_option
def verify(name: str | None, directory: Path, as_json: bool) -> int:
    """Walk the chain of a package from its commit to its bytes, and say of each link whether it holds.

    PACKAGE is the beginning of its digest; without a name it is the package of the commit that is checked out.
    Exit 5 where a link is broken, 4 where one can't be asked.

    \b
    mlops-ci package verify
    mlops-ci package verify v1.2.0
    """
    need_extra()
    from mlops_ci.cli.package_output import verify_package  # noqa: PLC0415 - keeps `--help` quick

    return verify_package(directory, name, as_json=as_json)


@package.command()
@click.argument("name", required=False, metavar="[PACKAGE|COMMIT|TAG|BRANCH]")
@directory_option
@json_option
def show(name: str | None, directory: Path, as_json: bool) -> int:
    """Show what a package is: its stages, parameters, gates, suites and components, and who built it.

    PACKAGE is the beginning of its digest; without a name it is the package of the commit that is checked out.
    Nothing of it is proven: that is `package verify`.

    \b
    mlops-ci package show
    mlops-ci package show v1.2.0 --json
    """
    need_extra()
    from mlops_ci.cli.package_output import show_package  # noqa: PLC0415 - keeps `--help` quick

    return show_package(directory, name, as_json=as_json)


@package.command()
@click.argument("one", metavar="FROM")
@click.argument("other", required=False, default="HEAD", metavar="[TO]")
@directory_option
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Write it as for a pull request.")
def diff(one: str, other: str, directory: Path, as_json: bool, as_markdown: bool) -> int:
    """Say what differs from one package to another, each named as for `show`; without TO it is that of HEAD.

    \b
    mlops-ci package diff v1.1.0 v1.2.0
    mlops-ci package diff v1.2.0 --markdown
    """
    need_extra()
    from mlops_ci.cli.package_output import diff_packages  # noqa: PLC0415 - keeps `--help` quick

    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown are two forms: choose one")
    return diff_packages(directory, one, other, form="json" if as_json else "markdown" if as_markdown else "text")
