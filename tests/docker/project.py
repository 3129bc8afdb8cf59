"""A repository whose one component is as small as one can be, and `mlops-ci component build` in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docker.engine import Ground
from tests.factories import repository

_PYPROJECT = (
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "tiny-{name}"\nversion = "1"\ndependencies = [{requires}]\n'
    '[tool.hatch.build.targets.wheel]\npackages = ["src/{name}"]\n'
    '[tool.pytest.ini_options]\npythonpath = ["src"]\n'
)
_TEST = """\
from pathlib import Path

import {name}


def test_it_is_what_was_installed() -> None:
    assert {name}.VALUE == 1
    assert Path({name}.__file__).is_relative_to("/opt/component")
"""


def component(name: str, *requires: str) -> dict[str, str]:
    """The files of a component."""
    needed = ", ".join(f'"tiny-{one}"' for one in requires)
    return {
        f"code/{name}/pyproject.toml": _PYPROJECT.format(name=name, requires=needed),
        f"code/{name}/src/{name}/__init__.py": "VALUE = 1\n",
        f"code/{name}/tests/test_{name}.py": _TEST.format(name=name),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What a command said."""

    exit: int
    output: str
    log: str

    @property
    def json(self) -> dict[str, Any]:
        """Its answer."""
        found: dict[str, Any] = json.loads(self.output)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A repository, and the engine and registry that it uses. team: a part of the registry that is this one's own."""

    root: Path
    ground: Ground
    team: str

    def build(self, *arguments: str, **variables: str) -> Called:
        """`mlops-ci component build`."""
        done = subprocess.run(
            [sys.executable, "-m", "mlops_ci", "component", "build", "-C", str(self.root), *arguments],
            cwd=Path(__file__).parents[2], env={**os.environ, "DOCKER_HOST": self.ground.engine, **variables},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Called(exit=done.returncode, output=done.stdout, log=done.stderr)


def project(folder: Path, ground: Ground, files: Mapping[str, str], *, settings: str = "", team: str = "") -> Project:
    """A repository with the component `one` and whatever `files` add. settings: lines of mlops-ci.yaml."""
    team = team or f"team-{folder.name[-20:].strip('_-').lower()}/tiny"
    names = sorted({name.split("/")[1] for name in files if name.startswith("code/")} | {"one"})
    config = (
        f"version: 1\npackage: {{registry: {ground.registry}/{team}, base-image: '{ground.base}'}}\n"
        + (settings or "components:\n" + "".join(f"  {name}: {{path: code/{name}}}\n" for name in names))
    )  # fmt: skip
    root = repository(folder / "repository", {"mlops-ci.yaml": config, **component("one"), **files})
    return Project(root=root, ground=ground, team=team)
