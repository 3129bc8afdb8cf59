"""`pipeline run` on an S3 remote that is slow, cuts, refuses, lacks or has spoiled what it is asked for.

Whatever it does: an end in bounded time, a plain word on what could not be had, and no wrong byte in cache or tree.
"""

import random
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

import pytest
import yaml

from tests.engine.object_store import BUCKET, ObjectStore, object_store
from tests.engine.proxy import Proxy, Trouble, proxied
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart, dvc, scratch
from tests.integration.flights import Checked, check

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G19")]

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
        return _key(md5((self.origin / path).read_bytes(), usedforsecurity=False).hexdigest())

    def clone(self, folder: Path, *, seed: str | None = "2") -> Path:
        """A fresh clone; a new seed makes both stages stale."""
        git(self.origin, "clone", "--quiet", str(self.origin), str(folder / "repo"))
        if seed is not None:
            (folder / "repo/seed").write_text(f"{seed}\n")
        return folder / "repo"


def _key(oid: str) -> str:
    return f"data/files/md5/{oid[:2]}/{oid[2:]}"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with object_store() as store, proxied(store.address) as proxy, pytest.MonkeyPatch.context() as patch:
        for variable, value in CREDENTIALS.items():
            patch.setenv(variable, value)
        noise = random.Random(5)
        parts = {f"parts/{number:02}": noise.randbytes(20_000) for number in range(12)}
        root = scratch(
            tmp_path_factory.mktemp("origin") / "repo",
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


@pytest.fixture(autouse=True)
def _well_again(team: Team) -> Iterator[None]:
    yield
    team.proxy.make(None)


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


REFUSALS = {
    "403 to everything": (Trouble(answer=403), "AccessDenied"),
    "403 to the object": (Trouble(of="GET {object}", answer=403), "AccessDenied"),
    "500 to everything": (Trouble(answer=500), "InternalError"),
    "500 to the object": (Trouble(of="GET {object}", answer=500), "InternalError"),
    "cut before the first byte": (Trouble(of="GET {object}", cut_after=0), "closed"),
    "no answer": (Trouble(of="GET {object}", pause=1), "imeout"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_the_remote_refuses_is_named_and_the_next_run_goes_on(team: Team, tmp_path: Path, case: str) -> None:
    folder, key = team.clone(tmp_path), team.key("raw.csv")
    trouble, words = REFUSALS[case]
    team.proxy.make(Trouble(of=trouble.of.format(object=f"/{BUCKET}/{key}"), answer=trouble.answer,
                            cut_after=trouble.cut_after, pause=trouble.pause))  # fmt: skip
    ran = run(folder, "--pull")
    assert ran.exit == 4, ran.output
    found = codes(ran)["MC-DVC-003"]
    assert words in found
    if trouble.of:
        assert "raw.csv" in found
        assert key.removeprefix("data/files/md5/").replace("/", "") in found
    # aiohttp itself repeats once what was sent on a connection that is then closed.
    most = 2 * MOST_ATTEMPTS if trouble.cut_after == 0 else MOST_ATTEMPTS
    assert max(map(team.proxy.requests.count, team.proxy.requests)) <= most
    assert not (folder / "first.txt").exists()
    expect_nothing_wrong(folder, team.origin)
    team.proxy.make(None)
    assert run(folder, "--pull").exit == 0
    expect_done(folder, team.origin)


PASSING = {
    "500 once": Trouble(answer=500, times=1),
    "503 once for the object": Trouble(of="GET {object}", answer=503, times=1),
    "cut in the middle, once": Trouble(of="GET {object}", cut_after=100_000, times=1),
    "cut in the middle, each time": Trouble(of="GET {object}", cut_after=120_000),
    "slow": Trouble(of="GET {object}", pause=0.1, piece=10_000),
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_is_waited_for_and_the_bytes_are_right(team: Team, tmp_path: Path, case: str) -> None:
    folder, key, trouble = team.clone(tmp_path), team.key("raw.csv"), PASSING[case]
    team.proxy.make(Trouble(of=trouble.of.format(object=f"/{BUCKET}/{key}"), answer=trouble.answer, piece=trouble.piece,
                            cut_after=trouble.cut_after, pause=trouble.pause, times=trouble.times))  # fmt: skip
    ran = run(folder, "--pull")
    assert ran.exit == 0, ran.output
    expect_done(folder, team.origin)


@pytest.mark.parametrize("path", ["raw.csv", "parts/07", "parts"])
@pytest.mark.guarantee("G10")
def test_a_flipped_byte_is_named_and_never_restored(team: Team, tmp_path: Path, path: str) -> None:
    folder, key = team.clone(tmp_path), _folder_key(team) if path == "parts" else team.key(path)
    good = team.store.get(key)
    spoiled = bytes([good[0] ^ 1]) + good[1:]
    team.store.put(key, spoiled)
    try:
        ran = run(folder, "--pull", "--keep-going")
        assert team.store.get(key) == spoiled  # left for a person to look at
    finally:
        team.store.put(key, good)
    assert ran.exit == 5, ran.output
    found = codes(ran)["MC-DVC-005"]
    assert path in found
    assert key.removeprefix("data/files/md5/").replace("/", "") in found
    expect_nothing_wrong(folder, team.origin)
    assert not (folder / ("first.txt" if path == "raw.csv" else "use.txt")).exists()
    assert run(folder, "--pull").exit == 0
    expect_done(folder, team.origin)


def _folder_key(team: Team) -> str:
    (out,) = yaml.safe_load((team.origin / "parts.dvc").read_text())["outs"]
    return _key(out["md5"])


@pytest.mark.parametrize("path", ["raw.csv", "parts/07"])
def test_an_object_that_is_not_there_is_named_and_what_does_not_need_it_goes_on(
    team: Team, tmp_path: Path, path: str
) -> None:
    folder, key = team.clone(tmp_path), team.key(path)
    good = team.store.get(key)
    team.store.delete(key)
    try:
        ran = run(folder, "--pull", "--keep-going")
    finally:
        team.store.put(key, good)
    assert ran.exit in (3, 4), ran.output
    told = " ".join(codes(ran).values())
    assert path in told
    assert key.removeprefix("data/files/md5/").replace("/", "") in told
    assert (folder / ("use.txt" if path == "raw.csv" else "first.txt")).exists()
    expect_nothing_wrong(folder, team.origin)


def test_a_server_that_is_gone_is_one_error(team: Team, tmp_path: Path) -> None:
    folder = team.clone(tmp_path)
    config = folder / ".dvc/config"
    config.write_text(config.read_text().replace(team.proxy.url, "http://127.0.0.1:1"))
    ran = run(folder, "--pull")
    assert ran.exit == 4, ran.output
    assert list(codes(ran)) == ["MC-DVC-003"]


NOT_TAKEN = {
    "403": Trouble(of="PUT ", answer=403),
    "500": Trouble(of="PUT ", answer=500),
    "cut before the answer": Trouble(of="PUT ", cut_after=0),
    "no answer": Trouble(of="PUT ", pause=1),
}


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_what_the_remote_does_not_take_is_named_and_sent_by_the_next_run(team: Team, tmp_path: Path, case: str) -> None:
    prefix = case.partition(" ")[0]
    folder = copied(team, tmp_path, prefix)
    team.proxy.make(NOT_TAKEN[case])
    ran = run(folder, "--push")
    assert ran.exit == 4, ran.output
    (found,) = codes(ran).values()
    assert "md5" in found
    assert max(map(team.proxy.requests.count, team.proxy.requests)) <= 2 * MOST_ATTEMPTS
    expect_done(folder, team.origin)  # what ran here is not lost
    team.proxy.make(None)
    assert run(folder, "--push").exit == 0
    expect_shared(team, folder, tmp_path / "other", prefix)


def test_a_push_that_fails_once_succeeds(team: Team, tmp_path: Path) -> None:
    folder = copied(team, tmp_path, "once")
    team.proxy.make(Trouble(of="PUT ", answer=500, times=1))
    ran = run(folder, "--push")
    assert ran.exit == 0, ran.output
    expect_shared(team, folder, tmp_path / "other", "once")


@pytest.mark.guarantee("G10")
def test_a_spoiled_entry_of_the_remote_run_cache_is_no_entry(team: Team, tmp_path: Path) -> None:
    folder = copied(team, tmp_path, "entries")
    assert run(folder, "--push").exit == 0
    for key in team.store.keys("entries/runs/"):
        content = team.store.get(key)
        team.store.put(key, content.replace(b"md5: ", b"md5: 0", 1))
    other = team.clone(tmp_path / "other")
    _point(other, "entries")
    ran = run(other, "--pull")
    assert (ran.exit, ran.states()) == (0, {"first": "ran", "use": "ran"}), ran.output
    expect_done(other, team.origin)


def copied(team: Team, folder: Path, prefix: str) -> Path:
    """The origin with all its data, a new seed, and a remote that is empty yet."""
    shutil.copytree(team.origin, folder / "repo", symlinks=True)
    (folder / "repo/seed").write_text("2\n")
    _point(folder / "repo", prefix)
    return folder / "repo"


def _point(folder: Path, prefix: str) -> None:
    config = folder / ".dvc/config"
    config.write_text(config.read_text().replace(f"{BUCKET}/data", f"{BUCKET}/{prefix}"))


def expect_shared(team: Team, folder: Path, other: Path, prefix: str) -> None:
    """Whoever clones has nothing to run, and the bucket holds nothing but what its keys say."""
    for key in team.store.keys(f"{prefix}/files/"):
        assert md5(team.store.get(key), usedforsecurity=False).hexdigest() == "".join(key.split("/")[-2:])[:32]
    clone = team.clone(other)
    _point(clone, prefix)
    ran = run(clone, "--pull")
    assert (ran.exit, ran.states()) == (0, {"first": "cached", "use": "cached"}), ran.output
    assert (clone / "dvc.lock").read_bytes() == (folder / "dvc.lock").read_bytes()
