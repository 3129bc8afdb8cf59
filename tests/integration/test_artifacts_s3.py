"""Artifacts on an S3-compatible server, with a network before it that is slow, cuts, and is left in the middle."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tests.engine.object_store import BUCKET, ObjectStore, object_store
from tests.engine.proxy import Proxy, Trouble, proxied
from tests.engine.team import CREDENTIALS, MOST_SECONDS, key_of
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, dvc, scratch

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G19")]
_FILES = 40


@dataclass(frozen=True, slots=True)
class Far:
    """A repository of one file and one folder, its bucket, and the network between."""

    root: Path
    store: ObjectStore
    proxy: Proxy

    def start(self, *arguments: str, root: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_ci", "artifact", *arguments, "--json", "-C", str(root or self.root)],
            env={**os.environ, **CREDENTIALS, **apart(root or self.root)}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def ask(self, *arguments: str, root: Path | None = None) -> tuple[int, str, str]:
        """The real command; it ends in bounded time, without a traceback."""
        begin, process = time.monotonic(), self.start(*arguments, root=root)
        out, said = process.communicate(timeout=MOST_SECONDS)
        assert "Traceback" not in said, said
        assert time.monotonic() - begin < MOST_SECONDS
        return process.returncode, out, said

    def must(self, *arguments: str, root: Path | None = None) -> Mapping[str, Any]:
        code, out, said = self.ask(*arguments, root=root)
        assert code == 0, out + said
        facts: dict[str, Any] = json.loads(out)
        return facts

    def sent(self) -> list[str]:
        return self.store.keys("data/files/")

    def expect_sound(self) -> None:
        """Nothing in the bucket has other bytes than its name says."""
        for key in self.sent():
            content = md5(self.store.get(key), usedforsecurity=False).hexdigest()
            assert content == "".join(key.split("/")[-2:])[:32], key


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    noise, folder = random.Random(6), tmp_path_factory.mktemp("far")
    with object_store() as store, proxied(store.address) as proxy:
        root = scratch(folder / "repo", {".gitignore": "/.mlops-ci\n"})
        lay(root, {"big.bin": noise.randbytes(300_000)})
        lay(root, {f"parts/{number:02}": noise.randbytes(5_000) for number in range(_FILES)})
        (root / ".dvc/config").write_text(
            f"[core]\n    remote = store\n['remote \"store\"']\n    url = s3://{BUCKET}/data\n"
            f"    endpointurl = {proxy.url}\n    read_timeout = 3\n"
        )
        dvc(root, "add", "big.bin", "parts")
        commit_all(root, "data")
        yield Far(root, store, proxy)


@pytest.fixture
def far(begun: Far) -> Iterator[Far]:
    """The network is well again after each test."""
    yield begun
    begun.proxy.make(None)


def cloned(far: Far, folder: Path) -> Path:
    git(folder, "clone", "-q", str(far.root), "clone")
    return folder / "clone"


@pytest.mark.guarantee("G3")
def test_a_push_that_was_killed_is_ended_by_the_next_one(far: Far) -> None:
    far.proxy.make(Trouble(of="PUT ", pause=0.2, piece=1_000))
    killed(far.start("push"), when=lambda: 3 <= len(far.sent()) < _FILES)
    far.proxy.make(None)
    there = len(far.sent())
    far.expect_sound()
    if any(key.endswith(".dir") for key in far.sent()):  # never a listing of what is not there
        contents = [(far.root / f"parts/{number:02}").read_bytes() for number in range(_FILES)]
        assert not {key_of(md5(one, usedforsecurity=False).hexdigest()) for one in contents} - set(far.sent())
    done = far.must("push")
    assert done["objects"] == _FILES + 2 - there
    assert far.must("push")["objects"] == 0
    assert far.must("verify", "--deep")["objects"] == _FILES + 2
    far.expect_sound()


def test_a_pull_through_a_network_that_cuts_ends_in_time_and_names_the_object(far: Far, tmp_path: Path) -> None:
    far.must("push")
    clone = cloned(far, tmp_path)
    oid = md5((far.root / "big.bin").read_bytes(), usedforsecurity=False).hexdigest()
    far.proxy.make(Trouble(of=f"GET /{BUCKET}/{key_of(oid)}", cut_after=0))
    code, out, _ = far.ask("pull", root=clone)
    assert code == 4, out
    (finding,) = json.loads(out)["findings"]
    assert (finding["code"], finding["subject"]) == ("MC-DVC-003", "big.bin")
    assert f"md5:{oid}" in finding["found"]
    assert not (clone / "big.bin").exists()
    assert (clone / "parts/00").read_bytes() == (far.root / "parts/00").read_bytes()  # the rest was brought
    far.proxy.make(Trouble(of="GET ", cut_after=120_000))  # once more, in the middle of what is large
    far.must("pull", root=clone)
    assert (clone / "big.bin").read_bytes() == (far.root / "big.bin").read_bytes()


def whole(clone: Path) -> set[str]:
    """Objects in the clone's cache, by their keys in the bucket; each has the bytes that its name says."""
    found = {file for file in (clone / ".dvc/cache/files").rglob("*") if file.is_file() and len(file.name) in (30, 34)}
    for file in found:
        content = md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        assert content == f"{file.parent.name}{file.name}"[:32], file
    return {key_of(f"{file.parent.name}{file.name}") for file in found}


@pytest.mark.guarantee("G3")
def test_a_pull_that_was_killed_is_ended_by_the_next_one_and_nothing_whole_is_fetched_again(
    far: Far, tmp_path: Path
) -> None:
    far.must("push")
    clone = cloned(far, tmp_path)
    objects = f"GET /{BUCKET}/data/files"
    far.proxy.make(Trouble(of=objects, pause=0.25, piece=20_000))  # big.bin takes longer than `read_timeout`
    killed(far.start("pull", root=clone), when=lambda: bool(list(clone.rglob("*.tmp"))))
    assert (whole(clone), (clone / "big.bin").exists()) == (set(), False)
    killed(far.start("pull", root=clone), when=lambda: len(whole(clone)) > _FILES // 3)
    there = whole(clone)
    assert len(there) < _FILES
    assert (clone / "big.bin").read_bytes() == (far.root / "big.bin").read_bytes()
    far.proxy.make(None)
    far.must("pull", root=clone)
    asked = [one.rpartition(f"{BUCKET}/")[2] for one in far.proxy.requests if one.startswith(objects)]
    assert sorted(asked) == sorted(set(far.sent()) - there)
    for number in range(_FILES):
        assert (clone / f"parts/{number:02}").read_bytes() == (far.root / f"parts/{number:02}").read_bytes()


def killed(process: "subprocess.Popen[str]", *, when: Callable[[], bool]) -> None:
    """End a command, and all that it started, by SIGKILL at this moment."""
    end = time.monotonic() + 60
    while not when():
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.5)  # a worker ends when it has lost its parent; what was sent already arrives


@pytest.mark.guarantee("G10")
def test_a_proof_reads_every_byte_and_a_refusal_is_no_absence(far: Far) -> None:
    far.must("push")
    key = key_of(md5((far.root / "parts/07").read_bytes(), usedforsecurity=False).hexdigest())
    good = far.store.get(key)
    far.store.put(key, bytes([good[0] ^ 1]) + good[1:])
    try:
        assert far.must("verify")["objects"] == _FILES + 2  # by name all is there
        code, out, _ = far.ask("verify", "--deep")
    finally:
        far.store.put(key, good)
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["code"], finding["subject"]) == (5, "MC-ART-011", "parts.dvc")
    assert finding["found"].startswith("parts/07 (md5:")
    far.proxy.make(Trouble(answer=403))
    code, _, said = far.ask("verify")
    assert (code, "error[MC-DVC-003]" in said) == (4, True), said
    assert "403" in said, said
