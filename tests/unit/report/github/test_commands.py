import pytest

from mlops_ci.report.github.commands import command, commands_stopped
from tests.doubles.runner import obeyed

ACTIONS = {"GITHUB_ACTIONS": "true"}


def test_what_the_runner_reads_is_what_was_meant() -> None:
    line = command("error", {"file": "a,b:c%3A.yaml", "line": "3", "col": "", "title": "x=y"}, ("100 %", "two: 2"))
    (found,) = obeyed([line])
    assert found.properties == {"file": "a,b:c%3A.yaml", "line": "3", "title": "x=y"}
    assert found.message == "100 %\ntwo: 2"


def test_nothing_printed_meanwhile_is_obeyed_and_afterwards_all_is_again() -> None:
    printed: list[str] = []
    with commands_stopped(ACTIONS, printed.append):
        printed.append("::add-mask::a\n::stop-commands::guess\n::guess::\n##[add-path]/evil")
    printed.append("::notice::after")
    assert [one.name for one in obeyed(printed)] == ["notice"]


def test_the_word_that_ends_it_is_another_each_time() -> None:
    printed: list[str] = []
    for _ in range(2):
        with commands_stopped(ACTIONS, printed.append):
            pass
    assert len(set(printed)) == 4
    assert all(len(line) > 32 for line in printed)


def test_commands_are_obeyed_again_after_a_crash() -> None:
    printed: list[str] = []
    with pytest.raises(KeyboardInterrupt), commands_stopped(ACTIONS, printed.append):
        raise KeyboardInterrupt
    assert obeyed([*printed, "::notice::x"])


def test_on_a_laptop_nothing_is_printed() -> None:
    printed: list[str] = []
    with commands_stopped({}, printed.append):
        pass
    assert not printed
