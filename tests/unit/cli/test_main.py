"""The command line itself: help without heavy imports, errors as text and exit codes."""

import pytest
from click.testing import CliRunner

from mlops_ci.cli.main import COMMANDS, cli, run
from mlops_ci.core.verdicts import ExitCode


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_the_words_of_the_table(name: str) -> None:
    command = cli.get_command(cli.make_context("mlops-ci", ["--help"], resilient_parsing=True), name)
    assert command is not None
    assert command.get_short_help_str(limit=200) == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    command = cli.get_command(cli.make_context("mlops-ci", ["--help"], resilient_parsing=True), name)
    assert command is not None
    commands = [command, *getattr(command, "commands", {}).values()]
    texts = [each.help or "" for each in commands]
    assert any(f"mlops-ci {name}" in text for text in texts)


def test_help_lists_all_commands_and_exit_codes() -> None:
    text = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in text for name in COMMANDS)
    assert "3 inconclusive" in text


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chekc"]) == ExitCode.USAGE
    assert "chekc" in capsys.readouterr().err
