"""A TCP proxy that does to a connection what networks and services do: it slows, cuts, hangs, or answers by itself."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_REQUEST = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP/1\.1\r\n")
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What befalls the requests whose `METHOD path` holds `of`.

    answer: this status instead of the server's. cut_after: bytes of the response, then the end. pause: seconds before
    each piece of `piece` bytes of the response; without `piece` the response never comes.
    times: how often, None: always.
    """

    of: str = ""
    answer: int | None = None
    cut_after: int | None = None
    pause: float = 0.0
    piece: int | None = None
    times: int | None = None


class Proxy:
    """Listens on a port of its own, passes everything on to `target`, and notes each request."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._trouble: Trouble | None = None
        self._struck = 0
        self.requests: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def make(self, trouble: Trouble | None) -> None:
        """From the next request on. Forgets the requests so far."""
        self._trouble, self._struck = trouble, 0
        self.requests.clear()

    def asked(self, of: str) -> int:
        """How many requests held `of`."""
        return sum(of in request for request in self.requests)

    def close(self) -> None:
        """Stop listening, and end all connections."""
        self._closed.set()
        for one in [self._listening, *self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._target) as server:
            befallen: list[Trouble | None] = [None]
            threading.Thread(target=self._back, args=[server, client, befallen], daemon=True).start()
            while data := client.recv(_CHUNK):
                if request := _REQUEST.match(data):
                    befallen[0] = self._befalls(f"{request[1].decode()} {request[2].decode()}")
                trouble = befallen[0]
                if trouble is not None and trouble.answer is not None:
                    client.sendall(_answer(trouble.answer, head=data.startswith(b"HEAD ")))
                    return
                server.sendall(data)

    def _befalls(self, request: str) -> Trouble | None:
        self.requests.append(request)
        trouble = self._trouble
        if trouble is None or trouble.of not in request or self._struck == trouble.times:
            return None
        self._struck += 1
        return trouble

    def _back(self, server: socket.socket, client: socket.socket, befallen: list[Trouble | None]) -> None:
        """The response, with what befalls it."""
        passed, of = 0, befallen[0]
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                trouble = befallen[0]
                passed = passed + len(data) if trouble is of else len(data)
                of = trouble
                if trouble is not None and trouble.cut_after is not None and passed > trouble.cut_after:
                    client.sendall(data[: len(data) - (passed - trouble.cut_after)])
                    client.shutdown(socket.SHUT_RDWR)
                    return
                if trouble is not None and trouble.pause:
                    self._drip(data, client, trouble)
                else:
                    client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _drip(self, data: bytes, client: socket.socket, trouble: Trouble) -> None:
        step = trouble.piece or len(data)
        for start in range(0, len(data), step):
            if self._closed.wait(trouble.pause if trouble.piece else None):
                return
            client.sendall(data[start : start + step])


def _answer(status: int, *, head: bool) -> bytes:
    """What an S3-compatible service says, and closes the connection."""
    code = {403: "AccessDenied", 404: "NoSuchKey", 500: "InternalError", 503: "SlowDown"}[status]
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    lines = f"HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
    return lines.encode() + b"Connection: close\r\n\r\n" + (b"" if head else body)


@contextmanager
def proxied(target: tuple[str, int]) -> Iterator[Proxy]:
    """A proxy before `target` for as long as the block runs."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
