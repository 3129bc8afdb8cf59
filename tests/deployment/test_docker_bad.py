"""Packages that an engine must not have: each leaves what runs as it was, says why, and leaves nothing over."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment.engine_shop import TWO, EngineShop, engine_shop, foreign, give_image, imported, steps
from tests.deployment.shop import TEST
from tests.docker.engine import Ground
from tests.docker.private import REGISTRY_PASSWORD, USER, private_registry
from tests.engine.proxy import Proxy, Trouble, proxied

pytestmark = pytest.mark.slow

ENV, CANARY = "production", "canary-database-9kQz2w"
GOOD = {**steps(1), "code/steps/tests/test_steps.py": TEST, "sample.yaml": "days:\n- 1\n", "dvc.yaml": TWO["dvc.yaml"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A shop where v1 runs. registry: stands before the real one, whose files are in `stored`."""

    made: EngineShop
    registry: Proxy
    stored: Path

    def short(self, version: str) -> str:
        """The beginning of a package's digest."""
        return self.made.packages[version].removeprefix("sha256:")[:12]

    def refused(self, version: str, *, expected: int, **variables: str) -> str:
        """What is said of a package that does not go in; all is as before it was tried."""
        before, ran = self.made.seen(), self.made.ran(ENV)
        code, out, said = self.made.said("deliver", "--env", ENV, self.made.packages[version], **variables)
        assert code == expected, out + said
        assert self.made.seen() == before
        assert self.made.ran(ENV) == ran == [self.made.packages["v1"]]
        return out + said


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Iterator[Bench]:
    """v1 runs; the registry lets nobody in without the password."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "registry").mkdir()
    with private_registry(folder / "registry") as real:
        host, _, port = real.partition(":")
        with proxied((host, int(port))) as proxy:
            login = {"MLOPS_CI_REGISTRY_USER": USER, "MLOPS_CI_REGISTRY_PASSWORD": REGISTRY_PASSWORD}
            made = engine_shop(folder, ground, [ENV], host=proxy.url.removeprefix("http://"), variables=login)
            assert made.told("deliver", "--env", ENV, made.packages["v1"])["done"]
            yield Bench(made=made, registry=proxy, stored=folder / "registry/registry/docker/registry/v2/repositories")


def with_image(bench: Bench, name: str, number: int, image: str, **files: str) -> str:
    """A package whose `steps` has an image that nobody built from it; returns the image's name."""
    bench.made.shop.commit(name, {**steps(number), **files})
    given = give_image(bench.made, "steps", image)
    bench.made.build(name, {"README": f"{name}\n"})
    return given


def test_an_image_that_is_gone_is_named_before_anything_is_placed(bench: Bench) -> None:
    name = with_image(bench, "gone", 11, imported(bench.made.ground))
    repository = bench.stored / name.partition("/")[2].rpartition(":")[0]
    (digest,) = (repository / "_manifests/tags" / name.rpartition(":")[2] / "index/sha256").iterdir()
    shutil.rmtree(repository / "_manifests/revisions/sha256" / digest.name)
    said = bench.refused("gone", expected=5)
    assert f"error[MC-PKG-042]: {name}: the registry does not have this component's image any more" in said
    assert f"expected  sha256:{digest.name}" in said


def test_an_image_that_can_t_be_pulled_is_named_and_nothing_of_the_others_stays(bench: Bench) -> None:
    name = with_image(bench, "unpulled", 12, imported(bench.made.ground))
    bench.registry.make(Trouble(of="/sales/steps/blobs/", answer=404))
    try:
        said = bench.refused("unpulled", expected=4)
    finally:
        bench.registry.make(None)
    assert f"error[MC-DOCKER-006]: {name.rpartition(':')[0]}@sha256:" in said
    assert "there is no such image" in said


def test_an_image_for_another_platform_is_named(bench: Bench, tmp_path: Path) -> None:
    name = with_image(bench, "platform", 13, foreign(bench.made.ground, tmp_path))
    said = bench.refused("platform", expected=4)
    assert f"error[MC-DOCKER-008]: {name.rpartition(':')[0]}@sha256:" in said
    assert "the image is for another platform" in said
    assert "linux/s390x" in said


def test_a_component_whose_tests_fail_in_the_image_that_ships_does_not_go_in(bench: Bench) -> None:
    asks = "\n\ndef test_the_image_has_what_was_built():\n    from steps import VALUE\n"
    with_image(bench, "untested", 14, bench.made.ground.base, **{"code/steps/tests/test_steps.py": TEST + asks})
    said = bench.refused("untested", expected=1)
    at = "code/steps/tests/test_steps.py:1"
    assert f"error[MC-COMP-031]: steps: in its image: tests.test_steps could not be run ({at})" in said
    assert f"production runs {bench.short('v1')}" in said


def test_a_sample_run_that_fails_in_its_container_shows_its_last_lines(bench: Bench) -> None:
    bench.made.build("sample", {**GOOD, "sample.yaml": "days: []\n"})
    said = bench.refused("sample", expected=1)
    assert "error[MC-PIPE-101]: train: the stage failed (dvc.yaml:3)" in said
    assert "ZeroDivisionError: division by zero" in said
    assert f"production runs {bench.short('v1')}" in said


def test_an_engine_that_is_lost_on_the_way_is_told_and_the_next_command_leaves_nothing_of_it(bench: Bench) -> None:
    made = bench.made
    made.build("slow", {**GOOD, "dvc.yaml": TWO["dvc.yaml"].replace("cmd: python", "cmd: sleep 5 && python", 1)})
    before = made.seen()
    with lost(made.ground.engine) as (address, cut):
        process = made.shop.start("deliver", "--env", ENV, made.packages["slow"], DOCKER_HOST=address)
        running = ("ps", "--no-trunc", "--format", "{{.Image}} {{.Command}}")
        while process.poll() is None and not [one for one in made.of_this(*running) if "sleep 5" in one]:
            time.sleep(0.05)
        cut()
        out, said = process.communicate(timeout=120)
    assert process.returncode == 4, out + said
    assert "error[MC-DOCKER-001]" in out + said
    assert "no Docker engine answers there" in out + said
    assert made.told("env", "prune", "--env", ENV)["removed"] == [made.packages["slow"]]
    assert made.seen() == before
    assert made.ran(ENV) == [made.packages["v1"]]


def test_a_registry_that_is_down_is_told_and_what_runs_runs_without_it_and_without_secrets(bench: Bench) -> None:
    bench.made.build("unread", {**GOOD, "sample.yaml": "days:\n- 7\n"})
    bench.registry.make(Trouble(answer=503))
    secret = {"MLOPS_CI_SECRETS": "DB_PASSWORD", "DB_PASSWORD": CANARY}
    try:
        said = bench.refused("unread", expected=4)
        with all_inspected(bench.made) as seen:
            ran = bench.made.told("env", "run", "--env", ENV, "--no-push", **secret)
    finally:
        bench.registry.make(None)
    assert "error[MC-OCI-002]" in said
    assert (ran["exit"], ran["package"]) == (0, bench.made.packages["v1"])
    assert any("python -m steps" in one for one in seen)
    records = "\n".join(bench.made.target(ENV).log.read().values())
    kept = [line.split()[1] for line in bench.made.of_this("ps", "--all", "--format", "{{.Image}} {{.ID}}")]
    assert len(kept) == 3
    for text in (*seen, records, json.dumps(bench.made.inspected("container", kept)), json.dumps(ran)):
        assert CANARY not in text
        assert REGISTRY_PASSWORD not in text


def test_what_was_tested_runs_though_its_image_s_name_is_another_image_s_now(bench: Bench) -> None:
    made = bench.made
    before = made.told("env", "status", "--env", ENV)["environments"][0]["entry"]["images"]["steps"]
    made.shop.commit("good", GOOD)
    name = with_image(bench, "moved", 16, f"{made.registry}/steps@{before}")
    assert give_image(made, "steps", imported(made.ground)) == name
    told = made.told("deliver", "--env", ENV, made.packages["moved"])
    assert (told["done"], told["tried"]["verdict"], told["entry"]["images"]["steps"]) == (True, "pass", before)


@contextmanager
def lost(engine: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """An address of the engine, and what cuts it off for good."""
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        bridge = Bridge(Path(folder) / "s", engine.removeprefix("unix://"))
        try:
            yield f"unix://{folder}/s", bridge.cut
        finally:
            bridge.cut()


class Bridge:
    """A socket that passes everything on to another one."""

    def __init__(self, path: Path, target: str) -> None:
        self._path, self._target = path, target
        self._open: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nobody listens any more, and all connections end."""
        self._path.unlink(missing_ok=True)
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=[one, other], daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def all_inspected(made: EngineShop) -> Iterator[set[str]]:
    """What plain docker says of all containers that run meanwhile, looked at again and again."""
    seen, over = set[str](), threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            with suppress(subprocess.CalledProcessError):
                ids = [line.split()[1] for line in made.of_this("ps", "--format", "{{.Image}} {{.ID}}")]
                seen.update(map(json.dumps, made.inspected("container", ids)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
