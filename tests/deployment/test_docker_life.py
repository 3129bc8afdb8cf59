"""Packages that run in an engine: back without anybody else, from other machines, killed on the way, behind ssh."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.deployment.releases import digest_of
from tests.deployment.engine_killing import kill_at
from tests.deployment.engine_shop import EngineShop, engine_shop, steps
from tests.docker.engine import Ground
from tests.engine.proxy import Proxy, Trouble, proxied
from tests.engine.ssh_server import SshServer, ssh_server
from tests.factories import lay

pytestmark = pytest.mark.slow

ENV, FAR = "production", "far"
BACK_WITHIN, CONVERGES_WITHIN = 10.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A shop where v2 runs, and v1 ran. registry: stands before the real one. asked: by who built v1, and who v2."""

    made: EngineShop
    registry: Proxy
    asked: tuple[list[str], list[str]]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Iterator[Bench]:
    host, _, port = ground.registry.partition(":")
    with proxied((host, int(port))) as proxy:
        folder = tmp_path_factory.mktemp("life")
        made = engine_shop(
            folder, ground, [ENV, FAR, "killed-place", "killed-smoke"], host=proxy.url.removeprefix("http://")
        )
        first = list(proxy.requests)
        proxy.make(None)
        made.build("v2", steps(2))
        second = list(proxy.requests)
        for version in ("v1", "v2"):
            assert made.told("deliver", "--env", ENV, made.packages[version])["done"]
        yield Bench(made=made, registry=proxy, asked=(first, second))


def written(requests: list[str]) -> set[str]:
    """The components whose images were pushed."""
    puts = (one.split("/") for one in requests if one.startswith("PUT ") and "/manifests/" in one)
    return {parts[-3] for parts in puts if parts[-3] in ("steps", "report")}


def test_a_component_that_did_not_change_is_neither_built_nor_pushed(bench: Bench) -> None:
    assert [written(one) for one in bench.asked] == [{"steps", "report"}, {"steps"}]
    assert not [one for one in bench.asked[1] if one.startswith(("POST", "PUT")) and "/report/" in one]


def test_stages_get_the_network_and_the_limits_that_were_asked_for_and_no_more_and_are_not_root(bench: Bench) -> None:
    ran = bench.made.told("env", "run", "--env", ENV, "--no-push")
    assert ran["exit"] == 0
    work = bench.made.target(ENV).release(digest_of(bench.made.packages["v2"]))
    assert work is not None
    told = json.loads((work.work / "report.json").read_text())
    assert told == {"mean": 2.0, "user": work.work.stat().st_uid, "memory": 256 * 2**20, "cpus": 1.0, "networks": 2}


@pytest.mark.guarantee("G5")
def test_back_without_registry_remote_and_git_and_what_ran_before_runs(bench: Bench) -> None:
    made = bench.made
    with everybody_gone(bench):
        begin = time.monotonic()
        back = made.told("rollback", "--env", ENV)
        seconds = time.monotonic() - begin
        assert back["entry"]["package"] == made.packages["v1"]
        assert seconds < BACK_WITHIN
        ran = made.told("env", "run", "--env", ENV, "--no-push")
        assert (ran["exit"], ran["package"]) == (0, made.packages["v1"])
        assert made.told("env", "status", "--env", ENV)["environments"][0]["entry"]["number"] == 3
    again = made.told("deliver", "--env", ENV, made.packages["v2"])
    assert again["done"]


def test_another_machine_with_nothing_but_a_clone_sees_it_goes_back_and_runs_it(bench: Bench, tmp_path: Path) -> None:
    before = bench.made.ran(ENV)
    made = bench.made.clone(tmp_path)
    (status,) = made.told("env", "status", "--env", ENV)["environments"]
    assert status["entry"]["package"] == made.packages["v2"]
    assert set(status["placed"]) == {made.packages["v1"], made.packages["v2"]}
    assert made.told("rollback", "--env", ENV)["entry"]["package"] == made.packages["v1"]
    assert made.told("env", "run", "--env", ENV, "--no-push")["package"] == made.packages["v1"]
    assert bench.made.told("deliver", "--env", ENV, made.packages["v2"])["tried"] is None
    assert bench.made.ran(ENV) == [*before, made.packages["v1"], made.packages["v2"]]


@pytest.mark.guarantee("G3")
@pytest.mark.parametrize("step", ["place", "smoke"])
def test_killed_with_all_that_watches_over_it_the_next_command_ends_it_and_no_container_is_left(
    bench: Bench, step: str
) -> None:
    made, environment = bench.made, f"killed-{step}"
    assert kill_at(made, environment, step, "deliver", "--env", environment, made.packages["v1"])
    begin = time.monotonic()
    told = made.told("deliver", "--env", environment, made.packages["v1"])
    assert time.monotonic() - begin < CONVERGES_WITHIN
    assert told["done"]
    states = {line.split()[-1] for line in made.of_this("ps", "--all", "--format", "{{.Image}} {{.State}}")}
    assert states == {"created"}
    made.target(environment).remove(digest_of(made.packages["v1"]))


@pytest.mark.guarantee("G4")
def test_of_four_deliveries_at_once_one_is_done_and_the_others_say_who_is_at_it(bench: Bench) -> None:
    made = bench.made
    processes = [made.shop.start("deliver", "--env", FAR, made.packages["v1"]) for _ in range(4)]
    ended = [(one.communicate(timeout=120), one.returncode) for one in processes]
    assert sorted(code for _, code in ended) == [0, 75, 75, 75]
    for (_, said), code in ended:
        assert code == 0 or (" since 20" in said and "error[MC-LOCK" in said), said
    assert made.ran(FAR) == [made.packages["v1"]]


def test_an_engine_behind_ssh_takes_a_package_and_runs_it(bench: Bench, server: SshServer) -> None:
    made, config = bench.made, bench.made.shop.root / "mlops-ci.yaml"
    before = config.read_text()
    engine = server.url(Path(made.ground.engine.removeprefix("unix://")))
    config.write_text(before.replace(f"{FAR}: {{target: docker", f"{FAR}: {{target: docker, engine: '{engine}'"))
    try:
        told = made.told("deliver", "--env", FAR, made.packages["v2"], DOCKER_HOST="unix:///nowhere")
        assert (told["done"], told["tried"]["verdict"]) == (True, "pass")
        ran = made.told("env", "run", "--env", FAR, "--no-push", DOCKER_HOST="unix:///nowhere")
        assert (ran["exit"], ran["package"]) == (0, made.packages["v2"])
    finally:
        config.write_text(before)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    """A server, and an `ssh` first on the PATH that has its key."""
    (tmp_path / "server").mkdir()
    with ssh_server(tmp_path / "server") as running, pytest.MonkeyPatch.context() as patch:
        lay(tmp_path / "bin", {"ssh": f'#!/bin/sh\nPATH="${{PATH#*:}}"\nexec {running.command} "$@"\n'})
        (tmp_path / "bin" / "ssh").chmod(0o755)
        patch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        yield running


@contextmanager
def everybody_gone(bench: Bench) -> Iterator[None]:
    """The registry answers nothing; the git remote and the DVC remote are not there."""
    folder = bench.made.shop.folder
    bench.registry.make(Trouble(answer=503))
    for name in ("origin.git", "remote"):
        (folder / name).rename(folder / f"{name}-gone")
    try:
        yield
    finally:
        bench.registry.make(None)
        for name in ("origin.git", "remote"):
            (folder / f"{name}-gone").rename(folder / name)
