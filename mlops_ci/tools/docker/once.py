"""A command that runs once in a container: files carried in, output kept, files brought back."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mlops_ci.tools.docker.containers import Spec, begin, file_in, left, make, remove, stop
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.processes import Completed

_GRACE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that has ended, its container not yet removed."""

    done: Completed
    container: str
    engine: Engine

    def bring(self, path: str) -> bytes | None:
        """A file of the container, None where there is none. Raises ServiceError."""
        return file_in(self.container, path, self.engine)


@contextmanager
def run_once(spec: Spec, engine: Engine, *, carried: bytes, seconds: float) -> Iterator[Finished]:
    """Run a container to its end; it is gone after the block. carried: an archive to be laid over its root.

    seconds: after these it is ended. Raises ServiceError.
    """
    container = make(spec, engine)
    try:
        if carried:
            engine.ask(container, lambda api: api.put_archive(container, "/", carried))
        yield Finished(done=_to_the_end(container, engine, seconds), container=container, engine=engine)
    finally:
        remove(container, engine)


def _to_the_end(container: str, engine: Engine, seconds: float) -> Completed:
    begun = time.monotonic()
    late = threading.Event()

    def end() -> None:
        late.set()
        with engine.another() as another:
            stop(container, another, _GRACE)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        output = b"".join(begin(container, engine))
        how = left(container, engine)
    finally:
        timer.cancel()
        timer.join()
    text = output.decode("utf-8", "replace") + how.trouble
    return Completed(exit=None if late.is_set() else how.exit, output=text, seconds=time.monotonic() - begun)
