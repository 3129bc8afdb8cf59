"""What an engine keeps for an environment: images as long as somebody needs them, and a log that sweeping leaves."""

import json
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops_ci.deployment.releases import Package
from mlops_ci.deployment.targets.docker import DockerTarget, docker_target
from mlops_ci.deployment.targets.port import Target
from tests.deployment.actors import Actor, all_ended
from tests.deployment.engine_shop import EngineShop, engine_shop, give_image, imported, package_of, steps
from tests.deployment.placing import equip
from tests.docker.engine import Ground

pytestmark = pytest.mark.slow

RACERS, ENTRIES = 4, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Two packages that share the image of `report`, and each has an own one of `steps`."""

    made: EngineShop
    folder: Path
    first: Package
    other: Package

    def target(self, name: str) -> DockerTarget:
        return docker_target(name, self.made.registry, self.made.ground.engine, self.folder / name, {})

    def images(self) -> list[str]:
        """The images that the engine has, by component."""
        lines = self.made.of_this("images", "--all", "--format", "{{.Repository}} {{.ID}}")
        return sorted(line.split()[0].rpartition("/")[2] for line in set(lines))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Bench:
    made = engine_shop(tmp_path_factory.mktemp("kept"), ground, ["staging"], build=False)
    give_image(made, "report", imported(ground))
    give_image(made, "steps", imported(ground))
    made.build("first", {"README": "first\n"})
    made.shop.commit("other", steps(2))
    give_image(made, "steps", imported(ground))
    made.build("other", {"README": "other\n"})
    first, other = package_of(made, "first"), package_of(made, "other")
    return Bench(made=made, folder=tmp_path_factory.mktemp("targets"), first=first, other=other)


@pytest.mark.guarantee("G6")
def test_an_image_goes_with_the_last_package_of_any_environment_that_needs_it(bench: Bench) -> None:
    one, two = bench.target("one"), bench.target("two")
    assert bench.images() == []
    one.place(bench.first, equip)
    two.place(bench.first, equip)
    one.place(bench.other, equip)
    assert bench.images() == ["report", "steps", "steps"]
    one.remove(bench.first.digest)
    assert bench.images() == ["report", "steps", "steps"]
    two.remove(bench.first.digest)
    assert bench.images() == ["report", "steps"]
    assert one.placed() == (bench.other.digest,)
    one.remove(bench.other.digest)
    assert bench.images() == []


def test_a_name_that_somebody_gave_an_image_himself_stays_and_so_does_what_runs_from_it(bench: Bench) -> None:
    docker, target, name = bench.made.ground.docker, bench.target("named"), f"mine-{uuid.uuid4().hex[:8]}"
    target.place(bench.first, equip)
    steps_image, report_image = (pinned(bench.first, one) for one in ("steps", "report"))
    docker("tag", steps_image, f"{name}:1")
    docker("create", "--name", name, report_image, "nothing")
    try:
        target.remove(bench.first.digest)
        assert docker("images", "--quiet", f"{name}:1") != ""
        assert bench.images() == ["report"]
    finally:
        docker("rm", name)
        docker("rmi", f"{name}:1", report_image)


def test_what_was_built_at_the_same_engine_goes_too(bench: Bench) -> None:
    """Its name with a tag is ours as well: it names its inputs."""
    target, image = bench.target("built"), bench.first.unpacked.manifest.components["steps"].image
    assert image is not None
    target.place(bench.first, equip)
    bench.made.ground.docker("tag", pinned(bench.first, "steps"), image.name)
    target.remove(bench.first.digest)
    assert bench.images() == []


def test_sweeping_an_engine_takes_no_image_that_is_needed_and_no_record(bench: Bench) -> None:
    docker, target = bench.made.ground.docker, bench.target("swept")
    target.place(bench.first, equip)
    assert target.log.create(1, "one")
    for component in ("steps", "report"):
        refused = subprocess.run(
            ["docker", "--host", bench.made.ground.engine, "rmi", pinned(bench.first, component)], check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert "is using its referenced image" in refused.stderr
    for label in (f"mlops-ci.environment={target.key}", f"mlops-ci.log={target.key}"):
        docker("system", "prune", "--all", "--force", "--filter", f"label={label}")
    assert dict(target.log.read()) == {1: "one"}
    assert target.placed() == ()
    target.tidy()
    assert target.place(bench.first, equip).work.is_dir()
    assert target.placed() == (bench.first.digest,)
    target.remove(bench.first.digest)


def test_a_work_tree_of_what_another_machine_removed_goes_unless_something_runs_in_it(bench: Bench) -> None:
    here = bench.target("twice")
    elsewhere = docker_target("twice", bench.made.registry, bench.made.ground.engine, bench.folder / "elsewhere", {})
    tree = here.place(bench.first, equip).work
    elsewhere.remove(bench.first.digest)
    assert here.release(bench.first.digest) is None
    with (tree.parent / "run.lock").open("ab") as lock:
        subprocess.run(["flock", "--nonblock", str(lock.fileno())], check=True, pass_fds=[lock.fileno()])
        here.tidy()
        assert tree.is_dir()
    here.tidy()
    assert not tree.parent.exists()


def test_a_component_may_have_any_name(bench: Bench) -> None:
    """None of them makes half of a package whole."""
    target: Target = bench.target("names")
    target.place(bench.first, equip)
    names = bench.made.of_this("ps", "--all", "--format", "{{.Image}} {{.Names}}")
    ours = sorted(name.rpartition(bench.first.digest.value[:16])[2] for name in names if ".names.package." in name)
    assert ours == [".image.report", ".image.steps", ".whole"]
    target.remove(bench.first.digest)


def test_a_record_says_in_plain_docker_what_it_is(bench: Bench) -> None:
    target = bench.target("plain")
    assert target.log.create(7, json.dumps({"kind": "hold"}))
    filters = ["--filter", f"label=mlops-ci.log={target.key}"]
    names = bench.made.ground.docker("volume", "ls", "--quiet", *filters)
    assert names == f"mlops-ci.{target.key}.log.00000007"
    text = bench.made.ground.docker("volume", "inspect", "--format", '{{index .Labels "mlops-ci.record"}}', names)
    assert json.loads(text) == {"kind": "hold"}


def test_three_hundred_entries_are_read_within_a_second(bench: Bench) -> None:
    log = bench.target("many").log
    for number in range(1, ENTRIES + 1):
        assert log.create(number, f"{number} {'x' * 1500}")
    begin = time.monotonic()
    assert list(log.read()) == list(range(1, ENTRIES + 1))
    seconds = time.monotonic() - begin
    assert seconds < 1.0
    log.remove(range(1, ENTRIES + 1))
    assert log.newest() is None


@pytest.mark.guarantee("G4")
def test_of_four_that_race_for_an_engine_one_holds_and_the_others_are_told_by_whom(
    ground: Ground, tmp_path: Path
) -> None:
    where = tmp_path / "engine.json"
    where.write_text(json.dumps([f"r/race/{uuid.uuid4().hex[:8]}", ground.engine]))
    with all_ended() as actors:
        actors += [Actor("docker", where, f"w{number}") for number in range(RACERS)]
        for actor in actors:
            actor.ready()
        for actor in actors:
            actor.tell()
        told = [actor.hears() for actor in actors]
        holders = [f"w{number}" for number, one in enumerate(told) if "held" in one]
        others = [one for one in told if "held" not in one]
        assert len(holders) == 1
        assert all(one["found"].startswith(holders[0]) and " since 20" in one["found"] for one in others), others
        assert max(one["seconds"] for one in others) < 2, [one["seconds"] for one in told]
        winner = actors[int(holders[0][1:])]
        winner.tell("append")
        assert "appended" in winner.hears()
        assert sorted(actor.ended() for actor in actors) == [0] + [75] * (RACERS - 1)


def pinned(package: Package, component: str) -> str:
    image = package.unpacked.manifest.components[component].image
    assert image is not None
    return f"{image.name.rpartition(':')[0]}@{image.digest}"
