"""Images that are not made: why, in exact words, with the right exit code, and nothing pushed."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.builds import docker_program
from mlops_ci.tools.docker.engine import open_engine
from tests.docker.engine import Ground
from tests.docker.project import Project, project
from tests.factories import lay

pytestmark = pytest.mark.slow

EXIT_FAIL, EXIT_SERVICE = 1, 4


def pushed(made: Project) -> list[str]:
    """Manifests that were written below the project's part of the registry."""
    return [line for line in made.ground.asked(f"/{made.team}/") if line.startswith("PUT") and "/manifests/" in line]


def test_a_test_that_fails_inside_keeps_the_image_out_of_the_registry(ground: Ground, tmp_path: Path) -> None:
    lines = (
        "import pathlib",
        "def test_no():",
        "    print('the last of it')",
        "    assert pathlib.Path('/data').exists()",
    )
    failing = "\n".join(lines)
    made = project(tmp_path, ground, {"code/one/tests/test_more.py": failing})
    done = made.build()
    assert done.exit == EXIT_FAIL
    said = "error[MC-COMP-030]: one: in its image: test_more::test_no failed (code/one/tests/test_more.py:4)"
    assert said in done.output
    assert "where PosixPath('/data') = <class 'pathlib.Path'>('/data')" in done.output
    assert "reproduce mlops-ci component build one" in " ".join(done.output.split())
    assert pushed(made) == []
    log = (made.root / ".mlops-ci/logs/component-one-image-test.log").read_text()
    assert "the last of it" in log
    assert ground.docker("images", "--quiet", f"{ground.registry}/{made.team}/one") == ""


def test_a_build_that_fails_shows_its_last_lines(ground: Ground, tmp_path: Path) -> None:
    lines = f"FROM {ground.base}\nCOPY wheels/ /wheels/\nRUN echo so far so good; exit 9\n"
    settings = "components:\n  one: {path: code/one, dockerfile: code/one/Dockerfile}\n"
    made = project(tmp_path, ground, {"code/one/Dockerfile": lines}, settings=settings)
    done = made.build()
    assert done.exit == EXIT_FAIL
    assert "error[MC-COMP-040]: one: it could not be built into an image (code/one/Dockerfile)" in done.output
    assert "so far so good" in done.output
    assert pushed(made) == []


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("{registry}/none:1", "error[MC-DOCKER-006]: {registry}/none:1: there is no such image"),
        ("{registry}/other:1", "error[MC-DOCKER-008]: {registry}/other:1: the image is for another platform"),
    ],
)
def test_a_base_image_that_can_t_be_had_is_named(ground: Ground, tmp_path: Path, base: str, said: str) -> None:
    if "other" in base:
        other_platform(ground, tmp_path)
    made = project(tmp_path, ground, {})
    config = (made.root / "mlops-ci.yaml").read_text().replace(ground.base, base.format(registry=ground.registry))
    lay(made.root, {"mlops-ci.yaml": config})
    done = made.build()
    assert done.exit == EXIT_SERVICE
    assert said.format(registry=ground.registry) in done.output + done.log


def other_platform(ground: Ground, folder: Path) -> None:
    """An image for a processor that no machine of tests has, in the registry."""
    lay(folder / "other", {"Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"})
    name = f"{ground.registry}/other:1"
    program, _ = docker_program(os.environ["PATH"])
    argv: list[str | Path] = [
        program,
        "--host",
        ground.engine,
        "build",
        "--platform",
        "linux/s390x",
        "--tag",
        name,
        folder / "other",
    ]
    subprocess.run(argv, check=True, env={**os.environ, "DOCKER_BUILDKIT": "1"})
    ground.docker("push", "--quiet", name)


def test_a_registry_that_is_down_is_named_and_nothing_is_built(ground: Ground, tmp_path: Path) -> None:
    made = project(tmp_path, ground, {})
    config = (made.root / "mlops-ci.yaml").read_text().replace(f"{ground.registry}/team", "127.0.0.1:1/team")
    lay(made.root, {"mlops-ci.yaml": config})
    done = made.build()
    assert done.exit == EXIT_SERVICE
    assert "the registry can't be reached" in done.output + done.log
    assert not (made.root / ".mlops-ci/logs/component-one-image.log").exists()


@pytest.mark.parametrize(
    ("host", "code", "said"),
    [
        ("unix:///nowhere/docker.sock", EXIT_SERVICE, "MC-DOCKER-001]: unix:///nowhere/docker.sock: no Docker engine"),
        ("ssh://127.0.0.1:1", EXIT_SERVICE, "MC-DOCKER-001]: ssh://127.0.0.1:1: no Docker engine answers there"),
    ],
)
def test_an_engine_that_is_not_there_is_named(ground: Ground, tmp_path: Path, host: str, code: int, said: str) -> None:
    done = project(tmp_path, ground, {}).build(DOCKER_HOST=host)
    assert (done.exit, said in done.output + done.log) == (code, True), done.output + done.log


def test_an_engine_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(ServiceError) as caught, open_engine(f"unix://{tmp_path}/s", dict(os.environ), seconds=0.5):
            pass
    assert caught.value.findings[0].code == "MC-DOCKER-003"
    assert caught.value.findings[0].found == "nothing for 0.5 s"
