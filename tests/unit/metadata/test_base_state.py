"""What the base's locks vouch for."""

from hashlib import md5
from pathlib import PurePosixPath

from mlops_ci.metadata.base_state import BaseFile, base_state, locked_digest_at, read_at_base
from tests.doubles.repository import ToldRevisions

METRICS = b'{"auc": 0.7}\n'


def a_lock(path: str, content: bytes, *, stage: str = "evaluate") -> bytes:
    digest = md5(content, usedforsecurity=False).hexdigest()
    output = f"{{path: {path}, hash: md5, md5: {digest}}}"
    return f"schema: '2.0'\nstages:\n  {stage}:\n    cmd: run\n    outs: [{output}]\n".encode()


def at_base(files: dict[str, bytes], path: str) -> BaseFile:
    repository = ToldRevisions(files)
    return read_at_base(repository, base_state(repository, "base"), PurePosixPath(path))


def test_a_file_counts_when_the_lock_holds_its_digest() -> None:
    found = at_base({"dvc.lock": a_lock("metrics.json", METRICS), "metrics.json": METRICS}, "metrics.json")
    assert (found.content, found.recorded) == (METRICS, True)


def test_a_file_that_was_changed_without_its_stage_does_not_count() -> None:
    found = at_base({"dvc.lock": a_lock("metrics.json", METRICS), "metrics.json": b'{"auc": 0.99}\n'}, "metrics.json")
    assert found.content is None
    assert found.recorded
    assert "committed without running" in found.why


def test_a_lock_of_dvc_2_and_one_from_windows_vouch_for_the_same_text() -> None:
    windows = METRICS.replace(b"\n", b"\r\n")
    for locked, in_git in ((METRICS, windows), (windows, METRICS)):
        found = at_base({"dvc.lock": a_lock("metrics.json", locked), "metrics.json": in_git}, "metrics.json")
        assert found.content == in_git


def test_a_cached_file_is_recorded_but_not_in_git() -> None:
    found = at_base({"dvc.lock": a_lock("model.bin", b"model")}, "model.bin")
    assert found.content is None
    assert found.recorded
    assert str(found.digest) == f"md5:{md5(b'model', usedforsecurity=False).hexdigest()}"


def test_without_any_lock_nothing_is_recorded() -> None:
    found = at_base({"metrics.json": METRICS}, "metrics.json")
    assert not found.recorded
    assert found.why == "the base has no dvc.lock"


def test_a_lock_that_can_t_be_read_is_no_absence() -> None:
    found = at_base({"dvc.lock": b"<<<<<<< HEAD\n", "metrics.json": METRICS}, "metrics.json")
    assert found.recorded
    assert "can't be read" in found.why


def test_paths_are_relative_to_the_stage_s_folder() -> None:
    files = {
        "sub dir/dvc.yaml": b"stages:\n  evaluate:\n    foreach: [a]\n    do:\n      wdir: ../work\n      cmd: run\n",
        "sub dir/dvc.lock": a_lock("out/m.json", METRICS, stage="evaluate@a"),
    }
    assert locked_digest_at(ToldRevisions(files), "base", PurePosixPath("work/out/m.json")) is not None


def test_a_folder_made_by_templating_is_not_guessed_at() -> None:
    files = {"dvc.yaml": b"stages: {evaluate: {wdir: '${dir}', cmd: run}}\n", "dvc.lock": a_lock("m.json", METRICS)}
    assert base_state(ToldRevisions(files), "base").digests == {}


def test_a_dvc_file_vouches_for_its_data() -> None:
    files = {"data/raw.csv.dvc": b"outs:\n- md5: 0123456789e100000000000000000000\n  hash: md5\n  path: raw.csv\n"}
    digest = locked_digest_at(ToldRevisions(files), "base", PurePosixPath("data/raw.csv"))
    assert str(digest) == "md5:0123456789e100000000000000000000"


def test_a_path_that_leaves_the_repository_is_nobody_s() -> None:
    assert base_state(ToldRevisions({"dvc.lock": a_lock("../../etc/passwd", METRICS)}), "base").digests == {}


def test_a_lock_that_dvcignore_excludes_is_not_read() -> None:
    broken = "tests/corpus/dvc.lock"
    files = {broken: b"<<<<<<< HEAD\n", "dvc.lock": a_lock("metrics.json", METRICS)}
    state = base_state(ToldRevisions(files, excluded=frozenset({broken})), "base")
    assert (state.unreadable, state.locks) == ({}, (PurePosixPath("dvc.lock"),))
