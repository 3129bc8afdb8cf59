"""Servers that answer as registries do, and write down what they were shown."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Shown = tuple[str, list[str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Nothing."""

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @property
    def shown(self) -> str:
        """What it was shown to be let in."""
        return self.headers.get("Authorization", "")


@contextmanager
def asked_for_basic() -> Iterator[Shown]:
    """Its host, and each Authorization that it was shown; nobody comes in."""
    shown: list[str] = []

    class Handler(_Handler):
        def do_GET(self) -> None:
            shown.append(self.shown)
            self.say(401, WWW_Authenticate='Basic realm="x"')

    with _serving(Handler) as host:
        yield host, shown


@contextmanager
def token_server(realm: str = "") -> Iterator[Shown]:
    """Its host, and paths with what was shown there. It asks for a token, and gives one."""
    shown: list[str] = []

    class Handler(_Handler):
        def do_GET(self) -> None:
            shown.append(f"{self.path} {self.shown}")
            if self.path.startswith("/token"):
                self.say(200, b'{"token": "t"}')
            elif self.shown == "Bearer t":
                self.say(200, b"{}")
            else:
                where = realm or f"http://{self.headers['Host']}/token"
                self.say(401, WWW_Authenticate=f'Bearer realm="{where}",service="registry",scope="pull"')

    with _serving(Handler) as host:
        yield host, shown


@contextmanager
def silent_server() -> Iterator[str]:
    """The host of one that takes requests and says nothing."""
    over = threading.Event()

    class Handler(_Handler):
        def do_GET(self) -> None:
            over.wait(30)

    with _serving(Handler) as host:
        yield host
        over.set()


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
