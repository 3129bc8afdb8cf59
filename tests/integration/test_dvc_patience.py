"""A transfer may take as long as it moves, and no longer."""

import time

import pytest

from mlops_ci.tools.dvc.worker.patience import while_it_moves


def test_a_transfer_that_stands_still_is_given_up() -> None:
    with pytest.raises(TimeoutError, match="only 10 bytes moved"):
        _move_ten_bytes_and_wait()


def _move_ten_bytes_and_wait() -> None:
    with while_it_moves(0.2) as moved:
        moved.branched("there", "here").relative_update(10)
        time.sleep(5)


def test_a_transfer_that_moves_has_all_the_time_it_needs() -> None:
    with while_it_moves(0.2) as moved:
        one = moved.branched("there", "here")
        for _ in range(8):
            one.relative_update(1 << 20)
            time.sleep(0.1)
    time.sleep(0.3)  # and nothing comes after it
