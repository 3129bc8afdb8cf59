"""One stage's commands in one container: what it gets, what it prints, how it ended and what that took."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from mlops_ci.tools.docker import inside
from mlops_ci.tools.docker.archives import owner_of, pack, spooled, unpack_changes
from mlops_ci.tools.docker.containers import NO_LIMITS, Left, Limits, Spec, begin, file_in, left
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.dvc.values import Job

_REPORT = "/tmp/.mlops-ci-measured.json"  # noqa: S108 - in the container, where nobody else is
# A Python of the image measures the commands; an image without one only runs them.
_ENTRY = 'if command -v python3 >/dev/null 2>&1; then exec python3 -I -c "$1" "$2"; fi; exec /bin/sh -c "$3"'
# Of the machine that the tool runs on, and wrong in a container.
_OF_THE_HOST = frozenset(
    {
        *("PATH", "HOME", "PWD", "OLDPWD", "SHELL", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "HOSTNAME", "_"),
        *("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPYCACHEPREFIX", "LD_LIBRARY_PATH", "SHLVL"),
    }
)
_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a stage's commands run. image: best by `name@sha256:...`; it is pulled if the engine lacks it.

    network: of the engine, `none` unless somebody asked for another. environment: laid over the job's, like that of
    `runtime.env`.
    """

    image: str
    limits: Limits = NO_LIMITS
    network: str = "none"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all stages of an executor share. checkout: the work tree, which commands see under the same path.

    folders: what else of this machine they see. environ: the tool's own variables; what a job only inherited of them
    is not passed on.
    """

    checkout: Path
    folders: tuple[Path, ...]
    environ: Mapping[str, str] = field(repr=False)


def spec_of(job: Job, place: Place, around: Surroundings, *, run: str, here: bool) -> Spec:
    """The container of a job. As the checkout's owner, so that what is written is the owner's. here: it is mounted."""
    order = json.dumps({"commands": job.commands, "report": _REPORT})
    script = " && ".join(map(_in_shell, job.commands))
    return Spec(
        image=place.image, entrypoint=("/bin/sh", "-c", _ENTRY, "mlops-ci"),
        command=(Path(inside.__file__).read_text("utf-8"), order, script), run=run, folder=str(job.cwd),
        environment=environment_of(job, place, around.environ), user=str(owner_of(around.checkout)),
        shared=tuple(map(str, (around.checkout, *around.folders))) if here else (), network=place.network,
        limits=place.limits,
    )  # fmt: skip


def environment_of(job: Job, place: Place, environ: Mapping[str, str]) -> Mapping[str, str]:
    """A job's variables without those of this machine. No command leaves bytecode in the work tree."""
    own = {
        name: value
        for name, value in job.environment.items()
        if environ.get(name) != value and name not in _OF_THE_HOST
    }
    return {"HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", **own, **place.environment}  # noqa: S108 - see above


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A job that runs. printed: what it prints, as it comes. sent: what was carried into it, None where nothing was."""

    container: str
    printed: Iterator[bytes]
    sent: frozenset[PurePosixPath] | None


def begun(container: str, around: Surroundings, engine: Engine) -> Begun:
    """Start a container, with the checkout in it. Raises ServiceError."""
    sent = None if engine.here else _send(container, around.checkout, engine)
    return Begun(container=container, printed=begin(container, engine), sent=sent)


def followed(running: Begun, place: Place, around: Surroundings, engine: Engine, output: IO[bytes]) -> Left:
    """Wait for the end; what is printed goes to `output` as it comes, what was written to the checkout.

    Raises ServiceError where the engine is lost.
    """
    for piece in running.printed:
        output.write(piece)
    how = left(running.container, engine)
    if running.sent is not None and how.exit == 0:
        _fetch(running.container, around.checkout, running.sent, engine)
    trouble = _trouble(how, place)
    output.write(f"{trouble}\n".encode() if trouble else b"")
    return replace(how, trouble=trouble)


def _trouble(how: Left, place: Place) -> str:
    if not how.starved:
        return how.trouble
    limit = f"the {place.limits.memory // _MIB} MiB of `memory`" if place.limits.memory else "the engine has"
    return f"it took more memory than {limit}, so the kernel ended it"


def _in_shell(argv: tuple[str, ...]) -> str:
    """A command for an image without Python, by that image's shell."""
    return shlex.join(("/bin/sh", "-c", argv[-1]) if argv[-2:-1] == ("-c",) else argv)


def _send(container: str, checkout: Path, engine: Engine) -> frozenset[PurePosixPath]:
    with spooled() as packed:
        sent = pack(checkout, owner_of(checkout), packed)
        packed.seek(0)
        engine.ask(container, lambda api: api.put_archive(container, "/", packed))
    return sent


def _fetch(container: str, checkout: Path, sent: frozenset[PurePosixPath], engine: Engine) -> None:
    pieces, _ = engine.ask(container, lambda api: api.get_archive(container, str(checkout)))
    engine.ask(container, lambda _: unpack_changes(pieces, checkout, sent))


def measured(container: str, engine: Engine) -> tuple[float | None, int | None]:
    """Seconds of the processor, and bytes; None where nothing in the image could measure."""
    content = file_in(container, _REPORT, engine)
    try:
        found = json.loads(content or b"")
        return float(found["cpu"]), int(found["memory"])
    except (ValueError, KeyError, TypeError):  # no Python there, or the command wrote there itself
        return None, None
