"""Options that many commands share, and where the repository is."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from mlops_ci.tools.dvc.spare import Spare

_Command = TypeVar("_Command", bound=Callable[..., object])
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


class Duration(click.ParamType[timedelta]):
    """A whole number with s, m or h."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read a duration."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", str(value))
        if match is None:
            self.fail(f"{value!r} is no duration: a whole number with s, m or h, like 40m", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


def directory_option(command: _Command) -> _Command:
    """`-C DIR`, given to the command as `directory`."""
    return click.option(
        "-C", "directory", metavar="DIR", default=".", show_default="this folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of the repository to look at.",
    )(command)  # fmt: skip


def environment_option(command: _Command) -> _Command:
    """`--env NAME`, given to the command as `environment`."""
    return click.option("--env", "environment", required=True, metavar="NAME", help="As mlops-ci.yaml names it.")(
        command
    )


def json_option(command: _Command) -> _Command:
    """`--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")(command)


def begun_spare(directory: Path, *, wanted: bool = True) -> "Spare":
    """A process of DVC's that starts now, while all else is still being imported; none where it is not wanted."""
    from mlops_ci.tools.dvc.spare import Spare  # noqa: PLC0415 - keeps `--help` quick

    spare = Spare()
    if wanted:
        spare.begin(directory)
    return spare
