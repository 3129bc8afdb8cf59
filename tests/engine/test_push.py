"""`pipeline run --push` to an S3 remote that refuses, cuts or never answers; and what it shares when it does not."""

from pathlib import Path

import pytest

from tests.engine.proxy import Trouble
from tests.engine.team import MOST_ATTEMPTS, Team, codes, copied, expect_done, expect_shared, point, run

pytestmark = [pytest.mark.slow, pytest.mark.guarantee("G19")]


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
    point(other, "entries")
    ran = run(other, "--pull")
    assert (ran.exit, ran.states()) == (0, {"first": "ran", "use": "ran"}), ran.output
    expect_done(other, team.origin)
