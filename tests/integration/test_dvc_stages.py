"""What DVC knows about stages, in repositories as people have them."""

from hashlib import md5
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.errors import UsageError
from mlops_ci.tools.dvc.values import OutputKind
from tests.integration.dvc_scratch import dvc, opened, reproduced, scratch

ONE = "stages:\n  one:\n    cmd: echo 1 > one.txt\n    outs: [one.txt]\n"
PARAMETERS = """
stages:
  train:
    cmd: cat params.yaml > model.txt
    params: [train.seed, train.rate]
    outs: [model.txt]
"""

TWO = """
  two:
    cmd: cat one.txt ../outside.txt > two.txt
    deps: [one.txt, ../outside.txt]
    outs: [two.txt]
"""
FOREACH = """
stages:
  part:
    foreach: [x, y/z]
    do:
      cmd: mkdir -p out/${item} && echo 1 > out/${item}/f
      outs: ['out/${item}/f']
"""
MATRIX = """
stages:
  fit:
    matrix:
      m: [l, r]
      n: [1, 2]
    cmd: cat ../a/out/x/f > ${item.m}${item.n}
    deps: [../a/out]
    outs: ['${item.m}${item.n}']
"""
EVERYTHING = """
stages:
  all:
    cmd: mkdir -p d && echo 1 > d/a && echo '{}' > m.json && echo x > p.csv
    deps: [s]
    outs: [d, p.csv]
    metrics:
      - m.json: {cache: false}
plots: [p.csv]
"""
# As DVC names a folder: the MD5 of the JSON list of its files.
FOLDER_OF_ONE = md5(b'[{"md5": "b026324c6904b2a9cb4b88d6d61c81d1", "relpath": "a"}]', usedforsecurity=False).hexdigest()
ELSEWHERE = """
stages:
  use:
    cmd: echo 1 > used.txt
    deps: ['ds://x', 'http://127.0.0.1:1/y']
    outs: [used.txt]
"""
IMPORTED = """
frozen: {frozen}
deps:
- path: data.csv
  repo:
    url: https://127.0.0.1:1/gone.git
    rev_lock: {rev}
outs:
- md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
  hash: md5
  path: {name}
"""


def told(reasons: object) -> dict[str, tuple[str, ...]]:
    assert hasattr(reasons, "items")
    return {address: why for address, why in reasons.items() if why}


def test_one_broken_dvc_yaml_of_two_is_named_and_the_other_goes_on(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"good/dvc.yaml": ONE, "bad/dvc.yaml": "stages:\n  x:\n    live: dvclive\n"})
    with opened(root) as repo:
        assert [stage.address for stage in repo.stages()] == ["good/dvc.yaml:one"]
        assert list(repo.broken()) == [PurePosixPath("bad/dvc.yaml")]
        assert reproduced(repo, "good/dvc.yaml:one") == ("ran", "ran")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"stages:\n  x:\n\tcmd: ls\n", id="tab"),
        pytest.param(b"a: &a [1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (97 + i, 97 + i, b",".join([b"*%c" % (96 + i)] * 9)) for i in range(1, 12)
        ), id="alias bomb"),
        pytest.param("stages:\n  x:\n    cmd: ls\n".encode("utf-16"), id="utf-16"),
        pytest.param(b"<<<<<<< HEAD\nstages: {}\n=======\nstages: {}\n>>>>>>> other\n", id="conflict"),
        pytest.param(b"vars: [gone.yaml]\nstages:\n  x:\n    cmd: ls\n", id="missing vars"),
        pytest.param(ONE.replace("one.txt", "good/one.txt").encode(), id="overlapping output"),
        pytest.param(b"stages:\n  a: {cmd: x, deps: [b], outs: [a]}\n  b: {cmd: x, deps: [a], outs: [b]}", id="cycle"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_with_one_file_leaves_the_other(tmp_path: Path, bad: bytes) -> None:
    root = scratch(tmp_path / "repo", {"good/dvc.yaml": ONE, "z/dvc.yaml": bad.replace(b"good/", b"../good/")})
    with opened(root) as repo:
        assert [stage.address for stage in repo.stages()] == ["good/dvc.yaml:one"]
        assert list(repo.broken()) == [PurePosixPath("z/dvc.yaml")]


@pytest.mark.parametrize("lock", [b"<<<<<<< HEAD\n", b"schema: '2.0'\nstages: [1]\n"])
def test_a_broken_dvc_lock_breaks_its_own_pipeline_only(tmp_path: Path, lock: bytes) -> None:
    root = scratch(tmp_path / "repo", {"good/dvc.yaml": ONE, "bad/dvc.yaml": ONE, "bad/dvc.lock": lock})
    with opened(root) as repo:
        assert [stage.address for stage in repo.stages()] == ["good/dvc.yaml:one"]
        assert "dvc.lock" in repo.broken()[PurePosixPath("bad/dvc.yaml")]


def test_a_dvc_root_in_a_subfolder_with_a_space_has_addresses_from_the_git_root(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"my ml/dvc.yaml": ONE + TWO, "outside.txt": "1\n"}, dvc="my ml")
    with opened(root, "my ml") as repo:
        one, two = repo.stages()
        assert (one.address, two.address, two.needs) == ("my ml/dvc.yaml:one", "my ml/dvc.yaml:two", (one.address,))
        assert [dep.path for dep in two.deps] == [PurePosixPath("my ml/one.txt"), PurePosixPath("outside.txt")]
        assert (two.wdir, two.definition, two.line) == (PurePosixPath("my ml"), PurePosixPath("my ml/dvc.yaml"), 6)
        assert reproduced(repo, one.address) == ("ran", "ran")
        assert reproduced(repo, two.address) == ("ran", "ran")
        (root / "my ml/two.txt").unlink()
        assert reproduced(repo, two.address) == ("cached", "outputs restored from the run cache")
        (root / "my ml/one.txt").unlink()
        assert told(repo.staleness())[one.address] == ("output my ml/one.txt is not there",)
        assert reproduced(repo, one.address)[0] == "ran"
    assert "up to date" in dvc(root / "my ml", "status")


def test_foreach_and_matrix_in_two_files_are_expanded(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"a/dvc.yaml": FOREACH, "b/dvc.yaml": MATRIX})
    with opened(root) as repo:
        stages = {stage.address: stage for stage in repo.stages()}
        assert repo.broken() == {}
        parts = ("a/dvc.yaml:part@x", "a/dvc.yaml:part@y/z")
        assert set(stages) == {*parts, *(f"b/dvc.yaml:fit@{m}-{n}" for m in "lr" for n in "12")}
        assert stages["b/dvc.yaml:fit@l-1"].needs == parts
        assert (stages["b/dvc.yaml:fit@l-1"].line, stages["b/dvc.yaml:fit@l-1"].family) == (3, "b/dvc.yaml:fit")
        assert [reproduced(repo, address) for address in [*parts, "b/dvc.yaml:fit@l-1"]] == [("ran", "ran")] * 3


def test_a_stage_says_what_dvc_lock_holds(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": EVERYTHING, "s": "1\n"})
    with opened(root) as repo:
        assert [out.locked for out in repo.stages()[0].outs] == [None, None, None]
        reproduced(repo, "all")
        (stage,) = repo.stages()
    assert stage.locked
    assert stage.deps[0].locked == Digest("md5", "b026324c6904b2a9cb4b88d6d61c81d1")
    folder, plot, metrics = stage.outs
    assert str(folder.locked) == f"md5:{FOLDER_OF_ONE}.dir"
    assert (folder.path, folder.kind, folder.size) == (PurePosixPath("d"), OutputKind.DATA, 2)
    assert (metrics.kind, metrics.cached, metrics.size) == (OutputKind.METRIC, False, 3)
    assert (plot.kind, plot.cached) == (OutputKind.PLOT, True)


def test_reasons_name_what_changed(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": PARAMETERS, "params.yaml": "train:\n  seed: 1\n  rate: 0.1\n"})
    with opened(root) as repo:
        assert told(repo.staleness()) == {"train": ("no entry in dvc.lock",)}
        reproduced(repo, "train")
        (root / "params.yaml").write_text("train:\n  seed: 2\n")
        (root / "model.txt").write_text("by hand\n")
        assert repo.staleness()["train"] == (
            "params.yaml:train.seed changed from 1 to 2",
            "params.yaml:train.rate is not there",
            "output model.txt changed",
        )
    (root / "dvc.yaml").write_text(PARAMETERS.replace("cat", "cat -u"))
    with opened(root) as repo:
        assert repo.stages()[0].command == ("cat -u params.yaml > model.txt",)
        assert repo.staleness()["train"][0] == "command changed"


def test_an_import_that_nobody_can_reach_is_no_obstacle(tmp_path: Path) -> None:
    files = {
        f"{name}.dvc": IMPORTED.format(frozen=frozen, rev="a" * 40, name=name)
        for name, frozen in [("cold", "true"), ("warm", "false")]
    }
    root = scratch(tmp_path / "repo", {"dvc.yaml": ONE, **files, "cold": "1\n"})
    with opened(root) as repo:
        stages = {stage.address: stage for stage in repo.stages()}
        assert stages["cold.dvc"].imported
        assert stages["cold.dvc"].deps[0].url == "https://127.0.0.1:1/gone.git:data.csv"
        asked = "an import that is not frozen: its source is asked"
        assert repo.staleness()["warm.dvc"] == (asked, "output warm is not there")
        assert repo.staleness_of_lock()["warm.dvc"] == ()
        assert reproduced(repo, "warm.dvc")[0] == "failed"
        assert reproduced(repo, "one") == ("ran", "ran")


def test_dependencies_that_are_no_files_are_told_by_their_address(tmp_path: Path) -> None:
    files = {
        "dvc.yaml": "datasets:\n- name: x\n  type: url\n  url: http://127.0.0.1:1/x.csv\n" + ELSEWHERE,
        "rows.csv.dvc": "frozen: true\ndeps:\n- db: {query: select 1, connection: shop}\nouts:\n- path: rows.csv\n",
    }
    root = scratch(tmp_path / "repo", files)
    with opened(root) as repo:
        stages = {stage.address: stage for stage in repo.stages()}
        assert [(dep.path, dep.url) for dep in stages["use"].deps] == [(None, "ds://x"), (None, "http://127.0.0.1:1/y")]
        assert [(dep.path, dep.url) for dep in stages["rows.csv.dvc"].deps] == [(None, "shop")]
        assert repo.staleness()["use"] == ("no entry in dvc.lock",)
        assert repo.staleness_of_lock()["rows.csv.dvc"] == ()
        assert reproduced(repo, "use")[0] == "failed"


def test_a_folder_without_dvc_is_a_usage_error(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": ONE})
    (root / ".dvc/config").write_text("[core\n")
    with opened(root) as repo, pytest.raises(UsageError) as caught:
        repo.stages()
    assert caught.value.findings[0].code == "MC-DVC-002"
    assert "config" in caught.value.findings[0].found
