"""The forge on loopback, over HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.actions.contract_server.forge import Forge
from tests.actions.contract_server.judge import Request

_LONGEST_SILENCE = 60.0


@contextmanager
def serving(forge: Forge, *, prefix: str = "") -> Iterator[str]:
    """Answer on a free port; yields the API's address, for GITHUB_API_URL. prefix: like `/api/v3`.

    At the end every request must have been one that GitHub describes.
    """
    handler = type("Handler", (_Handler,), {"forge": forge, "prefix": prefix})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        forge.base = f"http://127.0.0.1:{server.server_port}{prefix}"
        try:
            yield forge.base
        finally:
            forge.closing.set()
            server.shutdown()
            thread.join()
    assert not forge.violations, forge.violations


class _Handler(BaseHTTPRequestHandler):
    forge: Forge
    prefix: str
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not address.path.startswith(self.prefix):
            self.forge.violations.append(f"an address outside of the API: {address.path}")
        request = Request(
            method=self.command.lower(), path=address.path.removeprefix(self.prefix), query=address.query,
            headers={name.lower(): value for name, value in self.headers.items()}, body=body,
        )  # fmt: skip
        reply = self.forge.answer(request)
        if reply is None:
            self.forge.closing.wait(_LONGEST_SILENCE)
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Type": "application/json; charset=utf-8"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.data)))
        self.end_headers()
        self.wfile.write(reply.data)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """A test's output shows failures only."""
