"""Real processes that want one lock: raced, killed, stopped beyond their lease and resumed."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.ledger import read_ledger
from mlops_ci.deployment.log import Log
from tests.deployment.actors import Actor, all_ended
from tests.deployment.git_ground import cloned, log_of, origin

pytestmark = pytest.mark.slow

RACERS = 10
Ground = tuple[Log, Callable[[str], Path]]


def in_files(folder: Path) -> Ground:
    return FileLog(folder=folder / "log", name="staging"), lambda _: folder / "log"


def in_git(folder: Path) -> Ground:
    bare = origin(folder)
    return log_of(cloned(bare, "reader")), lambda who: cloned(bare, who)


KINDS = {"file": in_files, "git": in_git}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.guarantee("G4")
def test_of_ten_that_race_one_holds_and_the_others_are_told_by_whom_within_two_seconds(
    kind: str, tmp_path: Path
) -> None:
    log, place = KINDS[kind](tmp_path)
    with all_ended() as actors:
        actors += [Actor(kind, place(f"w{number}"), f"w{number}") for number in range(RACERS)]
        for actor in actors:
            actor.ready()
        for actor in actors:
            actor.tell()
        told = [actor.hears() for actor in actors]
        holders = [f"w{number}" for number, one in enumerate(told) if "held" in one]
        assert len(holders) == 1
        others = [one for one in told if "held" not in one]
        assert all(one["found"].startswith(holders[0]) and " since 20" in one["found"] for one in others), others
        assert max(one["seconds"] for one in others) < 2, [one["seconds"] for one in told]
        winner = actors[int(holders[0][1:])]
        winner.tell("append")
        assert "appended" in winner.hears()
        assert sorted(actor.ended() for actor in actors) == [0] + [75] * (RACERS - 1)
    assert [entry.actor for entry in read_ledger(log).entries] == holders


@pytest.mark.guarantee("G4")
def test_after_a_holder_that_was_killed_the_next_one_holds_within_two_seconds(kind: str, tmp_path: Path) -> None:
    log, place = KINDS[kind](tmp_path)
    with all_ended() as actors:
        killed, after = Actor(kind, place("killed"), "killed"), Actor(kind, place("after"), "after")
        actors += [killed, after]
        killed.ready().holds()
        killed.tell("append")
        killed.hears()
        after.ready()
        killed.process.kill()
        # Nobody buries it, as in a container whose first process waits for nobody: it is dead and still listed.
        os.waitid(os.P_PID, killed.process.pid, os.WEXITED | os.WNOWAIT)
        assert after.holds() < 2
        after.tell("append")
        assert "appended" in after.hears()
        assert after.ended() == 0
    assert [entry.actor for entry in read_ledger(log).entries] == ["killed", "after"]


@pytest.mark.guarantee("G4")
def test_a_holder_that_was_stopped_beyond_its_lease_and_overtaken_writes_nothing(kind: str, tmp_path: Path) -> None:
    log, place = KINDS[kind](tmp_path)
    with all_ended() as actors:
        stale, after = Actor(kind, place("stale"), "stale", 2.0), Actor(kind, place("after"), "after", 2.0)
        actors += [stale, after]
        stale.ready().holds()
        stale.tell("append")
        stale.hears()
        after.ready()
        stale.process.send_signal(signal.SIGSTOP)
        time.sleep(2.2)
        after.holds()
        after.tell("append")
        assert "appended" in after.hears()
        time.sleep(1.5)  # two renewals, whose records are removed meanwhile
        before = log.read()
        stale.tell("append")
        stale.process.send_signal(signal.SIGCONT)
        told = stale.hears()
        assert told["refused"] == "StaleError"
        assert "after since" in told["found"]
        assert stale.ended() == 75
        assert {text for text in log.read().values() if '"who": "stale"' in text} <= set(before.values())
        assert after.ended() == 0
    assert [entry.actor for entry in read_ledger(log).entries] == ["stale", "after"]


def test_a_holder_renews_for_as_long_as_it_holds(kind: str, tmp_path: Path) -> None:
    log, place = KINDS[kind](tmp_path)
    with all_ended() as actors:
        holder, other = Actor(kind, place("holder"), "holder", 1.0), Actor(kind, place("other"), "other", 1.0)
        actors += [holder, other]
        holder.ready().holds()
        time.sleep(2.5)
        other.ready().tell()
        assert other.hears()["found"].startswith("holder")
        holder.tell("append")
        assert "appended" in holder.hears()
        assert (holder.ended(), other.ended()) == (0, 75)
    assert len(log.read()) <= 4
