"""What every target promises, one test a promise: another target is another line in TARGETS."""

import pickle
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from mlops_ci.core.digests import Digest
from mlops_ci.deployment.file_log import FileLog
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import Package, Release
from mlops_ci.deployment.targets.docker import DockerTarget, docker_target
from mlops_ci.deployment.targets.github import GithubTarget
from mlops_ci.deployment.targets.local import local_target
from mlops_ci.deployment.targets.port import Target
from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.records import labelled
from tests.deployment.engine_shop import EngineShop, engine_shop, give_image, package_of, steps
from tests.deployment.git_ground import cloned, log_of, origin
from tests.deployment.placing import equip
from tests.docker.engine import Ground
from tests.factories import git
from tests.unit.deployment.entries import an_entry

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WRITERS, NUMBERS = 6, 12
ABSENT = Digest("sha256", "0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Packages to be placed: two, and the first one once more with the run inputs of another commit."""

    shop: EngineShop
    first: Package
    other: Package
    again: Package


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, ground: Ground) -> Bench:
    """Packages whose images are the base image: nothing runs in them here."""
    shop = engine_shop(tmp_path_factory.mktemp("bench"), ground, ["staging"], build=False)
    for component in ("steps", "report"):
        give_image(shop, component, ground.base)
    shop.build("first", {"inputs.yaml": "days:\n- 1\n- 2\n"})
    shop.build("again", {"inputs.yaml": "days:\n- 5\n"})
    shop.shop.commit("other", steps(2))
    give_image(shop, "steps", ground.base)
    shop.build("other", {"README": "another pipeline\n"})
    sources = git(shop.shop.root, "log", "--format=%H").split()
    assert shop.packages["first"] == shop.packages["again"] != shop.packages["other"]
    return Bench(
        shop=shop, first=package_of(shop, "first", sources[3]), other=package_of(shop, "other"),
        again=package_of(shop, "again", sources[2]),
    )  # fmt: skip


def local(folder: Path, _: EngineShop, __: str) -> Target:
    return local_target("staging", folder / "environment", {})


def github(folder: Path, shop: EngineShop, _: str) -> Target:
    return GithubTarget(root=folder / "environment", log=log_of(shop.shop.root))


def docker(folder: Path, shop: EngineShop, name: str) -> Target:
    return docker_target(name, shop.registry, shop.ground.engine, folder / "environment", {})


TARGETS: Mapping[str, Callable[[Path, EngineShop, str], Target]] = {"local": local, "github": github, "docker": docker}


@pytest.fixture(params=TARGETS)
def make(request: pytest.FixtureRequest, bench: Bench, tmp_path: Path) -> Callable[[], Target]:
    """The same target each time, as another command would open it."""
    return partial(TARGETS[request.param], tmp_path, bench.shop, f"e{uuid.uuid4().hex[:8]}")


def there(target: Target, digest: Digest) -> Release:
    found = target.release(digest)
    assert found is not None
    return found


def test_to_place_it_twice_is_to_place_it_once(make: Callable[[], Target], bench: Bench) -> None:
    first = make().place(bench.first, equip)
    marks = {path: path.stat().st_mtime_ns for path in first.work.rglob("*")}
    again = make().place(bench.first, equip)
    assert (again.digest, again.folder, again.commit) == (first.digest, first.folder, first.commit)
    assert {path: path.stat().st_mtime_ns for path in first.work.rglob("*")} == marks
    assert make().placed() == (bench.first.digest,)
    assert there(make(), bench.first.digest).commit == first.commit
    assert git(first.work, "rev-parse", "HEAD") == first.commit
    assert git(first.work, "status", "--porcelain", "--untracked-files=no") == ""


def test_the_files_of_a_release_are_those_of_its_package(make: Callable[[], Target], bench: Bench) -> None:
    release = make().place(bench.first, equip)
    for path, content in bench.first.unpacked.files.items():
        assert (release.work / path).read_bytes() == content, path


def test_run_inputs_of_another_commit_stand_beside_those_that_are_there(
    make: Callable[[], Target], bench: Bench
) -> None:
    first = make().place(bench.first, equip)
    again = make().place(bench.again, equip)
    assert (again.folder, again.source) == (first.folder, bench.again.named.source)
    assert again.commit != first.commit
    found = there(make(), bench.first.digest)
    assert [one.commit for one in filter(None, map(found.of, (first.source, again.source)))] == [
        first.commit, again.commit,
    ]  # fmt: skip
    assert git(first.work, "rev-parse", "HEAD") == first.commit
    assert make().placed() == (bench.first.digest,)


def test_what_was_placed_last_stands_first(make: Callable[[], Target], bench: Bench) -> None:
    make().place(bench.first, equip)
    time.sleep(1.1)  # an engine says to the second when
    make().place(bench.other, equip)
    assert make().placed() == (bench.other.digest, bench.first.digest)


def test_what_is_removed_is_gone_and_the_rest_stays_however_often_it_is_said(
    make: Callable[[], Target], bench: Bench
) -> None:
    for package in (bench.first, bench.other):
        make().place(package, equip)
    for _ in range(2):
        make().remove(bench.first.digest)
        make().remove(ABSENT)
        assert make().release(bench.first.digest) is None
        assert make().placed() == (bench.other.digest,)
    assert there(make(), bench.other.digest).work.is_dir()
    assert make().place(bench.first, equip).work.is_dir()
    assert len(make().placed()) == 2


def test_what_is_not_there_is_none(make: Callable[[], Target]) -> None:
    assert make().release(ABSENT) is None
    assert make().placed() == ()
    for _ in range(2):
        make().tidy()
    assert make().placed() == ()


def test_to_switch_twice_is_to_switch_once(make: Callable[[], Target], bench: Bench) -> None:
    make().place(bench.first, equip)
    for entry in (an_entry(package=str(bench.first.digest)), None, None, an_entry(package=str(bench.first.digest))):
        make().expose(entry)
        make().expose(entry)
        assert there(make(), bench.first.digest).work.is_dir()


def test_what_fails_on_the_way_is_not_there(make: Callable[[], Target], bench: Bench, tmp_path: Path) -> None:
    gone = replace(bench.first, clone=tmp_path / "gone")
    with pytest.raises(ServiceError):
        make().place(gone, equip)
    assert make().release(bench.first.digest) is None
    assert make().placed() == ()
    make().tidy()
    assert left(tmp_path, make()) == []
    assert make().place(bench.first, equip).work.is_dir()


def test_killed_at_any_instant_it_is_whole_or_not_there_and_goes_on(
    make: Callable[[], Target], bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "order").write_bytes(pickle.dumps((make, bench.first)))
    for instant in (0.0, 0.1, 0.25):
        with placing(tmp_path / "order") as process:
            time.sleep(instant)
            process.kill()
        found = make().release(bench.first.digest)
        assert make().placed() == (() if found is None else (bench.first.digest,)), instant
        make().tidy()
        assert left(tmp_path, make()) == [], instant
    release = make().place(bench.first, equip)
    assert git(release.work, "status", "--porcelain", "--untracked-files=no") == ""
    assert make().placed() == (bench.first.digest,)


class placing:  # noqa: N801 - used as a function
    """A process that is about to place what the file says."""

    def __init__(self, order: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.deployment.placing", str(order)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> subprocess.Popen[str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def left(folder: Path, target: Target) -> list[str]:
    """What is there of packages that are not whole."""
    whole = {digest.value for digest in target.placed()}
    folders = [one.name for one in (folder / "environment" / "releases").glob("*")]
    engine = labelled(target.engine, {"mlops-ci.environment": target.key}) if isinstance(target, DockerTarget) else []
    return sorted({*folders, *(one["Labels"]["mlops-ci.package"] for one in engine)} - whole)


def in_files(folder: Path, _: pytest.FixtureRequest) -> Callable[[str], Log]:
    return lambda _: FileLog(folder=folder / "log", name="staging")


def in_git(folder: Path, _: pytest.FixtureRequest) -> Callable[[str], Log]:
    bare = origin(folder)
    return lambda who: log_of(folder / who if (folder / who).exists() else cloned(bare, who))


def in_an_engine(folder: Path, request: pytest.FixtureRequest) -> Callable[[str], Log]:
    ground, name = request.getfixturevalue("ground"), f"e{uuid.uuid4().hex[:8]}"
    return lambda _: docker_target(name, f"{ground.registry}/log/contract", ground.engine, folder, {}).log


LOGS = {"file": in_files, "git": in_git, "docker": in_an_engine}


@pytest.fixture(params=LOGS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Log]:
    """The same log each time, as somebody else sees it."""
    return LOGS[request.param](tmp_path, request)


def test_a_number_is_given_once_whoever_asks(log: Callable[[str], Log]) -> None:
    here, elsewhere = log("here"), log("elsewhere")
    assert (here.newest(), dict(here.read())) == (None, {})
    assert here.create(1, "one")
    assert not elsewhere.create(1, "other")
    assert not here.create(1, "once more")
    assert elsewhere.create(2, 'zwei ü "§" \n= ${x}, {{y}}')
    assert here.newest() == (2, 'zwei ü "§" \n= ${x}, {{y}}')
    assert dict(here.read()) == dict(elsewhere.read()) == {1: "one", 2: 'zwei ü "§" \n= ${x}, {{y}}'}


def test_numbers_have_gaps_and_the_highest_is_the_newest(log: Callable[[str], Log]) -> None:
    here = log("here")
    for number in (3, 123456789, 11):
        assert here.create(number, str(number))
    assert list(log("elsewhere").read().items()) == [(3, "3"), (11, "11"), (123456789, "123456789")]
    assert log("elsewhere").newest() == (123456789, "123456789")


def test_what_is_removed_is_gone_whoever_removed_it(log: Callable[[str], Log]) -> None:
    for number in (1, 2, 3):
        assert log("here").create(number, str(number))
    log("here").remove([1, 7])
    log("elsewhere").remove([1, 2])
    log("here").remove([])
    assert dict(log("here").read()) == {3: "3"}


def test_of_all_who_want_a_number_one_has_it_and_it_says_what_he_wrote(log: Callable[[str], Log]) -> None:
    writers, won = [log(f"w{number}") for number in range(WRITERS)], list[tuple[int, str]]()
    begin = threading.Barrier(WRITERS)

    def write(who: int) -> None:
        for number in range(1, NUMBERS + 1):
            begin.wait()
            if writers[who].create(number, f"w{who}"):
                won.append((number, f"w{who}"))

    threads = [threading.Thread(target=write, args=[who]) for who in range(WRITERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(won) == list(log("reader").read().items())
    assert len(won) == NUMBERS
