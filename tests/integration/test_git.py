"""The reader of repositories against real git: every path, every state, and nothing written."""

import os
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError, UsageError
from mlops_ci.tools.git import open_repository
from mlops_ci.tools.git_snapshot import Snapshot
from tests.factories import commit_all, git, lay, repository

ODD = ["a b.txt", "quo\"te's.txt", "tab\there", "new\nline", "-dash", "日本.csv", "*", "caf\udce9.txt", ":(top)x"]


def paths(*names: str) -> frozenset[PurePosixPath]:
    return frozenset(PurePosixPath(name) for name in names)


@pytest.mark.parametrize("odd", ODD)
def test_every_name_is_read_as_it_is(tmp_path: Path, odd: str) -> None:
    root = repository(tmp_path / "r", {"keep": "x", f"sub/{odd}": "first"})
    base = git(root, "rev-parse", "HEAD")
    lay(root, {f"sub/{odd}": "second", f"loose/{odd}": "new"})
    name = PurePosixPath("sub", odd)
    with open_repository(root / "sub") as read:
        assert read.root == root
        assert read.tracked() == paths("keep", f"sub/{odd}")
        assert read.untracked() == paths(f"loose/{odd}")
        assert read.changed_since(base) == paths(f"sub/{odd}", f"loose/{odd}")
        assert read.read_at(base, name) == b"first"
        assert read.files_at(base, PurePosixPath("sub")) == {name}


def test_changes_are_committed_staged_unstaged_and_untracked_and_renames_are_both(tmp_path: Path) -> None:
    files = dict.fromkeys(("moved", "gone", "staged", "unstaged", "touched", "same"), "a\nb\nc\n")
    root = repository(tmp_path / "r", {**files, ".gitignore": "ignored\n"})
    base = git(root, "rev-parse", "HEAD")
    git(root, "mv", "moved", "renamed")
    commit_all(root, "second")
    lay(root, {"staged": "x", "loose": "x", "ignored": "x"})
    git(root, "add", "staged")
    lay(root, {"unstaged": "x"})
    (root / "gone").unlink()
    os.utime(root / "touched", (1, 1))
    with open_repository(root) as read:
        assert read.is_dirty()
        changed = read.changed_since(base)
    assert changed == paths("moved", "renamed", "gone", "staged", "unstaged", "loose")


def test_nothing_is_written(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    os.utime(root / "a", (1, 1))
    index = (root / ".git/index").read_bytes()
    files = sorted(root.rglob("*"))
    with open_repository(root) as read:
        read.changed_since("HEAD")
        read.is_dirty()
        read.merge_base("HEAD", "main")
        read.read_at("HEAD", PurePosixPath("a"))
    assert (root / ".git/index").read_bytes() == index
    assert sorted(root.rglob("*")) == files


def test_head_and_branch_in_each_state(tmp_path: Path) -> None:
    unborn = tmp_path / "unborn"
    unborn.mkdir()
    git(unborn, "init", "--quiet", "--initial-branch=main")
    with open_repository(unborn) as read:
        assert (read.head(), read.branch(), read.tracked(), read.is_dirty()) == (None, "main", paths(), False)
    root = repository(tmp_path / "r", {"a": "x"})
    commit = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "--quiet", "--detach")
    with open_repository(root) as read:
        assert (read.head(), read.branch(), read.is_shallow()) == (commit, None, False)


def test_a_linked_work_tree_is_read_like_any_other(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    git(root, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    with open_repository(tmp_path / "linked") as read:
        assert (read.root, read.branch(), read.tracked()) == (tmp_path / "linked", "other", paths("a"))
        assert read.read_at("HEAD", PurePosixPath("a")) == b"x"


@pytest.mark.parametrize("hostile", ["--help", "-q", "", "a\nb", "\0"])
def test_hostile_references_are_refused(tmp_path: Path, hostile: str) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    with open_repository(root) as read, pytest.raises(UsageError):
        read.resolve(hostile)


@pytest.mark.parametrize("absent", ["nowhere", "HEAD:a", "0" * 40, "main..main", "@{upstream}", "a b", "$(id)"])
def test_what_names_no_commit_is_none(tmp_path: Path, absent: str) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    with open_repository(root) as read:
        assert read.resolve(absent) is None
        assert read.merge_base("HEAD", absent) is None


def test_an_annotated_tag_names_its_commit(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    git(root, "tag", "--annotate", "--message", "m", "delays@v1.0.0")
    with open_repository(root) as read:
        assert read.resolve("delays@v1.0.0") == read.head()


def test_the_remote_s_default_branch_goes_before_the_local_one(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "x"})
    git(origin, "branch", "--move", "trunk")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    fetched = git(clone, "rev-parse", "HEAD")
    git(clone, "branch", "main")
    lay(clone, {"b": "x"})
    commit_all(clone, "second")
    with open_repository(clone) as read:
        assert read.default_branch_commit() == ("origin/trunk", fetched)
        assert read.merge_base("HEAD", "origin/trunk") == fetched
    git(clone, "symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    with open_repository(clone) as read:
        assert read.default_branch_commit() is None


def test_without_a_remote_the_local_default_branch_is_taken(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    git(root, "config", "init.defaultBranch", "trunk")
    git(root, "checkout", "--quiet", "-b", "feature")
    with open_repository(root) as read:
        assert read.default_branch_commit() == ("main", read.head())
    git(root, "branch", "trunk")
    with open_repository(root) as read:
        assert read.default_branch_commit() == ("trunk", read.head())


def test_a_shallow_clone_lacks_what_was_cut_off(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "x"})
    first = git(origin, "rev-parse", "HEAD")
    lay(origin, {"a": "y"})
    commit_all(origin, "second")
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.as_uri(), str(tmp_path / "clone"))
    with open_repository(tmp_path / "clone") as read:
        assert read.is_shallow()
        assert read.resolve(first) is None


def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path) -> None:
    origin = repository(tmp_path / "origin", {"a": "x"})
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", origin.as_uri(), str(tmp_path / "clone"))
    with open_repository(tmp_path / "clone") as read:
        with pytest.raises(MlopsCiError):
            read.read_at("HEAD", PurePosixPath("a"))
        assert read.files_at("HEAD") == paths("a")


def test_unrelated_histories_have_no_common_ancestor(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    git(root, "checkout", "--quiet", "--orphan", "other")
    commit_all(root, "unrelated")
    with open_repository(root) as read:
        assert read.merge_base("main", "other") is None


def test_only_regular_files_have_bytes_at_a_commit(tmp_path: Path) -> None:
    root = tmp_path / "r"
    root.mkdir()
    (root / "link").symlink_to("/etc/passwd")
    repository(root, {"folder/file": b"\0\xff"})
    with open_repository(root) as read:
        assert read.read_at("HEAD", PurePosixPath("folder/file")) == b"\0\xff"
        for absent in ("link", "folder", "none", "folder/file/deeper"):
            assert read.read_at("HEAD", PurePosixPath(absent)) is None
        with pytest.raises(UsageError):
            read.read_at("gone", PurePosixPath("link"))


def test_ignored_files_and_tracked_ones_that_a_rule_matches(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"data/x.dvc": "x", "kept.txt": "x"})
    lay(root, {".gitignore": "/data/\n*.log\n"})
    asked = paths("data/x.dvc", "kept.txt", "a b.log", "caf\udce9.log")
    with open_repository(root) as read:
        assert read.ignored(asked) == paths("a b.log", "caf\udce9.log")
        assert read.ignored(asked, tracked_too=True) == paths("data/x.dvc", "a b.log", "caf\udce9.log")
        assert read.ignored([]) == paths()


def test_patterns_of_another_file_exclude_as_gitignore_s_do(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {
        ".dvcignore": "corpus/\n!corpus/kept\n*.tmp\n", "corpus/a/dvc.yaml": "x", "dvc.yaml": "x",
        "sub/.dvcignore": "/here\n", "sub/here": "x", "here": "x", "a.tmp": "x",
    })  # fmt: skip
    lay(root, {"corpus/loose": "x"})
    with open_repository(root) as read:
        assert read.excluded_by(".dvcignore") == paths("corpus/a/dvc.yaml", "corpus/loose", "sub/here", "a.tmp")
        assert read.excluded_by(".nothing") == paths()


def test_a_folder_without_a_repository_and_a_bare_one_are_answered(tmp_path: Path) -> None:
    for missing in (tmp_path, tmp_path / "no such folder"):
        with pytest.raises(UsageError) as refused:
            open_repository(missing)
        assert "git init" in refused.value.findings[0].do
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    with pytest.raises(UsageError) as refused:
        open_repository(tmp_path / "bare.git")
    assert "bare" in refused.value.findings[0].what


def test_a_repository_that_git_does_not_trust_is_answered_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(UsageError) as refused:
        open_repository(root)
    assert f"safe.directory {root}" in refused.value.findings[0].do


def test_without_git_there_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MlopsCiError) as refused:
        open_repository(root)
    assert refused.value.exit is ExitCode.SERVICE
    assert "install git" in refused.value.findings[0].do


def _read_all(root: Path) -> None:
    with open_repository(root) as read:
        read.tracked()
        read.changed_since("HEAD")


@pytest.mark.parametrize("broken", ["HEAD", "index"])
def test_a_broken_repository_is_answered(tmp_path: Path, broken: str) -> None:
    root = repository(tmp_path / "r", {"a": "x"})
    (root / ".git" / broken).write_bytes(b"\0broken")
    with pytest.raises(MlopsCiError) as refused:
        _read_all(root)
    assert refused.value.findings[0].do


def test_a_snapshot_sees_what_the_repository_sees_and_stays_as_it_was(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": "x", ".gitignore": "ignored\n", "sub/b": "x"})
    lay(root, {"a": "y", "loose": "x", "ignored": "x", "sub/new/c": "x", "nested/.git/HEAD": "x"})
    git(root, "add", "loose")
    with open_repository(root) as read:
        seen = Snapshot(read)
        before = (seen.tracked(), seen.untracked(), seen.changed_since("HEAD"), seen.is_dirty())
        assert before == (read.tracked(), read.untracked(), read.changed_since("HEAD"), read.is_dirty())
        lay(root, {"later": "x"})
        assert (seen.tracked(), seen.untracked(), seen.changed_since("HEAD"), seen.is_dirty()) == before
        assert PurePosixPath("later") in read.untracked()
