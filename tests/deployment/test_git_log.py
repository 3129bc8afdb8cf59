"""The log in a real git remote."""

import subprocess
from pathlib import Path

import pytest

from mlops_ci.deployment.ledger import read_ledger
from mlops_ci.deployment.lock import held, me, take
from mlops_ci.errors import LockedError, ServiceError
from tests.deployment.git_ground import cloned, log_of, origin, refs
from tests.factories import git
from tests.unit.deployment.entries import an_entry

pytestmark = pytest.mark.slow


def test_a_number_is_given_once_whoever_asks(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    here, there = log_of(cloned(bare, "here")), log_of(cloned(bare, "there"))
    assert here.newest() is None
    assert here.create(1, "one")
    assert not there.create(1, "other")
    assert there.create(2, "zwei ü")
    assert here.newest() == (2, "zwei ü")
    assert here.read() == there.read() == {1: "one", 2: "zwei ü"}
    here.remove([1, 7])
    assert there.read() == {2: "zwei ü"}


def test_other_environments_and_other_names_are_no_records_of_this_one(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    root = cloned(bare, "here")
    log_of(root, name="production").create(3, "three")
    for name in ("staging/7", "staging/000000010", "staging/current", "staging-2/00000009"):
        git(bare, "update-ref", f"refs/mlops-ci/environments/{name}", "main")
    assert log_of(root).newest() is None
    assert log_of(root, name="production").newest() == (3, "three")


def test_the_newest_entry_brings_all_entries_and_little_is_fetched_again(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    log = log_of(cloned(bare, "here"))
    for _ in range(12):
        with held(log, me("ada")) as holding:
            holding.append(an_entry(**read_ledger(log).follows()))
    entries = read_ledger(log).entries
    assert [entry.number for entry in entries] == list(range(1, 13))
    newest = max(log.read().items())[0]
    below = git(bare, "log", "--format=%s", refs(bare)[f"{newest - 1:08d}"]).splitlines()
    assert len(below) == 12

    fresh = cloned(bare, "fresh")
    assert read_ledger(log_of(fresh, index=True)).entries == entries
    seen = git(fresh, "for-each-ref", "refs/mlops-ci/seen").splitlines()
    assert len(seen) <= 3, "one for the newest entry, and what came after it"
    with held(log, me("ada")) as holding:
        holding.append(an_entry(**read_ledger(log).follows()))
    assert len(read_ledger(log_of(fresh, index=True)).entries) == 13


def test_what_an_index_lost_or_git_collected_is_read_again(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    root = cloned(bare, "here")
    with held(log_of(root), me("ada")) as holding:
        holding.append(an_entry())
    assert len(read_ledger(log_of(root, index=True)).entries) == 1
    git(root, "gc", "-q", "--prune=now")
    (root / ".mlops-ci" / "index.sqlite").write_text("no database")
    with held(log_of(root, index=True), me("ada")) as holding:
        holding.append(an_entry(**read_ledger(log_of(root, index=True)).follows()))
    assert len(read_ledger(log_of(root, index=True)).entries) == 2


def test_an_answer_that_was_lost_does_not_matter(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    log = log_of(cloned(bare, "here"))
    hook = bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    # The server has written, and its answer never comes: as when a connection breaks.
    hook.write_text("#!/bin/sh\n[ -e cut ] || exit 0\nrm cut\nkill -9 $PPID\n")
    hook.chmod(0o755)
    with held(log, me("ada")) as holding:
        (bare / "cut").write_text("")
        holding.append(an_entry())
    assert not (bare / "cut").exists()
    assert len(read_ledger(log).entries) == 1


def test_a_remote_that_is_gone_is_a_service_that_failed_and_a_lock_that_is_held_says_by_whom(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    here, there = log_of(cloned(bare, "here")), log_of(cloned(bare, "there"))
    take(here, me("ada", "https://ci.example/runs/7"))
    with pytest.raises(LockedError) as refused:
        take(there, me("bob"))
    assert "ada" in refused.value.findings[0].found
    assert "https://ci.example/runs/7" in refused.value.findings[0].found
    bare.rename(tmp_path / "elsewhere.git")
    for ask in (here.newest, here.read, lambda: here.create(9, "nine")):
        with pytest.raises(ServiceError):
            ask()


def test_a_partial_answer_of_the_remote_is_no_empty_log(tmp_path: Path) -> None:
    bare = origin(tmp_path)
    root = cloned(bare, "here")
    log_of(root).create(1, "one")
    sha = refs(bare)["00000001"]
    (bare / "objects" / sha[:2] / sha[2:]).unlink()
    fresh = tmp_path / "fresh"
    subprocess.run(["git", "init", "-q", str(fresh)], check=True)
    git(fresh, "remote", "add", "origin", f"file://{bare}")
    with pytest.raises(ServiceError):
        log_of(fresh).newest()
