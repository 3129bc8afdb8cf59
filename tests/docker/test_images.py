"""Components built into images, tested inside and pushed, by a real engine and a real registry."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.docker.engine import Ground
from tests.docker.project import Project, component, project
from tests.factories import commit_all, git, lay

pytestmark = pytest.mark.slow


def test_an_image_is_built_tested_and_pushed_and_then_left_alone(ground: Ground, tmp_path: Path) -> None:
    made = project(tmp_path, ground, {"requirements.txt": "", **component("two", "one")})
    planned = made.build("--json", "--dry-run").json["images"]
    assert {(one["built"], one["digest"]) for one in planned.values()} == {(True, "")}
    first = made.build("--json")
    assert first.exit == 0, first.output + first.log
    images = first.json["images"]
    assert {name: {**one, "digest": ""} for name, one in images.items()} == planned
    name, digest = images["two"]["name"], images["two"]["digest"]
    assert name == f"{ground.registry}/{made.team}/two:{images['two']['inputs'].removeprefix('sha256:')[:32]}"
    before = ground.asked(made.team)
    again = made.build()
    assert again.output.splitlines()[-1] == f"two  {name}  the registry has it"
    later = ground.asked(made.team)[len(before) :]
    assert {line.split()[0] for line in later} <= {"GET", "HEAD"}
    assert not any("/blobs/" in line and line.startswith("HEAD") for line in later)
    of_image(ground, f"{name.rpartition(':')[0]}@{digest}", made.root, images["two"]["inputs"])
    one_changed(ground, made, images)


def of_image(ground: Ground, pinned: str, root: Path, inputs: str) -> None:
    """What the registry's image says of itself, and what is in it."""
    ground.docker("pull", "--quiet", pinned)
    config = json.loads(ground.docker("inspect", "--format", "{{json .Config}}", pinned))
    assert config["User"] == "10001:10001"
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "two"
    assert labels["org.opencontainers.image.revision"] == git(root, "rev-parse", "HEAD")
    assert labels["mlops-ci.inputs"] == inputs
    script = "import one, two; print(one.__cached__, two.VALUE)"
    printed = ground.docker("run", "--rm", pinned, "python", "-c", f"{script}; open(one.__cached__).close()")
    assert printed.endswith(".pyc 1")
    assert ground.docker("run", "--rm", pinned, "sh", "-c", "ls -d /mlops-ci-tests /build 2>/dev/null; true") == ""


def one_changed(ground: Ground, made: Project, images: Mapping[str, Any]) -> None:
    """Of two images, only that of the component that changed is built and pushed."""
    lay(made.root, {"code/two/src/two/more.py": ""})
    commit_all(made.root, "more")
    begin = len(ground.asked(made.team))
    third = made.build("--json").json["images"]
    assert third["one"] == {**images["one"], "built": False}
    assert third["two"]["built"]
    put = [line for line in ground.asked(made.team)[begin:] if line.startswith("PUT")]
    assert [line.split("/")[-3] for line in put if "/manifests/" in line] == ["two"]
    assert len([line for line in put if "/blobs/" in line]) == 2  # its code, and the image's configuration
