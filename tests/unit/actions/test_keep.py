"""What later runs can use again."""

from pathlib import Path

from actions.check.keep import bring_back, keep, names_in
from tests.factories import lay

A, B, C, DIRECTORY = "a" * 32, "b" * 32, "c" * 32, "d" * 32 + ".dir"


def stored(digest: str) -> str:
    return f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}"


def work_tree(root: Path, **more: str) -> Path:
    lay(root, {
        ".dvc/config": "",
        "dvc.lock": f"stages:\n  a:\n    outs:\n    - path: a\n      md5: {A}\n    - path: d\n      md5: {DIRECTORY}\n",
        stored(A): "a", stored(B): "b", stored(C): "left over",
        stored(DIRECTORY): f'[{{"md5": "{B}", "relpath": "b"}}]',
        ".dvc/cache/runs/xx/key/value": "outs: []\n",
        ".mlops-ci/verdicts/one.json": "{}", ".mlops-ci/timings.jsonl": "{}\n", ".mlops-ci/logs/secret.log": "x",
        **more,
    })  # fmt: skip
    return root


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


KEPT = {
    stored(A), stored(B), stored(DIRECTORY), ".dvc/cache/runs/xx/key/value", ".mlops-ci/verdicts/one.json",
    ".mlops-ci/timings.jsonl",
}  # fmt: skip


def test_verdicts_timings_and_the_objects_that_lock_files_name_are_kept(tmp_path: Path) -> None:
    assert keep(work_tree(tmp_path / "tree"), tmp_path / "kept") is not None
    assert files(tmp_path / "kept") == KEPT | {"name"}


def test_what_was_kept_comes_back_and_nothing_there_is_replaced(tmp_path: Path) -> None:
    keep(work_tree(tmp_path / "tree"), tmp_path / "kept")
    lay(tmp_path / "next", {".mlops-ci/verdicts/one.json": "own"})
    assert bring_back(tmp_path / "kept", tmp_path / "next") == len(KEPT) - 1
    assert files(tmp_path / "next") == KEPT
    assert (tmp_path / "next/.mlops-ci/verdicts/one.json").read_text() == "own"


def test_the_same_content_is_not_saved_again_though_timings_grew(tmp_path: Path) -> None:
    tree = work_tree(tmp_path / "tree")
    keep(tree, tmp_path / "kept")
    (tree / ".mlops-ci/timings.jsonl").write_text("{}\n{}\n")
    assert keep(tree, tmp_path / "kept") is None
    lay(tree, {".mlops-ci/verdicts/two.json": "{}"})
    assert keep(tree, tmp_path / "kept") is not None


def test_nothing_is_brought_to_any_other_place(tmp_path: Path) -> None:
    lay(tmp_path / "kept", {"mlops-ci.yaml": "x", ".git/hooks/pre-commit": "x", ".mlops-ci/report/report.json": "x"})
    (tmp_path / "next").mkdir()
    assert bring_back(tmp_path / "kept", tmp_path / "next") == 0
    (tmp_path / "next/.dvc").mkdir()
    (tmp_path / "next/.dvc/cache").symlink_to(tmp_path / "elsewhere")
    lay(tmp_path / "kept", {stored(A): "a"})
    assert bring_back(tmp_path / "kept", tmp_path / "next") == 0


def test_a_cache_that_is_somewhere_else_is_left_alone(tmp_path: Path) -> None:
    tree = work_tree(tmp_path / "tree")
    (tree / ".dvc/cache").rename(tmp_path / "shared")
    (tree / ".dvc/cache").symlink_to(tmp_path / "shared")
    keep(tree, tmp_path / "kept")
    assert files(tmp_path / "kept") == {".mlops-ci/verdicts/one.json", ".mlops-ci/timings.jsonl", "name"}


def test_nothing_to_keep_is_nothing_to_save(tmp_path: Path) -> None:
    lay(tmp_path / "tree", {"README.md": ""})
    assert keep(tmp_path / "tree", tmp_path / "kept") is None
    assert list(names_in(tmp_path / "tree/.mlops-ci/runtime")) == []
    lay(tmp_path / "tree/.mlops-ci/runtime", {"b/x": "", "a/x": "", ".removed-1/x": "", "a.lock": ""})
    assert list(names_in(tmp_path / "tree/.mlops-ci/runtime")) == ["a", "b"]


def test_what_stands_in_the_way_is_no_failure(tmp_path: Path) -> None:
    keep(work_tree(tmp_path / "tree"), tmp_path / "kept")
    lay(tmp_path / "next", {".mlops-ci": "a file"})
    brought = bring_back(tmp_path / "kept", tmp_path / "next")
    assert brought == len([name for name in KEPT if name.startswith(".dvc/")])
    assert (tmp_path / "next/.mlops-ci").read_text() == "a file"
