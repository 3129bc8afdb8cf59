"""Options that many commands share, and where the repository is."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TypeVar

import click

from mlops_ci.errors import UsageError

_Command = TypeVar("_Command", bound=Callable[..., object])


def directory_option(command: _Command) -> _Command:
    """`-C DIR`, given to the command as `directory`."""
    return click.option(
        "-C", "directory", metavar="DIR", default=".", show_default="this folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of the repository to look at.",
    )(command)  # fmt: skip


def json_option(command: _Command) -> _Command:
    """`--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")(command)


def repository_root(directory: Path) -> Path:
    """`directory`, or the nearest folder above it, that holds `.git`. Raises UsageError where none does."""
    start = directory.resolve()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    raise UsageError.at(
        "MC-CLI-001", str(PurePosixPath(directory)), "is in no git repository", found=f"no .git in {start} or above",
        expected="a folder of a git repository", do="name one with `-C DIR`, or make this folder one: git init",
    )  # fmt: skip
