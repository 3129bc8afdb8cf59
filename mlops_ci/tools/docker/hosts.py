"""Where an engine is, and how it is reached: its socket, or ssh as docker's own program uses it."""

import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mlops_ci.errors import UsageError
from mlops_ci.tools.environment import inherited

DEFAULT = "unix:///var/run/docker.sock"
_SCHEMES = ("unix", "tcp", "http", "https", "ssh")
_CONNECT_SECONDS = 15
_LONGEST = 400


def host_of_engine(named: str | None, environ: Mapping[str, str]) -> str:
    """Where the engine is: as named, else DOCKER_HOST, else the usual socket. Raises UsageError for what is no such."""
    host = named or environ.get("DOCKER_HOST") or DEFAULT
    parts = urlsplit(host)
    # A host that begins with a dash would be an option of ssh.
    if parts.scheme not in _SCHEMES or (parts.scheme == "ssh" and (parts.hostname or "-").startswith("-")):
        raise UsageError.at(
            "MC-DOCKER-014", "engine", "this is no address of a Docker engine", found=without_password(host),
            expected="unix:///path, tcp://host:port or ssh://user@host", do="mend `engine`, or DOCKER_HOST",
        )  # fmt: skip
    return host


def without_password(host: str) -> str:
    """The address to be shown."""
    parts = urlsplit(host)
    return host.replace(f":{parts.password}@", ":***@") if parts.password else host


def is_here(host: str) -> bool:
    """Whether the engine sees this machine's files: it listens on a socket of this machine."""
    return host.startswith("unix:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How an engine is reached. url: an address that SDK and program both understand. log: what ssh complains of."""

    url: str
    log: Path | None = None

    def said(self) -> str:
        """The last that ssh complained of; empty where nothing, or where no ssh is between."""
        return self.log.read_text("utf-8", "replace")[-_LONGEST:] if self.log else ""


@contextmanager
def reached(host: str) -> Iterator[Reach]:
    """A way to an engine, for as long as the block runs."""
    if not host.startswith("ssh:"):
        yield Reach(url=host)
        return
    with tempfile.TemporaryDirectory(prefix="mlops-ci-engine-") as folder:
        path = Path(folder) / "s"
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        listening.listen(64)
        log = Path(folder) / "log"
        bridge = _Bridge(listening, ssh_command(host), log)
        try:
            yield Reach(url=f"unix://{path}", log=log)
        finally:
            bridge.close()


def ssh_command(host: str) -> tuple[str, ...]:
    """The command whose standard input and output are the engine's connection."""
    parts = urlsplit(host)
    user = ("-l", parts.username) if parts.username else ()
    port = ("-p", str(parts.port)) if parts.port else ()
    there = ("--host", f"unix://{parts.path}") if parts.path.strip("/") else ()
    remote = shlex.join(("docker", *there, "system", "dial-stdio"))
    options = ("-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={_CONNECT_SECONDS}")
    return (shutil.which("ssh") or "ssh", *options, *user, *port, "--", parts.hostname or "", remote)


class _Bridge:
    """One ssh a connection, as docker's own program does it."""

    def __init__(self, listening: socket.socket, command: tuple[str, ...], log: Path) -> None:
        self._listening = listening
        self._log = log
        log.touch()
        self._command = command
        self._processes: list[subprocess.Popen[bytes]] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection, self._log.open("ab") as log:
                    self._processes = [one for one in self._processes if one.poll() is None]
                    self._processes.append(
                        subprocess.Popen(
                            self._command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=log,
                            env=inherited(), start_new_session=True,
                        )
                    )  # fmt: skip
