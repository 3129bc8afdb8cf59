"""`model register --run` of a run that only one clone has: all of its data goes to the remote before its name does."""

from pathlib import Path

import pytest

from tests.factories import commit_all, git
from tests.integration.dvc_scratch import dvc, scratch
from tests.integration.registered import FILES, PIPELINE, Project, copied, flip, object_below

pytestmark = pytest.mark.slow

# A plot that DVC does not cache and git does not track: only the run cache keeps it.
SIDE = PIPELINE.replace("cp score.json metrics.json", "cat data.txt data.txt > side.csv && cp score.json metrics.json")
SIDE += "    plots: [side.csv: {cache: false}]\n"
MADE = ("model.bin", "parts/a", "parts/b", "side.csv", "raw/a", "metrics.json", "dvc.lock")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str, dict[str, bytes]]:
    """A clone that recorded a run without pushing it, and ran the pipeline on other data since; the run, its bytes."""
    folder = tmp_path_factory.mktemp("local")
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    project = Project(scratch(folder / "work", {**FILES, "dvc.yaml": SIDE}))
    project.store.mkdir()
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    (project.root / "raw").mkdir()
    (project.root / "raw/a").write_text("raw 1\n")
    dvc(project.root, "add", "-q", "raw")
    commit_all(project.root, "data")
    project.must("check")
    run = project.must("run", "record", "--json").facts["id"]
    was = {name: (project.root / name).read_bytes() for name in MADE}
    for name in ("data.txt", "raw/a"):
        (project.root / name).write_text("data 2\n")
    dvc(project.root, "add", "-q", "raw")
    project.must("check")
    commit_all(project.root, "other data")
    git(project.root, "push", "-q", "origin", "main")
    assert not list(project.store.rglob("*.*"))
    return project, run, was


@pytest.fixture
def local(first: tuple[Project, str, dict[str, bytes]], tmp_path: Path) -> tuple[Project, str, dict[str, bytes]]:
    """The same again, apart from the first."""
    project, run, was = first
    return copied(project, tmp_path), run, was


def oid(project: Project, run: str, path: str) -> str:
    """The digest that the run recorded of an output."""
    made = {one["path"]: one["digest"] for one in project.must("run", "show", run, "--json").facts["artifacts"]}
    return str(made[path]).removeprefix("md5:")


def test_a_registered_run_comes_back_whole_in_a_fresh_clone(local: tuple[Project, str, dict[str, bytes]]) -> None:
    project, run, was = local
    project.must("model", "register", "delays", "--run", run)
    fresh = project.clone("fresh")
    into = fresh.root.parent / "then"
    fresh.must("run", "checkout", run, str(into))
    assert {name: (into / name).read_bytes() for name in MADE} == was
    fresh.must("model", "download", "delays@v1.0.0", "-o", str(fresh.root.parent / "model"))
    assert (fresh.root.parent / "model").read_bytes() == was["model.bin"]


@pytest.mark.parametrize("path", ["parts", "raw"])
def test_a_run_that_lost_data_is_not_registered_and_it_is_said_what(
    local: tuple[Project, str, dict[str, bytes]], path: str
) -> None:
    project, run, _ = local
    value = oid(project, run, path)
    object_below(project.root / ".dvc/cache", value).unlink()
    before = project.refs()
    done = project.ask("model", "register", "delays", "--run", run)
    assert (done.exit, done.out) == (4, "")
    assert done.said == (
        f"error[MC-REG-018]: {run}: nothing was registered: only this clone has the run, and not all of its data\n"
        f"  found     neither in the cache nor in the remote: {path} (md5:{value})\n"
        "  expected  all data of the run, so that `run checkout` can bring it back\n"
        "  do this   run it again, `mlops-ci check --record --push`, and register that run\n"
    )
    assert project.refs() == before


def test_a_listing_is_not_sent_before_all_that_it_names_is_there(
    local: tuple[Project, str, dict[str, bytes]],
) -> None:
    project, run, was = local
    listing = oid(project, run, "parts")
    project.must("artifact", "push")
    for folder in (project.root / ".dvc/cache", project.store):
        emptied_of(folder, was["parts/b"])
    assert project.ask("model", "register", "delays", "--run", run).exit == 4
    assert not object_below(project.store, listing).exists()


def test_a_spoiled_object_of_the_run_is_named_and_nothing_is_registered(
    local: tuple[Project, str, dict[str, bytes]],
) -> None:
    project, run, _ = local
    value = oid(project, run, "raw")
    flip(object_below(project.root / ".dvc/cache", value))
    before = project.refs()
    done = project.ask("model", "register", "delays", "--run", run)
    assert (done.exit, project.refs()) == (5, before)
    assert value in done.said


def test_what_nobody_keeps_does_not_hinder_a_registration(local: tuple[Project, str, dict[str, bytes]]) -> None:
    project, run, was = local
    emptied_of(project.root / ".dvc/cache", was["side.csv"])
    project.must("model", "register", "folder", "--run", run)


def emptied_of(folder: Path, content: bytes) -> None:
    """Forget an object, by its bytes."""
    for file in [file for file in folder.rglob("*") if file.is_file() and file.read_bytes() == content]:
        file.unlink()
