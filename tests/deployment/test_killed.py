"""Commands killed with SIGKILL at some of their steps; benchmarks/deliver_kill.py does so at all."""

from pathlib import Path

import pytest

from tests.deployment.killing import Ground, Trial, ground, trial

pytestmark = pytest.mark.slow

_TRIES = 5


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A shop to kill commands in."""
    folder: Path = tmp_path_factory.mktemp("killed")
    return ground(folder)


@pytest.mark.parametrize(
    ("command", "step", "after"),
    [
        ("deliver", "smoke", 0.5),  # the package is placed, and its tests run
        ("deliver", "expose", 0.0),  # the ledger says that it runs, and the link does not yet
        ("rollback", "expose", 0.0),
        ("prune", "prune", 0.0),
    ],
)
def test_what_runs_is_the_old_or_the_new_and_the_next_command_converges(
    of: Ground, command: str, step: str, after: float
) -> None:
    done = killed(of, command, step, after)
    assert done.hit, done
    assert not done.wrong, done


def killed(of: Ground, command: str, step: str, after: float) -> Trial:
    """Some steps take a few milliseconds, so that a signal may come too late."""
    for _ in range(_TRIES):
        done = trial(of, command, step, after=after)
        if done.hit or done.wrong:
            return done
    return done
