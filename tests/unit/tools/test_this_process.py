"""A process is said to have ended only where that is certain."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.tools.this_process import is_gone, this_process

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system says nothing of processes")
NO_PROCESS = 2**22 + 1  # above what Linux gives


def test_this_process_has_not_ended() -> None:
    assert not is_gone(this_process())


def test_a_process_that_is_not_there_has_ended_and_so_has_one_whose_number_was_given_again() -> None:
    assert is_gone(replace(this_process(), pid=NO_PROCESS))
    assert is_gone(replace(this_process(), begin="1"))


@pytest.mark.parametrize("other", ["boot", "space", "begin"])
def test_of_another_machine_another_container_or_an_unknown_begin_nothing_is_said(other: str) -> None:
    elsewhere = replace(this_process(), pid=NO_PROCESS, **{other: "" if other == "begin" else "other"})
    assert not is_gone(elsewhere)


def test_numbers_that_no_process_can_have_are_no_processes() -> None:
    for number in (-1, 0, 2**70):
        is_gone(replace(this_process(), pid=number))
