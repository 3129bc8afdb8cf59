"""The process that holds an engine and a registry for as long as anybody on this machine tests with them.

    python keeper.py FOLDER CACHE GROUP

Who tests holds FOLDER/users shared; once nobody does, all is ended and removed, so that a test run that was killed
leaves nothing either. CACHE lasts: the base image is made once a machine. To be run as root.
"""

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_BASE = (
    "mmdebstrap", "--variant=minbase", "--include=python3,python3-venv,python3-pip,ca-certificates",
    *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "info", "locale", "man")),
    '--customize-hook=rm -rf "$1"/usr/share/perl "$1"/usr/lib/*-linux-gnu/perl "$1"/usr/lib/*-linux-gnu/gconv',
    "bookworm",
)  # fmt: skip
_REGISTRY = """\
version: 0.1
log: {{accesslog: {{disabled: false}}, level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/registry}}}}
http: {{addr: 127.0.0.1:{port}}}
"""


def main(folder: Path, cache: Path, group: str) -> None:
    """Start both, say where they are in FOLDER/ready, wait until nobody wants them, and end them."""
    _end_former(folder)
    tar = subprocess.Popen([sys.executable, __file__, str(cache)])
    port = _free_port()
    (folder / "registry.yml").write_text(_REGISTRY.format(folder=folder, port=port))
    engine = [
        which("dockerd"), "--host", f"unix://{folder}/docker.sock", "--group", group, "--data-root", f"{folder}/data",
        "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid", "--storage-driver", "overlay2",
    ]  # fmt: skip
    with (folder.parent / "start").open("w") as start, (folder.parent / "users").open("w") as users:
        with _running(engine, folder), _running([which("docker-registry"), "serve", f"{folder}/registry.yml"], folder):
            _wait_for(folder / "docker.sock", port)
            if tar.wait() != 0:
                sys.exit("the base image could not be made")
            base = f"127.0.0.1:{port}/base:1"
            _docker(folder, "import", str(base_in(cache)), base)
            _docker(folder, "push", "--quiet", base)
            ready = {"engine": f"unix://{folder}/docker.sock", "registry": f"127.0.0.1:{port}", "base": base}
            (folder / "ready.new").write_text(json.dumps(ready))
            (folder / "ready.new").replace(folder / "ready")
            _until_nobody_is_left(start, users)
        shutil.rmtree(folder, ignore_errors=True)


def which(daemon: str) -> str:
    """A daemon, from PATH or from where daemons are."""
    return shutil.which(daemon) or f"/usr/sbin/{daemon}"


def base_in(cache: Path) -> Path:
    """The base image as a tar, made unless this machine has it: named by what it is made of."""
    tar = cache / f"base-{hashlib.sha256(repr(_BASE).encode()).hexdigest()[:12]}.tar"
    if not tar.exists():
        cache.mkdir(parents=True, exist_ok=True)
        near = tar.with_suffix(f".{os.getpid()}")
        subprocess.run([*_BASE, "--format=tar", str(near)], check=True)
        near.replace(tar)
    return tar


def _until_nobody_is_left(start: IO[str], users: IO[str]) -> None:
    """From then on, who wants to begin waits until the files are closed."""
    while not (_taken(start) and _taken(users)):
        fcntl.flock(start, fcntl.LOCK_UN)
        time.sleep(0.3)


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / f"{Path(command[0]).name}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_former(folder: Path) -> None:
    """An engine whose keeper was killed: it still has its pid file."""
    with suppress(OSError, ValueError):
        pid = int((folder / "pid").read_text())
        if str(folder) in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, 15)
            while Path(f"/proc/{pid}").exists():
                time.sleep(0.1)


def _docker(folder: Path, *arguments: str) -> None:
    subprocess.run(["docker", "--host", f"unix://{folder}/docker.sock", *arguments], check=True)


def _wait_for(path: Path, port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(path))
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        time.sleep(0.1)
    sys.exit("the engine or the registry does not listen")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


if __name__ == "__main__":
    if len(sys.argv) == 2:
        base_in(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
