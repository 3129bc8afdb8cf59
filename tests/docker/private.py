"""A package index and a registry that let nobody in without a password."""

import base64
import hashlib
import io
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.docker.keeper import which

USER = "robot"
INDEX_PASSWORD = "canary-index-8RtK3v"  # noqa: S105 - of nothing real
REGISTRY_PASSWORD = "canary-registry-5fQ2xw"  # noqa: S105
_HASHED = "$2b$04$1/ZscnBbKq1xLMRs8dW0w.HSjm0q.Jf7m/tRSf26iXKLh6hAr4icG"  # bcrypt of it: all that the registry reads
_REGISTRY = """\
version: 0.1
log: {{accesslog: {{disabled: true}}, level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/registry}}}}
http: {{addr: 127.0.0.1:{port}}}
auth: {{htpasswd: {{realm: private, path: {folder}/users}}}}
"""


def wheel(name: str) -> bytes:
    """The smallest wheel there is: one module."""
    packed = io.BytesIO()
    metadata = f"{name}-1.dist-info"
    files = {
        f"{name}.py": "VALUE = 1\n",
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{metadata}/RECORD"))
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in {**files, f"{metadata}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return packed.getvalue()


def lock_line(name: str) -> str:
    """A line of requirements.txt, with the wheel's hash."""
    return f"{name}==1 --hash=sha256:{hashlib.sha256(wheel(name)).hexdigest()}\n"


@contextmanager
def private_index(address: str, name: str) -> Iterator[str]:
    """An index with one package, at an address that builds reach; gives its URL, password and all."""
    given = "Basic " + base64.b64encode(f"{USER}:{INDEX_PASSWORD}".encode()).decode()
    file = f"{name}-1-py3-none-any.whl"
    pages = {f"/simple/{name.replace('_', '-')}/": f'<a href="/{file}">{file}</a>'.encode(), f"/{file}": wheel(name)}

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            status = 401 if self.headers["Authorization"] != given else 200 if page else 404
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.end_headers()
            self.wfile.write(page if page and status == 200 else b"")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((address, 0), Index)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{USER}:{INDEX_PASSWORD}@{address}:{server.server_port}/simple"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def private_registry(folder: Path) -> Iterator[str]:
    """A registry that lets USER in; gives its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    (folder / "users").write_text(f"{USER}:{_HASHED}\n")
    (folder / "registry.yml").write_text(_REGISTRY.format(folder=folder, port=port))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [which("docker-registry"), "serve", str(folder / "registry.yml")], stdout=log, stderr=log
        )
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError("the registry does not listen")
