"""Images built by the program `docker`, with BuildKit: the SDK's own builder knows no secrets."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.processes import Command, Completed, Processes

_OWN_BUILDKIT = 23  # before this version BuildKit is in the program itself, from it on in its plug-in buildx
_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be built. context: a folder with the Dockerfile and all that it copies. secrets: by id, a file each.

    arguments: build arguments; their values go through the environment, so that no argv holds them.
    """

    name: str
    context: Path
    labels: Mapping[str, str]
    secrets: Mapping[str, Path] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)


def build(order: Order, engine: Engine, processes: Processes, environ: Mapping[str, str]) -> Completed:
    """Build an image under its name. Raises ServiceError without BuildKit."""
    program, plugin = docker_program(environ.get("PATH", ""))
    load = ("--load",) if plugin else ()
    argv = (str(program), "build", "--progress", "plain", "--tag", order.name, *load, *_options(order), ".")
    with engine.login.settings() as settings:
        own = {
            **order.arguments, **settings, "DOCKER_HOST": engine.reach.url, "DOCKER_BUILDKIT": "1",
            "BUILDX_BUILDER": "", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "NO_COLOR": "1",
        }  # fmt: skip
        return processes.run(Command(argv=argv, cwd=order.context, environment=own, timeout=_SECONDS))


def _options(order: Order) -> Iterator[str]:
    for name in order.arguments:
        yield from ("--build-arg", name)
    for name, value in order.labels.items():
        yield from ("--label", f"{name}={value}")
    for name, file in order.secrets.items():
        yield from ("--secret", f"id={name},src={file}")


@lru_cache(maxsize=4)
def docker_program(path: str) -> tuple[Path, bool]:
    """The first `docker` on the PATH that has BuildKit, and whether in its plug-in buildx. Raises ServiceError."""
    seen = []
    for folder in path.split(os.pathsep):
        found = shutil.which("docker", path=folder) if folder else None
        if found is None:
            continue
        if _answer(found, "buildx", "version"):
            return Path(found), True
        version = _answer(found, "--version").removeprefix("Docker version ")
        if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) < _OWN_BUILDKIT:
            return Path(found), False
        seen.append(f"{found} ({version.partition(',')[0]}) has no buildx")
    raise ServiceError.at(
        "MC-DOCKER-009", "docker", "there is no program `docker` with BuildKit, which builds images",
        found="; ".join(seen) or "no docker on the PATH", expected="docker with its plug-in buildx",
        do="install docker-buildx, or docker.io of Debian",
    )  # fmt: skip


def _answer(*argv: str) -> str:
    """What a program says; empty where it refuses."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
