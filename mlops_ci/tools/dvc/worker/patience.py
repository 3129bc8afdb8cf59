"""How long, and how often, a remote is asked: what moves may take its time, what stands still is given up."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from fsspec import Callback

STALL_SECONDS = 30.0
_LEAST_BYTES = 64 * 1024
_ATTEMPTS = 4
_SERVER_ERROR = 500
_UNREACHABLE = ("ConnectTimeoutError", "EndpointConnectionError")


class Moved(Callback):  # type: ignore[misc] # fsspec ships no types
    """Counts the bytes of a transfer since it was last looked at. A finished file counts as enough of them."""

    def __init__(self, all_of_it: "Moved | None" = None) -> None:
        super().__init__()
        self._all_of_it = all_of_it
        self.bytes = 0

    def relative_update(self, inc: int = 1) -> None:
        """As fsspec calls it, from any thread: bytes for one file, files for all of it."""
        if self._all_of_it is None:
            self.bytes += _LEAST_BYTES
        else:
            self._all_of_it.bytes += inc
        super().relative_update(inc)

    def branched(self, _path_1: str, _path_2: str, **_: Any) -> "Moved":
        """For one file of many."""
        return Moved(self._all_of_it or self)


@contextmanager
def while_it_moves(seconds: float = STALL_SECONDS) -> Iterator[Moved]:
    """Within `remote_refusals`, instead of its limit: TimeoutError when hardly a byte has moved in so many seconds."""
    moved = Moved()

    def look(_: int, __: FrameType | None) -> None:
        if moved.bytes < _LEAST_BYTES:
            raise TimeoutError(f"only {moved.bytes} bytes moved within {seconds:.0f} s")
        moved.bytes = 0

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield moved
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def one_attempt_each() -> None:
    """Before a remote is opened: S3's client is not to repeat what `few_attempts` repeats. The user's number stays."""
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")


def few_attempts(odb: Any) -> None:
    """At most three repeats of what may pass. S3's client and the layer above it would make 25 attempts together."""
    if odb.fs.protocol == "s3":
        odb.fs.fs.retries = _ATTEMPTS
        from s3fs.core import set_custom_error_handler  # noqa: PLC0415 - the plug-in may not be installed

        set_custom_error_handler(_may_pass)


def _may_pass(error: Exception) -> bool:
    status = getattr(error, "response", {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(status >= _SERVER_ERROR) or type(error).__name__ in _UNREACHABLE
