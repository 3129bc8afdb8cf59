"""`pipeline run --pull` on an S3 remote that is slow, cuts, refuses, lacks or has spoiled what it is asked for.

Whatever it does: an end in bounded time, a plain word on what could not be had, and no wrong byte in cache or tree.
"""

from pathlib import Path

import pytest
import yaml

from tests.engine.object_store import BUCKET
from tests.engine.proxy import Trouble
from tests.engine.team import MOST_ATTEMPTS, Team, codes, expect_done, expect_nothing_wrong, key_of, run

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G19")]


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
    return key_of(out["md5"])


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
