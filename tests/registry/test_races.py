"""Many who register or record at once: nobody's version is lost or doubled, also where some are killed."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.ssh_server import ssh_server
from tests.factories import git
from tests.registry.http_server import http_server
from tests.registry.racing import MODEL, Ground, call, clone, ground, race, wrong_runs, wrong_versions

pytestmark = pytest.mark.slow

REGISTER = ("model", "register", MODEL, "--json")
RECORD = ("run", "record", "--push", "--json")


@pytest.fixture
def over(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ground, str]]:
    """The shared repository, and the URL by which clones have it."""
    made = ground(tmp_path)
    with ExitStack() as held:
        match request.param:
            case "http":
                host, port = held.enter_context(http_server(tmp_path))
                yield made, f"http://{host}:{port}/origin.git"
            case "ssh":
                (tmp_path / "sshd").mkdir()
                server = held.enter_context(ssh_server(tmp_path / "sshd"))
                yield replace(made, settings=(f"core.sshCommand={server.command}",)), server.url(made.origin)
            case _:
                yield made, f"file://{made.origin}"


@pytest.mark.parametrize(("over", "racers"), [("file", 12), ("http", 4), ("ssh", 4)], indirect=["over"])
def test_each_registration_has_one_version_and_a_killed_one_at_most_one(over: tuple[Ground, str], racers: int) -> None:
    of, url = over
    roots = [clone(of, f"clone-{number}", url, data=f"data {number}") for number in range(racers)]
    first = race(of, roots, *REGISTER, kill=racers // 4, seed=racers)
    assert wrong_versions(of, first.outcomes) == []
    before = {one.root: one.answer["version"] for one in first.outcomes if one.answer}
    some = [*(root for root in roots if root not in before), *list(before)[:2]]
    again = race(of, some, *REGISTER)
    assert wrong_versions(of, again.outcomes) == []
    assert len(of.tags()) == racers
    after = {one.root: one.answer["version"] for one in again.outcomes if one.answer}
    assert {root: after[root] for root in before if root in after} == {
        root: before[root] for root in before if root in after
    }
    assert len(after) == len(some)
    assert wrong_runs(of, ()) == []
    git(of.origin, "fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize("over", ["file"], indirect=True)
def test_the_same_bytes_of_the_same_run_are_one_version_however_many_register_them(over: tuple[Ground, str]) -> None:
    of, url = over
    root = clone(of, "clone", url, data="data")
    run = call(of, root, *RECORD)
    assert run.returncode == 0, run.stderr
    others = [of.folder / f"other-{number}" for number in range(3)]
    for other in others:
        git(of.folder, "clone", "-q", "--depth", "1", "--no-tags", url, str(other))
    (name,) = of.runs()
    raced = race(of, [root, *others], *REGISTER, "--run", name)
    assert [one.said for one in raced.outcomes if one.exit] == []
    answers = [one.answer for one in raced.outcomes if one.answer]
    assert ({one["version"] for one in answers}, sum(one["fresh"] for one in answers)) == ({"v1.0.0"}, 1)
    assert list(of.tags()) == [f"{MODEL}@v1.0.0"]


@pytest.mark.parametrize("over", ["file"], indirect=True)
def test_each_run_is_recorded_once_and_a_killed_recording_at_most_once(over: tuple[Ground, str]) -> None:
    of, url = over
    roots = [clone(of, f"clone-{number}", url, data=f"data {number}") for number in range(6)]
    first = race(of, roots, *RECORD, kill=2, seed=3, span=1.5)
    assert wrong_runs(of, first.outcomes) == []
    again = race(of, [one.root for one in first.outcomes if one.exit < 0] + roots[:1], *RECORD)
    assert wrong_runs(of, again.outcomes) == []
    assert len(of.runs()) == len(roots)
