"""A real registry, Debian's, on this machine: started in a moment, gone afterwards."""

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, PASSWORD = "robot", "canary-of-the-registry"
# That password by bcrypt, at its least cost: a registry reads nothing else.
LOGINS = "robot:$2b$04$abcdefghijklmnopqrstuujNG9TNvp2wzcl5tPae97bvCqUFA1Bzu"
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A running one. host: with its port. log: one line a request. storage: its folder."""

    host: str
    log: Path
    storage: Path

    def sent(self) -> list[str]:
        """What was written to it so far: method and path of each request that is no question."""
        lines = (
            line.split('"')[1] for line in self.log.read_text().splitlines() if '" ' in line and "HTTP/1.1" in line
        )
        return [line for line in lines if line.startswith(("PUT", "POST", "PATCH", "DELETE"))]


@contextmanager
def registry(folder: Path, *, htpasswd: str = "") -> Iterator[Registry]:
    """A registry with a folder of its own. htpasswd: who may come in; empty: everybody."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.fail("docker-registry is not installed; `.ci/run` installs all that these tests need")
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    (folder / "config.yml").write_text(_config(folder, port, htpasswd))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([program, "serve", str(folder / "config.yml")], stdout=output, stderr=output)
    try:
        _wait(f"http://127.0.0.1:{port}/v2/", process)
        yield Registry(host=f"127.0.0.1:{port}", log=log, storage=folder / "storage")
    finally:
        process.terminate()
        process.wait(10)


def _config(folder: Path, port: int, htpasswd: str) -> str:
    config = (
        f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: false}}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'storage'}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}', secret: of-a-test}}\n"
    )
    if not htpasswd:
        return config
    (folder / "htpasswd").write_text(htpasswd + "\n")
    return f"{config}auth: {{htpasswd: {{realm: tests, path: {folder / 'htpasswd'}}}}}\n"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - a server of our own
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the registry did not start")
