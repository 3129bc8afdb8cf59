"""Temporary folders: whose owner is gone, they go."""

import tempfile
from pathlib import Path

import pytest

from mlops_ci.tools.scratch import scratch_folder, sweep


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_afterwards_with_all_that_is_in_it(home: Path) -> None:
    with scratch_folder() as folder:
        (folder / "file").touch()
        assert folder.parent == home
    assert list(home.iterdir()) == []


def test_a_folder_that_somebody_still_uses_stays(home: Path) -> None:
    with scratch_folder() as first, scratch_folder() as second:
        sweep()
        assert sorted(home.iterdir()) == sorted((first, second))


def test_what_a_killed_process_left_goes_with_the_next_one_and_nothing_else_does(home: Path) -> None:
    left, other = home / "mlops-ci-scratch-left", home / "mlops-ci-elsewhere"
    (left / "deep").mkdir(parents=True)
    other.mkdir()
    with scratch_folder():
        assert not left.exists()
    assert list(home.iterdir()) == [other]


def test_a_link_of_that_name_is_not_followed(home: Path) -> None:
    (home / "mine").mkdir()
    (home / "mine" / "file").touch()
    (home / "mlops-ci-scratch-link").symlink_to(home / "mine")
    sweep()
    assert (home / "mine" / "file").exists()
