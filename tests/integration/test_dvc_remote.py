"""`verify`, and bytes from the remote: complete, re-hashed, and nothing in the work tree touched."""

import json
import shutil
from hashlib import md5
from http.server import ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from threading import Thread

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import IntegrityError, ServiceError, UsageError
from mlops_ci.pipelines.verify import verify
from mlops_ci.tools.dvc.repository import DvcRepository
from tests.doubles.http_status import Answering
from tests.factories import commit_all
from tests.integration.dvc_scratch import dvc, emptied, opened, reproduced, scratch, with_remote

PIPELINE = """
stages:
  parts:
    foreach: [a, b]
    do:
      cmd: mkdir -p data && (echo ${item}; cat params.yaml) > data/${item}.txt
      params: [seed]
      outs: ['data/${item}.txt']
  join:
    cmd: mkdir -p out && cat data/*.txt > out/all.txt && echo {} > metrics.json && echo 1 > local.txt
    deps: [data]
    outs:
      - out
      - local.txt: {push: false}
    metrics:
      - metrics.json: {cache: false}
"""
FILES = {"dvc.yaml": PIPELINE, "params.yaml": "seed: 1\n", "data/kept.txt": "in git\n"}
ADDRESSES = ("parts@a", "parts@b", "join")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that was run, committed, and pushed to the folder beside it."""
    folder = tmp_path_factory.mktemp("original")
    root = scratch(folder / "repo", FILES)
    with_remote(root)
    with opened(root) as repo:
        for address in ADDRESSES:
            assert reproduced(repo, address) == ("ran", "ran")
    dvc(root, "push")
    commit_all(root, "run")
    return folder


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    """A copy of it, remote and all."""
    shutil.copytree(original / "remote", tmp_path / "remote")
    return shutil.copytree(original / "repo", tmp_path / "repo")


def as_fresh_clone(root: Path) -> None:
    """Take away what is not in git."""
    emptied(root / ".dvc/cache")
    shutil.rmtree(root / "out")
    for name in ("data/a.txt", "data/b.txt", "local.txt"):
        (root / name).unlink()


def objects(remote: Path, digest: Digest) -> Path:
    return remote / "files/md5" / digest.value[:2] / digest.value[2:]


def locked(repo: DvcRepository, path: str) -> Digest:
    found = next(out.locked for stage in repo.stages() for out in stage.outs if str(out.path) == path)
    assert found is not None
    return found


def spoil(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(bytes(content))


def test_a_fresh_clone_of_what_was_pushed_verifies_without_its_outputs(root: Path) -> None:
    as_fresh_clone(root)
    with opened(root) as repo:
        seen = verify(repo)
        assert seen.findings == ()
        assert {result.why for result in seen.results} == {"dvc.lock is current"}
        assert repo.staleness()["join"] != ()


def test_what_changed_in_a_fresh_clone_is_named_though_outputs_are_absent(root: Path) -> None:
    as_fresh_clone(root)
    (root / "params.yaml").write_text("seed: 2\n")
    (root / "data/kept.txt").write_text("changed\n")
    with opened(root) as repo:
        findings = {finding.subject: finding for finding in verify(repo).findings}
    assert set(findings) == set(ADDRESSES)
    assert findings["parts@a"].found == "params.yaml:seed changed from 1 to 2"
    assert findings["join"].found == "dependency data changed"
    assert (str(findings["join"].place), findings["join"].exit) == ("dvc.yaml:9", ExitCode.FAIL)
    assert findings["join"].do == "run `dvc repro join` and commit dvc.lock"


def test_the_lock_of_a_stage_before_another_moved_on(root: Path) -> None:
    with opened(root) as repo:
        (root / "params.yaml").write_text("seed: 2\n")
        reproduced(repo, "parts@a")
        reproduced(repo, "parts@b")
        as_fresh_clone(root)
        reasons = repo.staleness_of_lock()
    assert reasons == {"parts@a": (), "parts@b": (), "join": ("dependency data changed",)}


@pytest.mark.parametrize("part", ["data/a.txt", "out", "file in out"])
def test_a_digest_that_was_not_pushed_is_named_with_stage_and_path(root: Path, tmp_path: Path, part: str) -> None:
    remote = tmp_path / "remote"
    with opened(root) as repo:
        whole = locked(repo, part.removeprefix("file in "))
        listing = json.loads(objects(remote, whole).read_text()) if "out" in part else []
        digest = Digest("md5", listing[0]["md5"]) if part.startswith("file") else whole
        objects(remote, digest).unlink()
        (finding,) = verify(repo).findings
    assert (finding.code, finding.subject) == ("MC-PIPE-111", "join" if "out" in part else "parts@a")
    assert finding.evidence["digests"] == (str(digest),)
    assert part.replace("file in", "a file in") in finding.found
    assert finding.do.startswith("run `dvc push`")


def test_a_folder_whose_listing_is_nowhere_is_named_by_its_own_digest(root: Path, tmp_path: Path) -> None:
    with opened(root) as repo:
        whole = locked(repo, "out")
        as_fresh_clone(root)
        objects(tmp_path / "remote", whole).unlink()
        assert repo.absent_from_remote() == {"join": (whole,)}


def test_asking_the_remote_never_removes_anything_from_it(root: Path, tmp_path: Path) -> None:
    with opened(root) as repo:
        spoiled = objects(tmp_path / "remote", locked(repo, "data/a.txt"))
        spoil(spoiled)
        assert repo.absent_from_remote() == {}
    assert spoiled.exists()


def test_no_remote_is_a_warning_and_one_that_is_gone_an_error_beside_the_rest(root: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "remote")
    (root / "params.yaml").write_text("seed: 2\n")
    with opened(root) as repo:
        codes = [finding.code for finding in verify(repo).findings]
        with pytest.raises(ServiceError, match="can't be asked"):
            repo.absent_from_remote()
    assert codes == ["MC-PIPE-110", "MC-PIPE-110", "MC-DVC-003"]
    (root / ".dvc/config").write_text("")
    with opened(root) as repo:
        assert [finding.code for finding in verify(repo).findings] == ["MC-PIPE-110", "MC-PIPE-110", "MC-PIPE-112"]


def test_a_remote_without_its_plug_in_says_what_to_install(root: Path) -> None:
    (root / ".dvc/config").write_text("[core]\n    remote = store\n['remote \"store\"']\n    url = oss://nowhere\n")
    with opened(root) as repo, pytest.raises(ServiceError) as caught:
        repo.absent_from_remote()
    assert caught.value.findings[0].code == "MC-DVC-004"
    assert "dvc-oss" in caught.value.findings[0].found


@pytest.mark.parametrize("clone", [False, True])
def test_fetch_brings_files_and_folders_by_digest_and_touches_nothing(root: Path, tmp_path: Path, clone: bool) -> None:
    if clone:
        as_fresh_clone(root)
    with opened(root) as repo:
        file, folder = locked(repo, "data/a.txt"), locked(repo, "out")
        assert repo.fetch(PurePosixPath("data/a.txt"), file, into=tmp_path / "got/a.txt")
        assert repo.fetch(PurePosixPath("out"), folder, into=tmp_path / "got/out")
        assert not repo.fetch(PurePosixPath("out"), Digest("md5", "0" * 32), into=tmp_path / "got/none")
    assert (tmp_path / "got/a.txt").read_text() == "a\nseed: 1\n"
    assert (tmp_path / "got/out/all.txt").read_text() == "a\nseed: 1\nb\nseed: 1\nin git\n"
    assert sorted(path.name for path in (tmp_path / "got").iterdir()) == ["a.txt", "out"]
    assert (root / "out").exists() is not clone


def test_a_flipped_byte_in_the_remote_is_an_integrity_error(root: Path, tmp_path: Path) -> None:
    as_fresh_clone(root)
    with opened(root) as repo:
        digest = locked(repo, "data/a.txt")
        spoiled = objects(tmp_path / "remote", digest)
        spoil(spoiled)
        with pytest.raises(IntegrityError) as caught:
            repo.fetch(PurePosixPath("data/a.txt"), digest, into=tmp_path / "got")
        with pytest.raises(IntegrityError):
            repo.pull([PurePosixPath("data/a.txt")])
    assert digest.value in caught.value.findings[0].found
    assert spoiled.exists()
    assert not (tmp_path / "got").exists()
    assert not (root / "data/a.txt").exists()


def test_a_flipped_byte_in_the_cache_is_mended_from_the_remote(root: Path, tmp_path: Path) -> None:
    with opened(root) as repo:
        digest = locked(repo, "data/a.txt")
        spoil(objects(root / ".dvc/cache", digest))
        assert repo.fetch(PurePosixPath("data/a.txt"), digest, into=tmp_path / "got")
    assert (tmp_path / "got").read_text() == "a\nseed: 1\n"


@pytest.mark.parametrize("path", ["../../escaped.txt", "/escaped.txt", "a/../../escaped.txt"])
def test_a_folder_listing_cannot_write_outside_of_its_folder(root: Path, tmp_path: Path, path: str) -> None:
    as_fresh_clone(root)
    with opened(root) as repo:
        part = locked(repo, "data/a.txt")
    listing = json.dumps([{"md5": part.value, "relpath": path}]).encode()
    evil = Digest("md5", md5(listing, usedforsecurity=False).hexdigest() + ".dir")
    place = objects(tmp_path / "remote", evil)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    lock = (root / "dvc.lock").read_text()
    with opened(root) as repo:
        (root / "dvc.lock").write_text(lock.replace(locked(repo, "out").value, evil.value))
    with opened(root) as repo:
        with pytest.raises(IntegrityError):
            repo.pull([PurePosixPath("out")])
        with pytest.raises(IntegrityError):
            repo.fetch(PurePosixPath("out"), evil, into=tmp_path / "deep/er/got")
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_digest_that_is_a_path_is_refused(root: Path, tmp_path: Path) -> None:
    with opened(root) as repo, pytest.raises(IntegrityError):
        repo.fetch(PurePosixPath("out"), Digest("md5", "ab/../../../../params.yaml"), into=tmp_path / "got")


def test_pull_brings_outputs_and_never_overwrites_what_differs(root: Path) -> None:
    as_fresh_clone(root)
    (root / "data/b.txt").write_text("mine\n")
    with opened(root) as repo:
        repo.pull([PurePosixPath("data/a.txt"), PurePosixPath("out")])
        with pytest.raises(UsageError):
            repo.pull([PurePosixPath("data/b.txt")])
        with pytest.raises(ServiceError) as caught:
            repo.pull([PurePosixPath("local.txt")])
    assert caught.value.findings[0].code == "MC-DVC-006"
    assert (root / "data/a.txt").read_text() == "a\nseed: 1\n"
    assert (root / "data/b.txt").read_text() == "mine\n"
    assert (root / "out/all.txt").exists()


def test_data_of_a_dvc_file_is_brought_from_the_remote_before_its_stage_runs(root: Path) -> None:
    (root / "raw.csv").write_text("1\n")
    dvc(root, "add", "raw.csv")
    dvc(root, "push", "raw.csv")
    emptied(root / ".dvc/cache")
    (root / "raw.csv").unlink()
    with opened(root) as repo:
        assert repo.staleness()["raw.csv.dvc"] == ("output raw.csv is not there",)
        assert reproduced(repo, "raw.csv.dvc") == ("cached", "brought from DVC's cache or remote")
    assert (root / "raw.csv").read_text() == "1\n"
    (root / "raw.csv").unlink()
    emptied(root / ".dvc/cache")
    (root / ".dvc/config").write_text("")
    with opened(root) as repo:
        why = "raw.csv is not here: `dvc pull raw.csv` would bring it, but no remote is configured"
        assert reproduced(repo, "raw.csv.dvc") == ("failed", why)


@pytest.mark.parametrize("code", [401, 404, 500])
def test_a_server_that_refuses_is_not_one_that_lacks_the_digests(root: Path, code: int) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/{code}"
        (root / ".dvc/config").write_text(f"[core]\n    remote = store\n['remote \"store\"']\n    url = {url}\n")
        with opened(root) as repo:
            if code == 404:
                assert set(repo.absent_from_remote()) == set(ADDRESSES)
            else:
                with pytest.raises(ServiceError, match="can't be asked"):
                    repo.absent_from_remote()
        server.shutdown()


def test_a_remote_that_nobody_listens_at_is_a_service_error(root: Path) -> None:
    (root / ".dvc/config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = http://127.0.0.1:1/x\n"
    )
    with opened(root) as repo, pytest.raises(ServiceError, match="can't be asked"):
        repo.absent_from_remote()
