"""An S3-compatible server, and DVC repositories whose remote is a bucket there."""

import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "team-data"


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """A running server."""

    address: tuple[str, int]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def get(self, key: str) -> bytes:
        """An object of the bucket."""
        return self._ask("GET", key)

    def put(self, key: str, content: bytes) -> None:
        """Write an object of the bucket."""
        self._ask("PUT", key, content)

    def delete(self, key: str) -> None:
        """Remove an object of the bucket."""
        self._ask("DELETE", key)

    def keys(self, prefix: str) -> list[str]:
        """Keys of at most a thousand objects of the bucket."""
        listing = self._ask("GET", f"?list-type=2&prefix={prefix}").decode()
        return re.findall("<Key>([^<]*)</Key>", listing)

    def _ask(self, method: str, key: str, content: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}/{BUCKET}/{key}", data=content, method=method)  # noqa: S310
        request.add_header("Content-Type", "application/octet-stream")
        request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request")
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - a server of our own
            content_there: bytes = response.read()
            return content_there


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A server with an empty bucket, for as long as the block runs. One at a time: a process has one memory of them."""
    server = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True, request_handler=_Quiet
    )
    Thread(target=server.serve_forever, daemon=True).start()
    store = ObjectStore(address=("127.0.0.1", server.server_port))
    forget = urllib.request.Request(f"{store.url}/moto-api/reset", method="POST")  # noqa: S310 - a server of our own
    urllib.request.urlopen(forget, timeout=10).close()  # noqa: S310 - what another server of this process was given
    store.put("", b"")
    yield store
    server.shutdown()
    server.server_close()
