"""Where the commands of stages run: in containers of an engine, each from the image of the stage's component."""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from mlops_ci.errors import MlopsCiError, ServiceError
from mlops_ci.tools.docker.containers import make, remove, remove_leftovers, stop
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.docker.guard import guarded
from mlops_ci.tools.docker.stage_container import Place, Surroundings, begun, followed, measured, spec_of
from mlops_ci.tools.dvc.values import Ended, Job

_PATIENCE = 30.0  # seconds beyond the grace that an engine has to end containers


class ContainerExecutor:
    """Runs jobs side by side, a container each. Nothing of them is left when it is closed.

    Where this process is killed a guard removes them; where that is killed too, the next executor at this engine does.
    """

    def __init__(
        self, engine: Engine, place_of: Callable[[str], Place], *, checkout: Path, environ: Mapping[str, str],
        folders: Sequence[Path] = (), grace: float = 3.0,
    ) -> None:  # fmt: skip
        """place_of: by a stage's address. checkout: the work tree, which commands see under the same path.

        environ: the tool's own variables, of which containers get none that a job only inherited. folders: what else
        of this machine commands see, like a shared cache of DVC. grace: seconds between SIGTERM and SIGKILL.
        """
        self._engine = engine
        self._place_of = place_of
        self._around = Surroundings(checkout=checkout.resolve(), folders=tuple(folders), environ=environ)
        self._grace = grace
        self._ended: queue.SimpleQueue[Ended | Exception] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._running: set[str] = set()
        self._closing = threading.Event()
        self._held = ExitStack()
        self._run = ""

    def start(self, job: Job, *, log: Path) -> None:
        """Begin a job and return at once. Its output goes to `log`."""
        if not self._run:
            remove_leftovers(self._engine)
            self._run = self._held.enter_context(guarded(self._engine.address))
        thread = threading.Thread(target=self._carry_out, args=[job, log], daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        """Jobs that have ended, waited for at most so long (None: until one ends). Raises ServiceError."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if not self._threads and self._ended.empty():
            return ()
        with suppress(queue.Empty):
            ended = self._ended.get(timeout=seconds)
            if isinstance(ended, Exception):
                raise ended
            return (ended,)
        return ()

    def close(self) -> None:
        """End what runs: SIGTERM, the grace, SIGKILL. No container is left when this returns."""
        self._closing.set()
        stops = [threading.Thread(target=self._stop, args=[one], daemon=True) for one in tuple(self._running)]
        for thread in stops:
            thread.start()
        end = time.monotonic() + self._grace + _PATIENCE
        for thread in (*stops, *self._threads):
            thread.join(max(0.0, end - time.monotonic()))
        self._held.close()

    def __enter__(self) -> "ContainerExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stop(self, container: str) -> None:
        with self._engine.another() as engine:
            stop(container, engine, self._grace)

    def _carry_out(self, job: Job, log: Path) -> None:
        """In a thread of its own, with a client of its own."""
        begin = time.monotonic()
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.another() as engine, log.open("wb", buffering=0) as output:
                output.write(job.header.encode("utf-8", "surrogateescape"))
                self._ended.put(self._in_container(job, engine, output, begin))
        except OSError as error:
            self._ended.put(_not_begun(job, begin, str(error)))
        except Exception as error:
            self._ended.put(error)

    def _in_container(self, job: Job, engine: Engine, output: IO[bytes], begin: float) -> Ended:
        container = ""
        try:
            place = self._place_of(job.address)
            engine.have(place.image)
            container = make(spec_of(job, place, self._around, run=self._run, here=engine.here), engine)
            self._running.add(container)
            if self._closing.is_set():
                raise _refused_now(job)
            running = begun(container, self._around, engine)
        except ServiceError as error:
            self._removed(container, engine)
            return _not_begun(job, begin, _words(error))
        try:
            how = followed(running, place, self._around, engine, output)
            cpu, memory = measured(container, engine)
        finally:
            self._removed(container, engine)
        seconds = time.monotonic() - begin
        return Ended(
            address=job.address, exit=how.exit, seconds=seconds, cpu=cpu, memory=memory, trouble=how.trouble
        )  # fmt: skip

    def _removed(self, container: str, engine: Engine) -> None:
        if container:
            self._running.discard(container)
            with suppress(ServiceError):  # an engine that is lost keeps it until the next executor comes
                remove(container, engine)


def _not_begun(job: Job, begin: float, trouble: str) -> Ended:
    return Ended(address=job.address, exit=None, seconds=time.monotonic() - begin, trouble=trouble)


def _refused_now(job: Job) -> ServiceError:
    return ServiceError.at("MC-DOCKER-021", job.address, "it was ended before it began")


def _words(error: MlopsCiError) -> str:
    first = error.findings[0]
    return f"{first.what}: {first.subject} ({first.found}); {first.do}"
