"""Records as files: created once, whole or not at all."""

import fcntl
import os
from pathlib import Path

import pytest

from mlops_ci.deployment.file_log import FileLog
from mlops_ci.errors import ServiceError


def log(folder: Path) -> FileLog:
    return FileLog(folder=folder / "state" / "log", name="staging")


def test_what_was_created_is_read_and_a_number_is_given_once(tmp_path: Path) -> None:
    of = log(tmp_path)
    assert of.newest() is None
    assert not of.read()
    assert of.create(1, "one")
    assert of.create(2, "zwei ü")
    assert not of.create(2, "other")
    assert of.newest() == (2, "zwei ü")
    assert of.read() == {1: "one", 2: "zwei ü"}


def test_removed_records_are_gone_and_what_is_not_there_is_removed_too(tmp_path: Path) -> None:
    of = log(tmp_path)
    of.create(1, "one")
    of.create(123_456_789, "many")
    of.remove([1, 5])
    assert of.read() == {123_456_789: "many"}


def test_what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    of = log(tmp_path)
    of.create(1, "one")
    (of.folder / ".new-dead").write_text("to")
    with (of.folder / ".new-alive").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert of.create(2, "two")
        assert sorted(path.name for path in of.folder.iterdir()) == [".new-alive", "00000001.json", "00000002.json"]


def test_other_files_are_no_records(tmp_path: Path) -> None:
    of = log(tmp_path)
    of.create(7, "seven")
    for name in ("README", "8.json", "00000009.json~", "000000010.json"):
        (of.folder / name).write_text("")
    assert of.newest() == (7, "seven")


def test_files_and_folders_have_the_permissions_that_new_ones_have(tmp_path: Path) -> None:
    of, mask = log(tmp_path), os.umask(0o027)
    try:
        of.create(1, "one")
    finally:
        os.umask(mask)
    assert of.folder.stat().st_mode & 0o777 == 0o750
    assert (of.folder / "00000001.json").stat().st_mode & 0o777 == 0o640


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    for ask in (lambda: log(tmp_path).create(1, "one"), log(tmp_path).newest):
        with pytest.raises(ServiceError):
            ask()
