"""The Dockerfile of a component that brings none of its own."""

from importlib.resources import files
from pathlib import PurePosixPath
from shlex import quote

from jinja2 import Environment, StrictUndefined

from mlops_ci.runtime.pip_lock import PipLock

# Nobody's on any machine; an executor runs stages as the owner of the work tree instead.
USER = "10001:10001"
LOCK_FOLDER = PurePosixPath("lock")


def dockerfile(*, base: str, lock: PipLock) -> str:
    """Three stages: what is locked is installed, then the wheels beside it; the last has what came of both.

    base: what both begin with, best by digest; it has python3 with venv and pip.
    """
    template = files(__package__).joinpath("templates/Dockerfile.j2").read_text("utf-8")
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - no HTML
    path = quote(f"/build/{LOCK_FOLDER / lock.first}") if lock.files else ""
    return environment.from_string(template).render(base=base, lock=path, hashed=lock.hashed, user=USER) + "\n"
