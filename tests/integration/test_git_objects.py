"""Objects made beside the work tree, by real git."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from subprocess import CalledProcessError

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects, Person
from tests.factories import git, repository

pytestmark = pytest.mark.slow
FILES = {PurePosixPath("a"): b"1", PurePosixPath("b"): b"2"}


def objects(folder: Path) -> GitObjects:
    return GitObjects(git=GitCommands(root=repository(folder / "r", {"code.py": "x\n"})))


def test_line_ends_that_git_is_to_refuse_are_recorded_as_it_would_add_them(tmp_path: Path) -> None:
    made = objects(tmp_path)
    root = made.git.root
    for name, value in (("core.autocrlf", "input"), ("core.safecrlf", "true")):
        git(root, "config", name, value)
    (root / "code.py").write_bytes(b"y\r\n")
    assert made.read([f"{made.work_tree({})}:code.py"]) == {f"{made.work_tree({})}:code.py": b"y\n"}


def test_what_a_killed_command_left_is_removed_by_a_later_one_and_nothing_else_is(tmp_path: Path) -> None:
    made = objects(tmp_path)
    made.work_tree(FILES)
    home = made.git.root / ".git/mlops-ci"
    assert list(home.iterdir()) == []
    for name in ("scratch-old", "scratch-young", "other"):
        (home / name).mkdir()
        (home / name / "index").write_bytes(b"x")
        if name != "scratch-young":
            os.utime(home / name, (time.time() - 7200,) * 2)
    made.work_tree(FILES)
    assert sorted(one.name for one in home.iterdir()) == ["other", "scratch-young"]


def test_a_clock_that_begins_in_1970_writes_commits_too(tmp_path: Path) -> None:
    made = objects(tmp_path)
    at, by = datetime(1970, 1, 1, 1, tzinfo=UTC), Person(name="Ana", email="ana@example.com")
    commit = made.commit(made.work_tree(FILES), parents=[], message="first", at=at, by=by)
    assert made.written(commit) == at


def test_a_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    made = objects(tmp_path)
    files = {PurePosixPath(name): name.encode() for name in ("new\nline", "a b", "-x", "b\\c", "é", '"q"', " missing")}
    tree = made.work_tree(files)
    names = {f"{tree}:{path}": content for path, content in files.items()}
    assert made.read([*names, f"{tree}:no\nsuch", f"{tree}:no"]) == names


def test_a_merge_with_conflicts_is_no_tree(tmp_path: Path) -> None:
    made = objects(tmp_path)
    root = made.git.root
    first = git(root, "branch", "--show-current")
    git(root, "branch", "other")
    for branch, content in (("other", "y\n"), (first, "z\n")):
        git(root, "checkout", "-q", branch)
        (root / "code.py").write_text(content)
        git(root, "commit", "-qam", content)
    with pytest.raises(CalledProcessError):
        git(root, "merge", "other")
    with pytest.raises(UsageError) as raised:
        made.work_tree(FILES)
    assert raised.value.findings[0].code == "MC-GIT-010"
