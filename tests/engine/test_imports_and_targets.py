"""Imports, targets, DVC 2's cache, and data that is only in the remote: `dvc repro` and we, side by side."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import pytest

from tests.engine.comparing import DVC, logs, same, same_but_for_order
from tests.engine.twins import Copy, Program, by_dvc, laid, run
from tests.factories import commit_all, git, lay, repository

pytestmark = pytest.mark.slow
Both = tuple[Program, Program]
CHAIN = """stages:
  one: {cmd: echo one >> ../ran.txt && cat in.txt > one.txt, deps: [in.txt], outs: [one.txt]}
  two: {cmd: echo two >> ../ran.txt && cat one.txt > two.txt, deps: [one.txt], outs: [two.txt]}
  side: {cmd: echo side >> ../ran.txt && cat side.in > side.txt, deps: [side.in], outs: [side.txt]}
"""
SUB = """stages:
  each:
    foreach: [a, b]
    do: {cmd: 'echo each-${item} >> ../../ran.txt && echo ${item} > ${item}.txt', outs: ['${item}.txt']}
  use: {cmd: echo use >> ../../ran.txt && cat a.txt ../two.txt > use.txt, deps: [a.txt, ../two.txt], outs: [use.txt]}
"""
FILES = {**DVC, "dvc.yaml": CHAIN, "sub/dvc.yaml": SUB, "in.txt": "1\n", "side.in": "1\n"}


def _with_arguments(copies: Sequence[Copy], theirs: Sequence[str], ours: Sequence[str]) -> tuple[Copy, Copy]:
    """The same copies, brought up to date with these arguments instead of the usual ones."""
    one, other = copies
    own = ("repro",) if other.program.arguments[0] == "repro" else ("pipeline", "run", "--jobs", "4")
    return (
        replace(one, program=replace(one.program, arguments=("repro", *theirs))),
        replace(other, program=replace(other.program, arguments=(*own, *ours))),
    )


@pytest.mark.parametrize(
    ("targets", "ran"),
    [
        (["two"], ("one", "two")),
        (["side"], ("side",)),
        (["one", "side"], ("one", "side")),
        (["sub/dvc.yaml"], ("each-a", "each-b", "one", "two", "use")),
        (["sub/dvc.yaml:use"], ("each-a", "one", "two", "use")),
        (["sub/dvc.yaml:each@b"], ("each-b",)),
        (["sub/dvc.yaml:each"], ("each-a", "each-b")),
        (["dvc.yaml"], ("one", "side", "two")),
    ],
)
def test_targets_run_with_what_they_need_and_nothing_else(
    both: Both, tmp_path: Path, targets: list[str], ran: tuple[str, ...]
) -> None:
    copies = _with_arguments(laid(tmp_path, both, lambda root: lay(root, FILES)), targets, targets)
    for _ in range(2):
        same_but_for_order(copies, run(copies))
        assert copies[1].seen().ran == ran


def test_force_runs_what_is_up_to_date(both: Both, tmp_path: Path) -> None:
    copies = _with_arguments(laid(tmp_path, both, lambda root: lay(root, FILES)), ["two"], ["two"])
    same(copies, run(copies))
    same(copies, run(copies, "--force"))
    assert copies[1].seen().ran == ("one", "one", "two", "two")


def test_an_import_from_a_url_that_is_not_frozen_follows_its_source(both: Both, tmp_path: Path) -> None:
    """`dvc import-url` freezes what it makes; a stage that is not frozen is brought again when its source changed."""
    source = tmp_path / "outside.txt"
    source.write_text("1\n")
    pipeline = (
        "stages:\n  use: {cmd: echo use >> ../ran.txt && cat got.txt > use.txt, deps: [got.txt], outs: [use.txt]}\n"
    )
    imports = [["import-url", "--quiet", str(source), "got.txt"], ["import-url", "--quiet", str(source), "kept.txt"]]
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline}), imports)
    for copy in copies:
        file = copy.root / "got.txt.dvc"
        by_dvc(both[0].programs, copy, "unfreeze", file.name)
    same(copies, run(copies))
    source.write_text("2\n")
    same(copies, run(copies))
    assert (copies[1].root / "use.txt").read_text() == "2\n"
    assert (copies[1].root / "kept.txt").read_text() == "1\n"
    assert copies[1].seen().ran == ("use", "use")


def test_an_import_from_a_repository_stays_at_its_revision(both: Both, tmp_path: Path) -> None:
    source = repository(tmp_path / "source", {"data.txt": "1\n"})
    pipeline = (
        "stages:\n  use: {cmd: echo use >> ../ran.txt && cat got.txt > use.txt, deps: [got.txt], outs: [use.txt]}\n"
    )
    imports = [["import", "--quiet", str(source), "data.txt", "--out", "got.txt"]]
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline}), imports)
    same(copies, run(copies))
    lay(source, {"data.txt": "2\n"})
    commit_all(source, "second")
    for copy in copies:
        (copy.root / "use.txt").unlink()
    same(copies, run(copies))
    assert (copies[1].root / "use.txt").read_text() == "1\n"
    assert copies[1].seen().ran == ("use",)


def _clones(both: Both, tmp_path: Path) -> tuple[Copy, Copy]:
    """Two clones in which nothing of DVC's is there; a remote holds all of it, the run cache too."""
    copies = laid(tmp_path / "authors", both, lambda root: lay(root, {**FILES, ".dvc/config": _remote(tmp_path)}))
    assert run(copies[:1]) == [0]
    by_dvc(both[0].programs, copies[0], "push", "--run-cache", "--quiet")
    commit_all(copies[0].root, "what it gave")
    clones = []
    for copy in copies:
        clone = replace(copy, folder=tmp_path / copy.folder.name)
        clone.folder.mkdir()
        git(clone.folder, "clone", "--quiet", "--no-hardlinks", str(copies[0].root), str(clone.root))
        clones.append(clone)
    return clones[0], clones[1]


def _remote(tmp_path: Path) -> str:
    return f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'remote'}\n"


def test_in_a_fresh_clone_with_a_remote_nothing_runs(both: Both, tmp_path: Path) -> None:
    clones = _clones(both, tmp_path)
    clones = _with_arguments(clones, ["--all-pipelines", "--pull", "--allow-missing"], ["--pull"])
    assert run(clones) == [0, 0]
    theirs, ours = (clone.seen() for clone in clones)
    assert (theirs.ran, ours.ran) == ((), ())
    assert _locks(clones[0]) == _locks(clones[1])


def test_in_a_fresh_clone_only_what_changed_runs_and_what_it_reads_is_brought(both: Both, tmp_path: Path) -> None:
    clones = _clones(both, tmp_path)
    for clone in clones:
        (clone.root / "dvc.yaml").write_text(CHAIN.replace("> two.txt", "> two.txt && echo end >> two.txt"))
    clones = _with_arguments(clones, ["--pull", "--allow-missing"], ["two", "--pull"])
    assert run(clones) == [0, 0], (clones[1].folder / "log.txt").read_text()
    assert [clone.seen().ran for clone in clones] == [("two",), ("two",)]
    assert [(clone.root / "two.txt").read_text() for clone in clones] == ["1\nend\n"] * 2
    assert _locks(clones[0]) == _locks(clones[1])


def test_in_a_fresh_clone_a_stage_of_a_subfolder_runs_too(both: Both, tmp_path: Path) -> None:
    """DVC 3.67 looks for what such a stage reads at the root, and fails."""
    clones = _clones(both, tmp_path)
    for clone in clones:
        (clone.root / "sub/dvc.yaml").write_text(SUB.replace("> use.txt", "> use.txt && echo end >> use.txt"))
    clones = _with_arguments(clones, ["--all-pipelines", "--pull", "--allow-missing"], ["--pull"])
    codes = run(clones)
    assert codes[0] != 0, "DVC has mended this: compare with it again"
    assert codes[1] == 0
    assert clones[1].seen().ran == ("use",)
    assert (clones[1].root / "sub/use.txt").read_text() == "a\n1\nend\n"


def _locks(copy: Copy) -> dict[str, bytes]:
    return {name: (copy.root / name).read_bytes() for name in ("dvc.lock", "sub/dvc.lock")}


def test_a_cache_of_dvc_2_is_read_and_never_rewritten(both: Both, tmp_path: Path) -> None:
    """DVC 2 took CRLF for LF in its digests, said no `hash:` in its files, and kept objects beside `files/md5`."""

    def fill(root: Path) -> None:
        digest = md5(b"1\n", usedforsecurity=False).hexdigest()
        command = "echo one >> ../ran.txt && cat in.txt > one.txt"
        lock = (
            "schema: '2.0'\nstages:\n  one:\n    cmd: echo one >> ../ran.txt && cat in.txt > one.txt\n    deps:\n"
            f"    - path: in.txt\n      md5: {digest}\n      size: 3\n    outs:\n    - path: one.txt\n"
            f"      md5: {digest}\n      size: 3\n"
        )
        stage = f"stages:\n  one: {{cmd: {command}, deps: [in.txt], outs: [one.txt]}}\n"
        lay(root, {**DVC, "dvc.yaml": stage, "dvc.lock": lock, "in.txt": "1\r\n", "one.txt": "1\r\n"})
        lay(root, {f".dvc/cache/{digest[:2]}/{digest[2:]}": "1\r\n", ".gitignore": "/one.txt\n"})

    copies = laid(tmp_path, both, fill)
    for copy in copies:  # DVC protects what it has looked at, and no more is ever done to it
        for path in (copy.root / ".dvc/cache").glob("??/*"):
            path.chmod(0o444)
    old = copies[1].seen().objects
    same(copies, run(copies))
    assert copies[1].seen().ran == ()
    for copy in copies:
        (copy.root / "in.txt").write_bytes(b"2\r\n")
    same(copies, run(copies))
    assert copies[1].seen().ran == ("one",)
    assert {path: entry for path, entry in copies[1].seen().objects.items() if path in old} == old


def test_what_ran_in_one_clone_runs_in_no_other(both: Both, tmp_path: Path) -> None:
    """The run cache in the remote is a team's memory: dvc.lock was never committed here."""
    copies = laid(tmp_path, both, lambda root: lay(root, {**FILES, ".dvc/config": _remote(tmp_path)}))
    assert run(copies[:1]) == [0]
    by_dvc(both[0].programs, copies[0], "push", "--run-cache", "--quiet")
    theirs = replace(copies[0], folder=tmp_path / "fresh")
    shutil.copytree(copies[1].root, theirs.root)
    fresh = _with_arguments((theirs, copies[1]), ["--all-pipelines", "--pull"], ["--pull"])
    assert run(fresh) == [0, 0], (fresh[1].folder / "log.txt").read_text()
    assert [copy.seen().ran for copy in fresh] == [("each-a", "each-b")] * 2  # without dependencies nothing is kept
    assert _locks(fresh[0]) == _locks(fresh[1])


def test_what_we_push_dvc_takes_and_so_do_we(both: Both, tmp_path: Path) -> None:
    """Two clones and one remote: what the pull request's run pushed, neither program runs again after the merge."""
    copies = laid(tmp_path, both, lambda root: lay(root, {**FILES, ".dvc/config": _remote(tmp_path)}))
    author = replace(copies[1], folder=tmp_path / "author")
    shutil.copytree(copies[1].root, author.root)
    assert run([author], "--push") == [0], logs([author])
    assert len(author.seen().ran) == 6
    fresh = _with_arguments(copies, ["--all-pipelines", "--pull"], ["--pull"])
    assert run(fresh) == [0, 0], logs(fresh)
    assert [copy.seen().ran for copy in fresh] == [("each-a", "each-b")] * 2  # without dependencies nothing is kept
    assert _locks(fresh[0]) == _locks(fresh[1]) == _locks(author)
