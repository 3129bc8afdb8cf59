"""A repository that was run and pushed to an S3-compatible server, and a network before it that fails."""

import random
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

import pytest

from tests.engine.object_store import BUCKET, ObjectStore, object_store
from tests.engine.proxy import Proxy, proxied
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, dvc, scratch
from tests.integration.flights import Checked, check

PIPELINE = """
stages:
  first:
    cmd: (cat seed; md5sum < raw.csv) > first.txt
    deps: [raw.csv, seed]
    outs: [first.txt]
  use:
    cmd: (cat seed; cat parts/* | md5sum) > use.txt
    deps: [parts, seed]
    outs: [use.txt]
"""
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": "/nonexistent/config", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
    "AWS_EC2_METADATA_DISABLED": "true",
}  # fmt: skip
MOST_SECONDS = 100  # of a whole run; up to twice 30 of them are given to a transfer that stands still
MOST_ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A repository that was run and pushed, its remote, and the network between."""

    origin: Path
    store: ObjectStore
    proxy: Proxy

    def key(self, path: str) -> str:
        """The key, in the bucket, of what the origin has at a path."""
        return key_of(md5((self.origin / path).read_bytes(), usedforsecurity=False).hexdigest())

    def clone(self, folder: Path, *, seed: str | None = "2") -> Path:
        """A fresh clone; a new seed makes both stages stale."""
        git(self.origin, "clone", "--quiet", str(self.origin), str(folder / "repo"))
        if seed is not None:
            (folder / "repo/seed").write_text(f"{seed}\n")
        return folder / "repo"


def key_of(oid: str) -> str:
    """The key of the object with a digest."""
    return f"data/files/md5/{oid[:2]}/{oid[2:]}"


@contextmanager
def team_in(folder: Path) -> Iterator[Team]:
    """A repository in a folder, run once, committed, and its data pushed through the proxy."""
    with object_store() as store, proxied(store.address) as proxy, pytest.MonkeyPatch.context() as patch:
        for variable, value in CREDENTIALS.items():
            patch.setenv(variable, value)
        noise = random.Random(5)
        parts = {f"parts/{number:02}": noise.randbytes(20_000) for number in range(12)}
        root = scratch(
            folder / "repo",
            {"dvc.yaml": PIPELINE, "seed": "1\n", ".gitignore": "/.mlops-ci\n"},
        )
        lay(root, {"raw.csv": noise.randbytes(300_000), **parts})
        (root / ".dvc/config").write_text(
            f"[core]\n    remote = store\n['remote \"store\"']\n    url = s3://{BUCKET}/data\n"
            f"    endpointurl = {proxy.url}\n    read_timeout = 3\n"
        )
        dvc(root, "add", "raw.csv", "parts")
        dvc(root, "repro")
        dvc(root, "push")
        commit_all(root, "run")
        yield Team(origin=root, store=store, proxy=proxy)


def run(folder: Path, *arguments: str) -> Checked:
    """The real command; it ends in bounded time, without a traceback."""
    begin = time.monotonic()
    ran = check(folder, *arguments, command="pipeline run", variables={**CREDENTIALS, **apart(folder)})
    assert time.monotonic() - begin < MOST_SECONDS, ran.output
    assert "Traceback" not in ran.output, ran.output
    return ran


def expect_nothing_wrong(folder: Path, origin: Path) -> None:
    """Every object in the cache has its digest, and what lies in the work tree is what it should be."""
    for path in (folder / ".dvc/cache/files/md5").glob("??/*"):
        assert md5(path.read_bytes(), usedforsecurity=False).hexdigest() == (path.parent.name + path.name)[:32], path
    for path in (folder / "raw.csv", *folder.glob("parts/*")):
        assert not path.exists() or path.read_bytes() == (origin / path.relative_to(folder)).read_bytes(), path


def expect_done(folder: Path, origin: Path, seed: str = "2") -> None:
    """Both stages have their right result, recorded in dvc.lock."""
    whole = b"".join(path.read_bytes() for path in sorted(origin.glob("parts/*")))
    right = {"first.txt": _told(seed, (origin / "raw.csv").read_bytes()), "use.txt": _told(seed, whole)}
    for name, text in right.items():
        assert (folder / name).read_text() == text
        digest = md5(text.encode(), usedforsecurity=False).hexdigest()
        assert digest in (folder / "dvc.lock").read_text()
    expect_nothing_wrong(folder, origin)


def _told(seed: str, content: bytes) -> str:
    return f"{seed}\n{md5(content, usedforsecurity=False).hexdigest()}  -\n"


def codes(ran: Checked) -> Mapping[str, str]:
    """What was found, by code."""
    return {finding["code"]: f"{finding['subject']}: {finding['found']}" for finding in ran.findings()}


def copied(team: Team, folder: Path, prefix: str) -> Path:
    """The origin with all its data, a new seed, and a remote that is empty yet."""
    shutil.copytree(team.origin, folder / "repo", symlinks=True)
    (folder / "repo/seed").write_text("2\n")
    point(folder / "repo", prefix)
    return folder / "repo"


def point(folder: Path, prefix: str) -> None:
    """Another folder of the bucket as remote."""
    config = folder / ".dvc/config"
    config.write_text(config.read_text().replace(f"{BUCKET}/data", f"{BUCKET}/{prefix}"))


def expect_shared(team: Team, folder: Path, other: Path, prefix: str) -> None:
    """Whoever clones has nothing to run, and the bucket holds nothing but what its keys say."""
    for key in team.store.keys(f"{prefix}/files/"):
        assert md5(team.store.get(key), usedforsecurity=False).hexdigest() == "".join(key.split("/")[-2:])[:32]
    clone = team.clone(other)
    point(clone, prefix)
    ran = run(clone, "--pull")
    assert (ran.exit, ran.states()) == (0, {"first": "cached", "use": "cached"}), ran.output
    assert (clone / "dvc.lock").read_bytes() == (folder / "dvc.lock").read_bytes()
