"""A web server that only has status codes."""

from http.server import BaseHTTPRequestHandler


class Answering(BaseHTTPRequestHandler):
    """A server that answers every request with the number at the beginning of its path."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - as the base class calls it

    def log_message(self, *_: object) -> None:
        """Quiet."""
