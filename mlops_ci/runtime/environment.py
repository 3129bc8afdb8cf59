"""The complete environment of the pipeline's own commands, and of those that install for it."""

from collections.abc import Mapping
from pathlib import Path

from mlops_ci.runtime.surroundings import Surroundings, search_path
from mlops_ci.tools.environment import TELEMETRY_OFF, without_own

# What an environment of Python leaves in the variables, the tool's own among them.
_OF_ANOTHER_PYTHON = (
    "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONPLATLIBDIR",
    "PYTHONSAFEPATH", "PYTHONPYCACHEPREFIX", "__PYVENV_LAUNCHER__", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT",
    "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_INTERNAL__PARENT_INTERPRETER",
)  # fmt: skip

# pip's settings in uv's words; the second is only set where the user has not set it, nor what uv prefers to it.
_PIP_IN_UV: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", ("UV_INDEX_URL",)),
    ("PIP_EXTRA_INDEX_URL", "UV_INDEX", ("UV_EXTRA_INDEX_URL",)),
    ("PIP_NO_INDEX", "UV_NO_INDEX", ()),
    ("PIP_CONSTRAINT", "UV_CONSTRAINT", ()),
    ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST", ()),
    ("PIP_CERT", "SSL_CERT_FILE", ()),
)


def without_python(surroundings: Surroundings) -> dict[str, str]:
    """The environment as it is, without what belongs to the tool: its Python, or any other, and its own secrets.

    Telemetry is off.
    """
    kept = {name: value for name, value in without_own(surroundings.environ).items() if name not in _OF_ANOTHER_PYTHON}
    return {**kept, **TELEMETRY_OFF, "PATH": ":".join(search_path(surroundings))}


def stage_environment(
    surroundings: Surroundings, *, prefix: Path | None, made: bool, pycache: Path, extra: Mapping[str, str]
) -> dict[str, str]:
    """All variables that the pipeline's commands get: nothing is to be inherited beside them.

    prefix: folder of the virtual (or conda) environment, None for a plain Python. made: whether we made it.
    No command may leave a `__pycache__` in the work tree, since in a directory dependency it makes a stage stale: so
    bytecode goes to `pycache`. To compile a whole environment when it is made takes longer than to install it, and
    most of it is never imported.
    """
    environment = without_python(surroundings)
    if made:  # nothing in it is compiled, whatever the user wants elsewhere
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if not environment.get("PYTHONDONTWRITEBYTECODE"):
        environment["PYTHONPYCACHEPREFIX"] = str(pycache)
    if prefix is not None:
        environment["PATH"] = f"{prefix / 'bin'}:{environment['PATH']}".rstrip(":")
        environment["CONDA_PREFIX" if (prefix / "conda-meta").is_dir() else "VIRTUAL_ENV"] = str(prefix)
    return {**environment, **extra}


def installer_environment(surroundings: Surroundings) -> dict[str, str]:
    """All variables for uv and its like: the user's package-index settings, pip's too, in words that uv reads."""
    environment = without_python(surroundings)
    for pip, uv, preferred in _PIP_IN_UV:
        if environment.get(pip) and not any(name in environment for name in (uv, *preferred)):
            environment[uv] = environment[pip]
    links = environment.get("PIP_FIND_LINKS", "").split()
    if links and "UV_FIND_LINKS" not in environment:
        environment["UV_FIND_LINKS"] = ",".join(links)
    off = {"UV_COMPILE_BYTECODE": "0"}  # it would lie where stages do not look for it
    return {**environment, **off, "UV_NO_PROGRESS": "1", "NO_COLOR": "1", "PIP_NO_INPUT": "1"}
