"""A work tree for a short work: what of it stays, and what a commit can't smuggle into what stays."""

from pathlib import Path

import pytest

from mlops_ci.errors import LockedError
from mlops_ci.tools.files import own_folder
from mlops_ci.tools.git_bench import SHORT, Bench
from tests.factories import commit_all, git, lay, repository

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = repository(tmp_path / "work", {"code.py": "1\n"})
    commit_all(folder, "one")
    own_folder(folder)
    return folder


def bench(root: Path) -> Bench:
    return Bench(root=root, home=root / ".mlops-ci/champion")


def head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD")


def test_what_was_made_lies_there_again_the_next_time_but_not_what_was_for_one_work(root: Path) -> None:
    with bench(root).laid(head(root), patience=0, words="first") as first:
        lay(first, {".mlops-ci/runtime/a": "made\n", f".mlops-ci/{SHORT}/rows.csv": "rows\n", "code.py": "spoiled\n"})
    with bench(root).laid(head(root), patience=0, words="second") as second:
        assert second == first
        assert (second / ".mlops-ci/runtime/a").read_text() == "made\n"
        assert not (second / f".mlops-ci/{SHORT}").exists()
        assert (second / "code.py").read_text() == "1\n"
        assert git(second, "status", "--porcelain") == ""
    assert not first.exists()
    assert git(root, "worktree", "list").splitlines() == [git(root, "worktree", "list")]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_a_commit_tracks_in_our_name_is_not_believed(root: Path, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    lay(outside, {"runtime/a": "anybody's\n"})
    source = repository(tmp_path / "source", {})
    if kind == "folder":
        lay(source, {".mlops-ci/runtime/a": "anybody's\n"})
    elif kind == "file":
        lay(source, {".mlops-ci": "anybody's\n"})
    else:
        (source / ".mlops-ci").symlink_to(outside)
    git(source, "add", "--force", ".")
    commit_all(source, "hostile")
    git(root, "fetch", "--quiet", str(source), "HEAD")
    hostile = git(root, "rev-parse", "FETCH_HEAD")
    for _ in range(2):
        with bench(root).laid(hostile, patience=0, words="hostile") as tree:
            own = tree / ".mlops-ci"
            assert sorted(path.name for path in own.iterdir()) == [".gitignore"]
            assert not own.is_symlink()
    assert (outside / "runtime/a").read_text() == "anybody's\n"


def test_two_do_not_work_there_at_once(root: Path) -> None:
    with bench(root).laid(head(root), patience=0, words="scoring with the base") as tree:
        bench(root).sweep()  # somebody is at work: nothing is swept
        assert (tree / "code.py").exists()
        second = bench(root).laid(head(root), patience=0, words="second")
        with pytest.raises(LockedError) as refused:
            second.__enter__()
    assert "by scoring with the base" in refused.value.findings[0].found


def test_work_that_fails_leaves_nothing(root: Path) -> None:
    with pytest.raises(ZeroDivisionError), bench(root).laid(head(root), patience=0, words="fails"):
        raise ZeroDivisionError
    assert sorted(path.name for path in (root / ".mlops-ci/champion").iterdir()) == ["aside", "lock"]
    assert len(git(root, "worktree", "list").splitlines()) == 1
