"""A real Docker engine and a real registry, one of each a machine, for all tests that run at the same time."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_KEEPER = Path(__file__).with_name("keeper.py")
_PATIENCE = 400.0  # where the base image has to be made first


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where they are. engine: for DOCKER_HOST. registry: host and port. base: an image with Python, in the registry.

    folder: the keeper's, with the registry's log.
    """

    engine: str
    registry: str
    base: str
    folder: Path = field(repr=False)

    def asked(self, of: str) -> list[str]:
        """All requests so far whose line in the registry's access log holds `of`, as `METHOD path`."""
        lines = (self.folder / "docker-registry.log").read_text().splitlines()
        return [line.split('"')[1].removesuffix(" HTTP/1.1") for line in lines if of in line and " HTTP/1.1" in line]

    def docker(self, *arguments: str) -> str:
        """What the program `docker` prints."""
        done = subprocess.run(
            ["docker", "--host", self.engine, *arguments], check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()


@contextmanager
def docker_ground() -> Iterator[Ground]:
    """Both, for as long as the block runs; started unless another test run has them already."""
    for program in ("docker", "dockerd", "docker-registry", "mmdebstrap", "setsid"):
        if shutil.which(program) is None and shutil.which(program, path="/usr/sbin") is None:
            pytest.fail(f"{program} is not installed; `.ci/run` installs all that these tests need")
    shared = Path(tempfile.gettempdir()) / f"mlops-ci-tests-{os.getuid()}"
    shared.mkdir(mode=0o755, exist_ok=True)
    with (shared / "start").open("w") as start, (shared / "users").open("w") as users:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        ready = _started(shared)
        fcntl.flock(start, fcntl.LOCK_UN)
        yield Ground(**ready, folder=shared / "run")


def _started(shared: Path) -> dict[str, str]:
    folder = shared / "run"
    folder.mkdir(exist_ok=True)
    if not _lives(folder):
        _start_keeper(folder)
    end = time.monotonic() + _PATIENCE
    while not (folder / "ready").exists():
        if not _lives(folder) or time.monotonic() > end:
            raise AssertionError(f"no Docker engine: {(folder / 'keeper.log').read_text()[-2000:]}")
        time.sleep(0.1)
    found: dict[str, str] = json.loads((folder / "ready").read_text())
    return found


def _lives(folder: Path) -> bool:
    """Whether a keeper has it: the file that it holds, from its begin to its end."""
    with (folder / "held").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start_keeper(folder: Path) -> None:
    """As nobody's child: it outlives whoever began it, as long as others test."""
    (folder / "ready").unlink(missing_ok=True)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlops-ci-tests"
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    with (folder / "held").open("a") as held, (folder / "keeper.log").open("wb") as log:
        fcntl.flock(held, fcntl.LOCK_EX)
        program = [*as_root, "setsid", "--fork", sys.executable, str(_KEEPER)]
        arguments = [str(folder), str(cache), str(os.getgid())]
        subprocess.run([*program, *arguments], stdin=held, stdout=log, stderr=log, check=True)
