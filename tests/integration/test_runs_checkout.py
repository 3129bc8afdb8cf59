"""`run checkout`: all of an old run, byte by byte, from a clone that has nothing of it; or nothing at all."""

import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_worktrees import NewWorkTree
from tests.factories import commit_all, git
from tests.integration.dvc_scratch import apart, dvc, scratch
from tests.integration.registered import Project, copied, flip

pytestmark = pytest.mark.slow

PIPELINE = """
stages:
  train:
    cmd: >-
      cat raw/a raw/deep/b params.yaml > model.bin && mkdir -p parts/deep && cp raw/a parts/a &&
      cp raw/a parts/deep/same && printf '\\000\\377' > parts/bytes && cp score.json metrics.json
    deps: [raw, score.json]
    params: [seed]
    outs: [model.bin, parts]
    metrics: [metrics.json: {cache: false}]
"""
FILES = {
    "dvc.yaml": PIPELINE, "params.yaml": "seed: 1\n", "score.json": '{"auc": 0.8}\n', "raw/a": "a\r\n",
    "raw/deep/b": "b\n", "mlops-ci.yaml": "pipeline: {run: run}\n",
    ".gitattributes": "/metrics.json text eol=crlf\n", ".gitignore": "/none\n",
    ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n",
}  # fmt: skip
MADE = (
    "model.bin",
    "parts/a",
    "parts/deep/same",
    "parts/bytes",
    "metrics.json",
    "dvc.lock",
    "raw/a",
    "raw/deep/b",
)


def digests(root: Path) -> dict[str, str]:
    return {name: sha256((root / name).read_bytes()).hexdigest() for name in MADE}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str, dict[str, str]]:
    """A repository of two runs, its data tracked by a .dvc file: the older one, and its bytes when it was run."""
    folder = tmp_path_factory.mktemp("checkout")
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    files = {name: content for name, content in FILES.items() if not name.startswith("raw/")}
    project = Project(scratch(folder / "work", files))
    project.store.mkdir()
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    for name in ("raw/a", "raw/deep/b"):
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_bytes(FILES[name].encode())
    dvc(project.root, "add", "-q", "raw")
    commit_all(project.root, "data")
    project.must("check", "--record", "--push")
    was = digests(project.root)
    git(project.root, "push", "-q", "origin", "main")
    (project.root / "params.yaml").write_text("seed: 2\n")
    commit_all(project.root, "another seed")
    project.must("check", "--record", "--push")
    assert digests(project.root) != was
    run = project.must("run", "list", "--json").facts["runs"][-1]["id"]
    return project, run, was


@pytest.fixture
def old(first: tuple[Project, str, dict[str, str]], tmp_path: Path) -> tuple[Project, str, dict[str, str]]:
    """The same in a fresh clone, whose remotes a test may spoil."""
    project, run, was = first
    return copied(project, tmp_path).clone("fresh"), run, was


def worktrees(project: Project) -> list[str]:
    return [
        line.split(" ", 1)[1]
        for line in git(project.root, "worktree", "list", "--porcelain").splitlines()
        if line.startswith("worktree ")
    ]


def test_an_old_run_comes_back_byte_by_byte_in_a_fresh_clone(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, was = old
    before = git(project.root, "status", "--porcelain", "--branch"), git(project.root, "for-each-ref", "refs/heads")
    into = project.root.parent / "deep" / "then"
    done = project.must("run", "checkout", run, str(into), "--json").facts
    assert digests(into) == was
    assert {one["path"] for one in done["restored"]} == {"model.bin", "parts", "metrics.json", "raw"}
    assert git(into, "rev-parse", "HEAD") == git(project.root, "rev-parse", "origin/main")
    assert git(into, "diff", "--cached", "--name-only").split() == [".gitignore", "dvc.lock", "metrics.json"]
    assert (
        git(project.root, "status", "--porcelain", "--branch"),
        git(project.root, "for-each-ref", "refs/heads"),
    ) == before
    Project(into).must("check")
    assert digests(into) == was


def test_bytes_are_left_out_when_nobody_wants_them(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, _ = old
    into = project.root.parent / "then"
    shutil.rmtree(project.store)
    project.must("run", "checkout", run, str(into), "--no-data")
    assert (into / "dvc.lock").is_file()
    assert not (into / "model.bin").exists()


def test_what_is_not_to_be_had_is_named_and_nothing_is_left(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, was = old
    model = was["model.bin"]
    victims = [
        file for file in project.store.rglob("*") if file.is_file() and sha256(file.read_bytes()).hexdigest() == model
    ]
    for file in victims:
        file.unlink()
    done = project.ask("run", "checkout", run, str(project.root.parent / "then"))
    assert (done.exit, done.out) == (4, "")
    assert "error[MC-DVC-006]: model.bin: data is neither in the cache nor in the remote\n" in done.said
    assert worktrees(project) == [str(project.root)]
    assert not list(project.root.parent.glob("*then*"))


def test_a_spoiled_byte_is_named_and_nothing_is_left(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, was = old
    for file in [file for file in project.store.rglob("*") if file.is_file()]:
        if sha256(file.read_bytes()).hexdigest() == was["parts/bytes"]:
            flip(file)
    done = project.ask("run", "checkout", run, str(project.root.parent / "then"))
    assert done.exit == 5
    assert "parts/bytes" in done.said
    assert worktrees(project) == [str(project.root)]


def test_what_lies_there_is_not_overwritten(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, _ = old
    into = project.root.parent / "then"
    into.mkdir()
    done = project.ask("run", "checkout", run, str(into), "--dry-run")
    assert done.exit == 2
    assert "something lies there already, and is not overwritten\n  found     a folder\n" in done.said


def test_a_checkout_that_was_killed_is_said_and_made_anew(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, was = old
    into = project.root.parent / "then"
    command = [sys.executable, "-m", "mlops_ci", "run", "checkout", run, str(into), "-C", str(project.root)]
    said = ""
    for _ in range(2):
        process = subprocess.Popen(
            command, env={**os.environ, **apart(project.root)}, stdout=subprocess.DEVNULL, start_new_session=True
        )
        while process.poll() is None and not into.with_name(".then.half").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not into.exists()
        time.sleep(0.5)  # what it started ends by itself
    said = project.must("run", "checkout", run, str(into)).out
    assert said.startswith("a checkout that was killed had left this half way: it was removed\n")
    assert digests(into) == was
    assert worktrees(project) == [str(project.root), str(into)]


def test_a_checkout_that_was_killed_before_git_knew_its_name_is_finished(
    old: tuple[Project, str, dict[str, str]],
) -> None:
    project, run, _ = old
    into = project.root.parent / "then"
    project.must("run", "checkout", run, str(into))
    tree = NewWorkTree(git=GitCommands(root=project.root), path=into)
    admin = Path((into / ".git").read_text().removeprefix("gitdir:").strip()) / "gitdir"
    admin.write_text(f"{tree.half}/.git\n")
    assert worktrees(project) == [str(project.root), str(tree.half)]
    assert "git knows its place now" in project.must("run", "checkout", run, str(into)).out
    assert worktrees(project) == [str(project.root), str(into)]


def test_a_run_whose_commit_holds_other_files_is_refused(old: tuple[Project, str, dict[str, str]]) -> None:
    project, run, _ = old
    ref = f"refs/mlops-ci/runs/{run}"
    git(project.root, "fetch", "-q", "origin", ref)
    git(project.root, "switch", "-q", "--detach", "FETCH_HEAD")
    (project.root / "metrics.json").write_text('{"auc": 0.99}\n')
    git(project.root, "add", "-f", "metrics.json")
    forged = git(project.root, "commit-tree", git(project.root, "write-tree"), "-p", "HEAD^", "-m", "forged")
    git(project.root, "push", "-qf", "origin", f"{forged}:{ref}")
    done = project.ask("run", "checkout", run, str(project.root.parent / "then"))
    assert done.exit == 5
    assert "metrics.json of its commit is not what the run made" in done.said
    assert worktrees(project) == [str(project.root)]


CURVE = """
stages:
  curve: {cmd: cp raw.txt curve.csv && tr 1 3 < raw.txt > kept.bin, deps: [raw.txt], outs: [kept.bin],
    plots: [curve.csv: {cache: false}]}
"""
NOTE = "  note: {cmd: tr 1 4 < raw.txt > note.txt, deps: [raw.txt], outs: [note.txt: {cache: false}]}\n"


@pytest.fixture(scope="module")
def uncached(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[str]]:
    """A fresh clone, and two runs: with an output that only the run cache keeps, and with one that nobody does."""
    folder = tmp_path_factory.mktemp("uncached")
    git(folder, "init", "-q", "--bare", "--initial-branch=main", "origin.git")
    files = {"dvc.yaml": CURVE, "raw.txt": "x,y\n1,2\n", "mlops-ci.yaml": "pipeline: {run: run}\n"}
    files |= {".dvc/config": FILES[".dvc/config"], ".gitignore": "/note.txt\n/curve.csv\n"}
    project = Project(scratch(folder / "work", files))
    project.store.mkdir()
    git(project.root, "remote", "add", "origin", str(folder / "origin.git"))
    project.must("check", "--record", "--push")
    (project.root / "dvc.yaml").write_text(CURVE + NOTE)
    commit_all(project.root, "note")
    project.must("check", "--record", "--push")
    git(project.root, "push", "-q", "origin", "main")
    runs = [one["id"] for one in project.must("run", "list", "--json").facts["runs"]]
    return project.clone("fresh"), runs[::-1]


def test_an_output_that_only_the_run_cache_keeps_comes_back(uncached: tuple[Project, list[str]]) -> None:
    project, (first, _) = uncached
    into = project.root.parent / "first"
    project.must("run", "checkout", first, str(into))
    assert [(into / name).read_text() for name in ("curve.csv", "kept.bin")] == ["x,y\n1,2\n", "x,y\n3,2\n"]


def test_an_output_that_nobody_keeps_is_named_and_all_else_can_be_had(uncached: tuple[Project, list[str]]) -> None:
    project, (_, second) = uncached
    into = project.root.parent / "second"
    done = project.ask("run", "checkout", second, str(into))
    assert (done.exit, done.out, into.exists()) == (4, "", False)
    assert done.said == (
        "error[MC-RUN-044]: note.txt: nobody has kept it: `cache: false`, and git does not track it\n"
        "  found     md5:2ab8345731aec97baa7d5f39e6275d27 is neither in the run's commit nor in the run cache\n"
        "  expected  an output that git, DVC or the run cache keeps\n"
        "  do this   `--no-data`, then `mlops-ci artifact pull` there, for all else; "
        "drop `cache: false` for later runs\n"
    )
    project.must("run", "checkout", second, str(into), "--no-data")
    Project(into).must("artifact", "pull")
    assert (into / "kept.bin").read_text() == "x,y\n3,2\n"
