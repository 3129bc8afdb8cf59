"""`run prune`: what the plan names goes, on the remote and here; all else stays, whatever happens on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.metadata.runs import Run
from mlops_ci.stories.run_store import run_store
from tests.factories import git
from tests.integration.dvc_scratch import apart
from tests.integration.registered import Project, copied

pytestmark = pytest.mark.slow

ALL = ("run", "prune", "--keep", "1", "--younger-than", "0h")


@dataclass(frozen=True)
class Three:
    """A clone that has all runs, a version registered of the oldest one. runs: their names, the newest first."""

    project: Project
    runs: tuple[str, ...]

    def left(self) -> tuple[str, ...]:
        """Runs that the remote has, the newest first."""
        return runs_of(self.project)


def runs_of(project: Project) -> tuple[str, ...]:
    lines = git(project.root, "ls-remote", "origin", "refs/mlops-ci/runs/*").splitlines()
    return tuple(sorted((line.rpartition("/")[2] for line in lines), reverse=True))


@pytest.fixture(scope="module")
def first(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copied(made, tmp_path_factory.mktemp("prune"))
    project.must("model", "register", "delays")
    for _ in range(2):
        project.must("check", "--record", "--push")
    return project


@pytest.fixture
def three(first: Project, tmp_path: Path) -> Three:
    project = copied(first, tmp_path)
    return Three(project, runs_of(project))


def test_the_plan_says_what_goes_and_what_stays_and_why_and_touches_nothing(three: Three) -> None:
    found = three.project.must(*ALL, "--dry-run", "--json").facts
    assert [(one["stays"], one["why"]) for one in found["runs"]] == [
        (True, "one of the newest 1"), (False, "0 h old, no version needs it"), (True, "needed by delays@v1.0.0"),
    ]  # fmt: skip
    told = three.project.must(*ALL, "--dry-run").out.splitlines()
    assert told[-1] == "would remove 1 of 3 runs; nothing was removed"
    assert three.left() == three.runs


def test_what_is_pruned_is_gone_there_and_here_and_a_version_keeps_its_run(three: Three) -> None:
    three.project.must(*ALL)
    kept = (three.runs[0], three.runs[2])
    assert three.left() == kept
    here = git(three.project.root, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/mlops-ci/runs").split()
    assert tuple(sorted(here, reverse=True)) == kept
    three.project.must("model", "show", "delays@v1.0.0", "--verify")
    assert three.project.must(*ALL).out.splitlines()[-1] == "removed 0 of 2 runs"


def test_by_default_the_young_stay(three: Three) -> None:
    assert three.project.must("run", "prune").out.splitlines()[-1] == "removed 0 of 3 runs"


def test_a_version_whose_record_was_tampered_with_keeps_the_run_that_its_tag_is_on(three: Three) -> None:
    tag = git(three.project.root, "ls-remote", "origin", "refs/tags/delays@v1.0.0^{}").split()[0]
    origin = three.project.root.parent / "origin.git"
    git(origin, "tag", "-fam", "no record", "delays@v1.0.0", tag)
    three.project.must(*ALL)
    assert three.runs[2] in three.left()


def test_a_remote_that_does_not_let_go_is_told_and_nothing_goes_here(three: Three) -> None:
    hook = three.project.root.parent / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'this token is read-only' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = three.project.ask(*ALL)
    assert (done.exit, done.out, three.left()) == (4, "", three.runs)
    assert "error[MC-GIT-008]: origin: the remote does not let this be written\n" in done.said
    assert "this token is read-only" in done.said
    assert len(git(three.project.root, "for-each-ref", "refs/mlops-ci/runs").splitlines()) == 3


def test_a_remote_that_cannot_be_asked_prunes_nothing(three: Three) -> None:
    origin = three.project.root.parent / "origin.git"
    shutil.move(origin, away := origin.with_name("away.git"))
    assert three.project.ask(*ALL).exit == 4
    shutil.move(away, origin)
    assert (three.left(), len(git(three.project.root, "for-each-ref", "refs/mlops-ci/runs").splitlines())) == (
        three.runs,
        3,
    )


def test_a_prune_that_is_killed_loses_nothing_that_was_to_stay_and_the_next_one_ends_it(three: Three) -> None:
    arguments = [sys.executable, "-m", "mlops_ci", *ALL, "-C", str(three.project.root)]
    process = subprocess.Popen(
        arguments, env={**os.environ, **apart(three.project.root)}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {three.runs[0], three.runs[2]}
    assert kept <= set(three.left())
    three.project.must(*ALL)
    assert set(three.left()) == kept
    assert len(git(three.project.root, "for-each-ref", "refs/mlops-ci/runs").splitlines()) == 2


def test_a_prune_that_was_killed_after_the_remote_let_go_is_ended_here(three: Three) -> None:
    git(three.project.root, "push", "-q", "origin", f":refs/mlops-ci/runs/{three.runs[1]}")
    found = three.project.must(*ALL, "--json").facts
    assert [one["why"] for one in found["runs"] if not one["stays"]] == [
        "0 h old, no version needs it, in this clone only"
    ]
    assert three.runs[1] not in git(three.project.root, "for-each-ref", "refs/mlops-ci/runs")
    assert three.left() == (three.runs[0], three.runs[2])


def test_two_who_prune_at_once_both_end_well(three: Three) -> None:
    other = three.project.clone("other")
    arguments = [
        [sys.executable, "-m", "mlops_ci", *ALL, "-C", str(one.root)] for one in (three.project, other)
    ]  # fmt: skip
    both = [
        subprocess.Popen(one, env={**os.environ, **apart(three.project.root)}, stdout=subprocess.DEVNULL)
        for one in arguments
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert three.left() == (three.runs[0], three.runs[2])


def test_who_lists_while_somebody_prunes_sees_the_others(three: Three) -> None:
    folder = three.project.root.parent
    git(folder, "clone", "-q", f"file://{folder}/origin.git", "other")  # by its path, it would have all objects
    store = run_store(folder / "other")
    names = tuple(store.names().values())
    git(three.project.root, "push", "-q", "origin", f":refs/mlops-ci/runs/{three.runs[1]}")
    newest, gone, oldest = store.read(names)
    assert [one.id for one in (newest, oldest) if isinstance(one, Run)] == [three.runs[0], three.runs[2]]
    assert isinstance(gone, UsageError)
    assert gone.findings[0].what == "there is no such run"


def test_a_branch_that_is_called_as_a_run_keeps_nobody_from_looking(three: Three) -> None:
    other = three.project.clone("other")
    git(three.project.root, "commit", "-q", "--allow-empty", "-m", "mine")
    git(three.project.root, "push", "-q", "origin", "HEAD:refs/heads/refs/mlops-ci/runs/20990101T000000Z-0-0")
    found = other.must("run", "list", "--json").facts
    assert (tuple(one["id"] for one in found["runs"]), found["unreadable"]) == (three.runs, [])
