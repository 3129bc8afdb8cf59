"""`run adopt`: what a run locked comes into the work tree, and nothing of the user's is lost for it."""

from pathlib import Path

import pytest

from tests.factories import commit_all, git
from tests.integration.registered import Project, copied

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(made: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A repository whose main has an old dvc.lock, and a run of its head that nobody has committed."""
    project = copied(made, tmp_path_factory.mktemp("adopt"))
    (project.root / "params.yaml").write_text("seed: 2\n")
    commit_all(project.root, "another seed")
    git(project.root, "push", "-q", "origin", "main")
    project.must("check", "--record", "--push")
    (run,) = project.must("run", "list", "--json").facts["runs"]
    return project, run["id"]


@pytest.fixture
def fresh(first: tuple[Project, str], tmp_path: Path) -> tuple[Project, str]:
    """A fresh clone, and the run's name."""
    return copied(first[0], tmp_path).clone("fresh"), first[1]


def status(project: Project) -> str:
    return git(project.root, "status", "--porcelain")


def test_what_the_run_locked_is_here_to_be_committed_and_the_pipeline_is_up_to_date(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    old = (project.root / "dvc.lock").read_bytes()
    done = project.must("run", "adopt", run, "--json").facts
    assert (done["adopted"], done["same"]) == (["dvc.lock"], ["metrics.json"])
    assert (project.root / done["kept"]["dvc.lock"]).read_bytes() == old
    assert status(project) == "M dvc.lock"
    commit_all(project.root, "the run")
    assert {one["state"] for one in project.must("check", "--pipeline", "verify", "--json").facts["stages"]} == {
        "cached"
    }


def test_a_dry_run_writes_nothing_and_a_second_call_finds_it_done(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    told = project.must("run", "adopt", run, "--dry-run").out
    assert told.startswith(f"would adopt from run {run}\n")
    assert (status(project), (project.root / ".mlops-ci/before-adopt").exists()) == ("", False)
    project.must("run", "adopt", run)
    assert project.must("run", "adopt", run).out == f"all files of run {run} are here already\n"


def test_another_source_is_refused_and_what_matters_is_named(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    (project.root / "README").write_text("what nothing reads does not matter\n")
    commit_all(project.root, "words")
    project.must("run", "adopt", run, "--dry-run")
    (project.root / "params.yaml").write_text("seed: 3\n")
    head = commit_all(project.root, "a third seed")
    done = project.ask("run", "adopt", run)
    source = git(project.root, "rev-parse", "origin/main")
    assert (done.exit, done.out, status(project)) == (2, "", "")
    assert done.said == (
        f"error[MC-RUN-052]: {run}: what lies here is another source than the one that was run\n"
        f"  found     the run was of {source[:10]}, HEAD is {head[:10]}; other bytes: params.yaml\n"
        "  expected  the same code, definitions, parameters and data that the run read\n"
        f"  do this   go there first, `git switch --detach {source}`, or run the pipeline here; or `--force`\n"
    )
    project.must("run", "adopt", run, "--force")
    assert status(project) == "M dvc.lock"


def test_changes_that_were_never_committed_are_not_overwritten(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    lock = project.root / "dvc.lock"
    lock.write_text(mine := lock.read_text() + "# mine\n")
    assert project.ask("run", "adopt", run).exit == 2
    git(project.root, "add", "dvc.lock")
    done = project.ask("run", "adopt", run)
    assert (done.exit, done.out, lock.read_text()) == (2, "", mine)
    assert done.said == (
        "error[MC-RUN-053]: dvc.lock: it has changes that are not committed\n"
        "  found     other bytes than HEAD's and than the run's\n"
        "  expected  nothing that would be overwritten\n"
        "  do this   commit it or move it away; `--force` overwrites it, and keeps what was there in .mlops-ci/\n"
    )
    kept = project.must("run", "adopt", run, "--force", "--json").facts["kept"]["dvc.lock"]
    assert (project.root / kept).read_text() == mine


def test_a_lock_that_git_ignores_or_does_not_know_is_not_overwritten_either(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    git(project.root, "rm", "-q", "--cached", "dvc.lock")
    git(project.root, "commit", "-qm", "no lock in git")
    (project.root / "dvc.lock").write_text("mine\n")
    assert project.ask("run", "adopt", run).exit == 2
    (project.root / ".git/info/exclude").write_text("dvc.lock\n")
    assert project.ask("run", "adopt", run).exit == 2
    assert (project.root / "dvc.lock").read_text() == "mine\n"


def test_a_link_that_leads_out_of_the_repository_is_not_written_through(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    outside = project.root.parent / "outside"
    outside.write_text("not ours\n")
    (project.root / "metrics.json").unlink()
    (project.root / "metrics.json").symlink_to(outside)
    project.must("run", "adopt", run, "--force")
    assert outside.read_text() == "not ours\n"


def test_a_folder_that_lies_where_a_file_belongs_is_told_before_anything_is_written(fresh: tuple[Project, str]) -> None:
    project, run = fresh
    (project.root / "metrics.json").unlink()
    (project.root / "metrics.json").mkdir()
    (project.root / "dvc.lock").unlink()
    done = project.ask("run", "adopt", run, "--force")
    assert (done.exit, done.out, (project.root / "dvc.lock").exists()) == (2, "", False)
    assert done.said == (
        "error[MC-RUN-054]: metrics.json: something else lies where this file of the run belongs\n"
        "  found     metrics.json is a folder\n"
        "  expected  that file, or nothing\n"
        "  do this   move metrics.json away, then run this again\n"
    )
