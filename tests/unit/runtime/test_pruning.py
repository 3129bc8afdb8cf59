"""Runtimes and wheels that nobody has used for long."""

import os
import time
from pathlib import Path

import pytest

from mlops_ci.errors import LockedError
from mlops_ci.runtime.pruning import note_use, prune
from mlops_ci.tools.files import exclusive
from tests.factories import lay

DAY = 24 * 3600.0


@pytest.fixture
def runtimes(tmp_path: Path) -> Path:
    return tmp_path / "runtime"


def made(runtimes: Path, name: str, *, days: float) -> Path:
    """A runtime that was last used so long ago."""
    folder = runtimes / (name * 16 if len(name) == 1 else name)
    lay(folder, {"complete.json": "{}", "environment/bin/python": ""})
    used = time.time() - days * DAY
    os.utime(folder, (used, used))
    return folder


def test_what_was_unused_for_30_days_is_removed_but_not_what_is_to_be_kept(runtimes: Path) -> None:
    old, current, younger = made(runtimes, "a", days=31), made(runtimes, "b", days=90), made(runtimes, "c", days=29)
    wheel, building = made(runtimes / "wheels", "d", days=31), made(runtimes / "wheels", ".building-x1", days=31)
    assert set(prune(runtimes, keep=current)) == {old.name, wheel.name, building.name}
    assert [path.exists() for path in (old, current, younger, wheel, building)] == [False, True, True, False, False]


def test_at_most_three_runtimes_at_once_the_longest_unused_first(runtimes: Path) -> None:
    for index in range(5):
        made(runtimes, str(index), days=40 + index)
    assert prune(runtimes, keep=runtimes / "x") == ("4" * 16, "3" * 16, "2" * 16)
    assert prune(runtimes, keep=runtimes / "x") == ("1" * 16, "0" * 16)


def test_what_is_used_now_is_not_removed_however_old_it_is(runtimes: Path) -> None:
    folder = made(runtimes, "a", days=400)
    note_use(folder, patience=0)
    assert prune(runtimes, keep=runtimes / "x") == ()
    assert folder.exists()


def test_what_another_process_holds_stays_and_who_wants_to_use_what_is_removed_waits(runtimes: Path) -> None:
    folder = made(runtimes, "a", days=31)
    with exclusive(folder.with_suffix(".lock"), patience=0):
        assert prune(runtimes, keep=runtimes / "x") == ()
        with pytest.raises(LockedError):
            note_use(folder, patience=0)
    assert folder.exists()


def test_what_a_killed_prune_has_left_is_removed_by_the_next(runtimes: Path) -> None:
    left = made(runtimes, ".removed-0123", days=0)
    assert prune(runtimes, keep=runtimes / "x") == ()
    assert not left.exists()


def test_what_is_not_ours_and_what_links_lead_to_stays(runtimes: Path, tmp_path: Path) -> None:
    other, elsewhere = made(runtimes, "notes", days=400), made(tmp_path, "e", days=400)
    (runtimes / ("f" * 16)).symlink_to(elsewhere)
    inside = made(runtimes, "a", days=400)
    (inside / "link").symlink_to(elsewhere)
    os.utime(inside, (0, 0))
    assert prune(runtimes, keep=runtimes / "x") == (inside.name,)
    assert (other / "complete.json").exists()
    assert (elsewhere / "complete.json").exists()


def test_where_nothing_was_made_nothing_is_noted_or_removed(runtimes: Path) -> None:
    note_use(runtimes / ("a" * 16), patience=0)
    assert prune(runtimes, keep=runtimes / "x") == ()
    assert not runtimes.exists()
