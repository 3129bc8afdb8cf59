"""`mlops-ci`: commands, loaded when they are called, and the one boundary where errors become text and exit codes."""

import signal
import sys
import traceback
from importlib import import_module
from typing import NoReturn

import click

from mlops_ci import __version__
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError, refused_by_machine
from mlops_ci.tools.git_variables import forget_other_repository

_HOME = "https://github.com/mlops-ci/mlops-ci"

# Every command, where it lives, and what `--help` says of it: nothing else is imported until it is called.
COMMANDS = {
    "artifact": ("mlops_ci.cli.artifact", "Send, bring and prove the bytes that DVC keeps."),
    "check": ("mlops_ci.cli.check", "Check everything that a pull request would be checked for."),
    "component": ("mlops_ci.cli.component", "List, test and build the components that stages run."),
    "config": ("mlops_ci.cli.config", "Read, explain and describe mlops-ci.yaml."),
    "data": ("mlops_ci.cli.data", "Judge datasets by their Great Expectations suites."),
    "deliver": ("mlops_ci.cli.deliver", "Deliver a pipeline package into an environment."),
    "env": ("mlops_ci.cli.env", "Environments: what runs there, what ran there, and a run of it."),
    "init": ("mlops_ci.cli.init", "Add the pull-request check to this repository."),
    "model": ("mlops_ci.cli.model", "Judge models by their gates, and keep their versions."),
    "package": ("mlops_ci.cli.package", "Build the pipeline package of a commit, look into it, and verify it."),
    "pipeline": ("mlops_ci.cli.pipeline", "Plan and run DVC pipelines."),
    "promote": (
        "mlops_ci.cli.promote",
        "Promote what runs in one environment into another: the same package, to the byte.",
    ),
    "rollback": ("mlops_ci.cli.rollback", "Go back to what ran before."),
    "run": ("mlops_ci.cli.run", "Recorded runs: list, show, compare, and bring back."),
    "report": ("mlops_ci.cli.report", "Show a stored report, or keep it as the comment of a pull request."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, written from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mlops-ci")
@click.option("--debug", is_flag=True, help="Show tracebacks with errors.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Continuous integration, delivery and training for machine-learning pipelines.

    In a repository with a dvc.yaml, begin with:

      mlops-ci check

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive, 4 a tool or service failed, 5 integrity,
    70 a bug in mlops-ci, 75 somebody else holds the lock, 130 interrupted.
    """
    ctx.obj = debug


def main() -> NoReturn:
    """Run the command line and exit."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    forget_other_repository()
    code = run(sys.argv[1:])
    # What is done is done: a signal that comes now must not change the exit code.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code. Every error ends here."""
    try:
        code = cli.main(arguments, prog_name="mlops-ci", standalone_mode=False)
        return int(code or ExitCode.PASS)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except MlopsCiError as error:
        _explain(error, debug="--debug" in arguments)
        return error.exit
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: what had been begun was ended in order", err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:  # the last wall: whatever else comes is a bug of ours
        refused = refused_by_machine(error) if isinstance(error, OSError) else None
        if refused is not None:
            _explain(refused, debug="--debug" in arguments)
            return refused.exit
        _show_traceback()
        click.echo(
            f"This is a bug in mlops-ci {__version__}. Please report it with the text above: {_HOME}/issues", err=True
        )
        return ExitCode.BUG


def _explain(error: MlopsCiError, *, debug: bool) -> None:
    from mlops_ci.report.terminal import render_finding  # noqa: PLC0415 - only when something is to be explained

    for finding in error.findings:
        click.echo(render_finding(finding), err=True)
    if debug:
        _show_traceback()


def _show_traceback() -> None:
    from mlops_ci.report.plain_text import printable  # noqa: PLC0415 - only when something went wrong

    for line in traceback.format_exc().splitlines():
        click.echo(printable(line), err=True)


def _interrupt(*_: object) -> NoReturn:
    """End in order, once: GitHub sends SIGTERM 7.5 seconds after SIGINT, and what is being ended takes its time."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt
