"""Containers of ours: what they get, whose they are, and how those whose owner is dead are removed."""

import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import docker
from docker.types import Mount
from docker.utils.socket import frames_iter

from mlops_ci.errors import ServiceError
from mlops_ci.tools.docker.archives import Pieces
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.docker.refusals import is_absent, told
from mlops_ci.tools.this_process import ProcessMark, is_gone, this_process

OWNER, RUN = "mlops-ci.owner", "mlops-ci.run"
_ALL_OUTPUT = {"stdout": 1, "stderr": 1, "stream": 1, "logs": 1}
_NANO = 1_000_000_000
_SIGNALLED, _SIGNALS = 128, 64  # how shells, and docker's init, say that a signal ended something


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a container may take: cores, and bytes of memory, swap included. None: all that the engine has."""

    cpus: float | None = None
    memory: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A container to be made. image: by id or digest. user: `uid:gid`, empty: the image's. run: whose it is.

    shared: folders of this machine that it sees under their own paths, to read and to write.
    network: an engine's network, `none` unless somebody asked.
    """

    image: str
    command: tuple[str, ...]
    run: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: str = ""
    user: str = ""
    shared: tuple[str, ...] = ()
    network: str = "none"
    limits: Limits = NO_LIMITS
    entrypoint: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How a container ended. exit: negative for a signal. starved: the kernel ended it, since it took too much memory.

    trouble: what the engine says beside, like a program that is not there.
    """

    exit: int
    starved: bool = False
    trouble: str = ""


def make(spec: Spec, engine: Engine) -> str:
    """Create a container, not started; returns its id. Raises ServiceError."""
    limits = spec.limits
    settings: dict[str, Any] = {"mem_limit": limits.memory, "memswap_limit": limits.memory} if limits.memory else {}
    if limits.cpus:
        settings["nano_cpus"] = int(limits.cpus * _NANO)

    def create(api: docker.APIClient) -> str:
        host = api.create_host_config(
            init=True, network_mode=spec.network, cap_drop=["ALL"], security_opt=["no-new-privileges"],
            mounts=[Mount(target=path, source=path, type="bind") for path in spec.shared], **settings,
        )  # fmt: skip
        made = api.create_container(
            spec.image, command=list(spec.command), environment=dict(spec.environment), user=spec.user or None,
            working_dir=spec.folder or None, host_config=host, labels={**spec.labels, **owner_labels(spec.run)},
            entrypoint=list(spec.entrypoint) if spec.entrypoint is not None else None,
        )  # fmt: skip
        return str(made["Id"])

    return engine.ask(spec.image, create)


def owner_labels(run: str) -> Mapping[str, str]:
    """Labels that say which process a container belongs to, and which run."""
    return {OWNER: json.dumps(asdict(this_process()), sort_keys=True), RUN: run}


def begin(container: str, engine: Engine) -> Iterator[bytes]:
    """Start a container; what it prints comes as it is printed, until it ends. Raises ServiceError."""
    printed = engine.ask(container, lambda api: api.attach_socket(container, params=_ALL_OUTPUT))
    try:
        engine.ask(container, lambda api: api.start(container))
    except ServiceError:
        _close(printed)
        raise
    return _read(printed, container, engine)


def _read(printed: Any, container: str, engine: Engine) -> Iterator[bytes]:
    try:
        with told(container, engine.name, engine.seconds):
            for _, piece in frames_iter(printed, tty=False):
                yield piece
    finally:
        _close(printed)


def _close(printed: Any) -> None:
    """The SDK's own streams leave their connection open. It keeps the response there, since a socket has no place."""
    with suppress(OSError):
        printed._response.close()


def left(container: str, engine: Engine) -> Left:
    """How a container ended, waited for. Raises ServiceError."""
    engine.ask(container, lambda api: api.wait(container, timeout=None))
    state = engine.ask(container, lambda api: api.inspect_container(container))["State"]
    code = int(state["ExitCode"])
    signal = code - _SIGNALLED if _SIGNALLED < code <= _SIGNALLED + _SIGNALS else 0
    return Left(exit=-signal or code, starved=bool(state["OOMKilled"]), trouble=str(state["Error"] or ""))


def file_in(container: str, path: str, engine: Engine, most: int = 64 * 1024 * 1024) -> bytes | None:
    """A file of a container that runs no more, None where there is none. Raises ServiceError."""
    try:
        pieces, _ = engine.ask(path, lambda api: api.get_archive(container, path))
    except ServiceError as error:
        if is_absent(error) or "Could not find the file" in error.findings[0].found:
            return None
        raise
    with tarfile.open(fileobj=Pieces(pieces), mode="r|") as tar:
        member = tar.next()
        file = tar.extractfile(member) if member is not None else None
        return file.read(most) if file is not None else None


def stop(container: str, engine: Engine, grace: float) -> None:
    """End a container: SIGTERM, the grace in whole seconds, SIGKILL. One that has ended is as good."""
    with suppress(ServiceError):
        engine.ask(container, lambda api: api.stop(container, timeout=max(1, round(grace))))


def remove(container: str, engine: Engine) -> None:
    """End a container at once, however it is, with all that it wrote. One that is gone already is as good."""
    try:
        engine.ask(container, lambda api: api.remove_container(container, force=True, v=True))
    except ServiceError as error:
        if not is_absent(error) and "already in progress" not in error.findings[0].found:
            raise


def remove_leftovers(engine: Engine) -> tuple[str, ...]:
    """Remove all containers whose owner, a process of this machine, is dead; returns their ids."""
    gone = []
    for found in _ours(engine, OWNER):
        mark = _mark(found["Labels"].get(OWNER, ""))
        if mark is not None and is_gone(mark):
            remove(str(found["Id"]), engine)
            gone.append(str(found["Id"]))
    return tuple(gone)


def remove_of_run(engine: Engine, run: str) -> None:
    """Remove all containers of a run."""
    for found in _ours(engine, f"{RUN}={run}"):
        remove(str(found["Id"]), engine)


def _ours(engine: Engine, label: str) -> Iterator[Mapping[str, Any]]:
    yield from engine.ask("containers", lambda api: api.containers(all=True, filters={"label": label}))


def _mark(text: str) -> ProcessMark | None:
    try:
        return ProcessMark(**json.loads(text))
    except (ValueError, TypeError):
        return None
