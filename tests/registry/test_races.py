"""Many who register or record at once: nobody's version is lost or doubled, also where some are killed."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.ssh_server import ssh_server
from tests.factories import git
from tests.registry.http_server import http_server
from tests.registry.racing import MODEL, Ground, call, clone, cloned, race, wrong_runs, wrong_versions

pytestmark = pytest.mark.slow

REGISTER = ("model", "register", MODEL, "--json")
RECORD = ("run", "record", "--push", "--json")


@contextmanager
def shared(of: Ground, over: str) -> Iterator[tuple[Ground, str]]:
    """The shared repository as clones have it over a transport, and its URL there."""
    with ExitStack() as held:
        match over:
            case "http":
                host, port = held.enter_context(http_server(of.folder))
                yield of, f"http://{host}:{port}/origin.git"
            case "ssh":
                (of.folder / "sshd").mkdir()
                server = held.enter_context(ssh_server(of.folder / "sshd"))
                yield replace(of, settings=(f"core.sshCommand={server.command}",)), server.url(of.origin)
            case _:
                yield of, f"file://{of.origin}"


# Over HTTP and ssh at once: who comes by the one loses against who comes by the other.
@pytest.mark.parametrize("racers", [{"file": 12}, {"http": 2, "ssh": 2}], ids=["file", "http and ssh"])
def test_each_registration_has_one_version_and_a_killed_one_at_most_one(of: Ground, racers: Mapping[str, int]) -> None:
    with ExitStack() as held:
        roots = list[Path]()
        for over, count in racers.items():
            here, url = held.enter_context(shared(of, over))
            roots += [clone(here, f"{over}-{number}", url, data=f"{over} {number}") for number in range(count)]
        first = race(of, roots, *REGISTER, kill=len(roots) // 4, seed=len(roots))
        assert wrong_versions(of, first.outcomes) == []
        before = {one.root: one.answer["version"] for one in first.outcomes if one.answer}
        some = [*(root for root in roots if root not in before), next(iter(before))]
        again = race(of, some, *REGISTER)
    assert wrong_versions(of, again.outcomes) == []
    assert len(of.tags()) == len(roots)
    after = {one.root: one.answer["version"] for one in again.outcomes if one.answer}
    assert {root: after[root] for root in before if root in after} == {
        root: before[root] for root in before if root in after
    }
    assert len(after) == len(some)
    assert wrong_runs(of, ()) == []
    git(of.origin, "fsck", "--strict", "--no-dangling")


def test_the_same_bytes_of_the_same_run_are_one_version_however_many_register_them(of: Ground) -> None:
    root = of.folder / "clone"
    run = call(of, root, *RECORD)
    assert run.returncode == 0, run.stderr
    others = [cloned(of, f"other-{number}", f"file://{of.origin}") for number in range(2)]
    (name,) = of.runs()
    raced = race(of, [root, *others], *REGISTER, "--run", name)
    assert [one.said for one in raced.outcomes if one.exit] == []
    answers = [one.answer for one in raced.outcomes if one.answer]
    assert ({one["version"] for one in answers}, sum(one["fresh"] for one in answers)) == ({"v1.0.0"}, 1)
    assert list(of.tags()) == [f"{MODEL}@v1.0.0"]


def test_each_run_is_recorded_once_and_a_killed_recording_at_most_once(of: Ground) -> None:
    url = f"file://{of.origin}"
    roots = [clone(of, f"clone-{number}", url, data=f"data {number}") for number in range(4)]
    first = race(of, roots, *RECORD, kill=1, seed=3, span=1.5)
    assert wrong_runs(of, first.outcomes) == []
    again = race(of, [one.root for one in first.outcomes if one.exit < 0] + roots[:1], *RECORD)
    assert wrong_runs(of, again.outcomes) == []
    assert len(of.runs()) == len(roots)
