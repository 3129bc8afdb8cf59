"""What a command found, printed for people or for programs. What this imports is heavy: import it late."""

import sys
from collections.abc import Iterable

import click
from rich.console import RenderableType

from mlops_ci.core.digests import Json
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.report.console import console_on, is_screen
from mlops_ci.report.github.commands import commands_stopped
from mlops_ci.report.json_text import json_text
from mlops_ci.tools.environment import inherited

_WIDTH_OF_A_PIPE = 200


def told(words: Iterable[RenderableType], facts: Json, *, as_json: bool) -> ExitCode:
    """Print facts for programs, or words for people; in CI none of them is taken for a command."""
    if as_json:
        click.echo(json_text(facts))
        return ExitCode.PASS
    console = console_on(sys.stdout)
    if not is_screen(console):
        console.width = _WIDTH_OF_A_PIPE
    with commands_stopped(inherited(), click.echo):
        for one in words:
            console.print(one)
    return ExitCode.PASS
