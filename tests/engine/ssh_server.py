"""A real sshd on a port of its own, which lets one key in: whoever runs the tests."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import needs

_SETTINGS = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
AcceptEnv GIT_PROTOCOL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshServer:
    """A running server. key: the private key that it lets in."""

    port: int
    user: str
    key: Path

    def url(self, path: Path) -> str:
        """A folder of this machine, as the server has it."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}{path}"

    @property
    def command(self) -> str:
        """How git and others call ssh for it."""
        return f"ssh -i {self.key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """A server for as long as the block runs; its keys and settings are in `folder`."""
    program = needs("sshd")
    for name in ("host", "key"):
        subprocess.run([needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd, as root, locks itself up
    port = _free_port()
    (folder / "settings").write_text(_SETTINGS.format(port=port, folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", folder / "settings"], stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder / "log")
        yield SshServer(port=port, user=getpass.getuser(), key=folder / "key")
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"sshd does not listen: {log.read_text()}")
