"""Which runtime a pipeline has, and why. Nothing is made and nothing is run here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from mlops_ci.config.schema import Runtime as Settings
from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.surroundings import Surroundings, active_environment, python_of, python_on_path
from mlops_ci.runtime.versions import Read, project_of, table, wanted_version


class RuntimeKind(StrEnum):
    """What a runtime is made from, or where it is found."""

    PYTHON = "runtime.python"
    UV = "uv.lock"
    POETRY = "poetry.lock"
    PDM = "pdm.lock"
    PIPENV = "Pipfile.lock"
    REQUIREMENTS = "requirements.txt"
    CONDA = "environment.yml"
    PROJECT = "pyproject.toml"
    ACTIVE = "active virtual environment"
    ON_PATH = "python on the PATH"


# File names that are looked for in each folder, the first that is there first.
LOCKS: Mapping[str, RuntimeKind] = {
    "uv.lock": RuntimeKind.UV,
    "poetry.lock": RuntimeKind.POETRY,
    "pdm.lock": RuntimeKind.PDM,
    "Pipfile.lock": RuntimeKind.PIPENV,
    "requirements.txt": RuntimeKind.REQUIREMENTS,
    "environment.yml": RuntimeKind.CONDA,
    "environment.yaml": RuntimeKind.CONDA,
    "pyproject.toml": RuntimeKind.PROJECT,
}

# What a file of another name, named by `runtime.lock`, is taken for.
_SUFFIXES: Mapping[str, RuntimeKind] = {
    ".txt": RuntimeKind.REQUIREMENTS,
    ".in": RuntimeKind.REQUIREMENTS,
    ".yml": RuntimeKind.CONDA,
    ".yaml": RuntimeKind.CONDA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A runtime that is found, not yet made.

    lock: the file that it is made from, relative to the root. python: the Python that is used as it is, maybe a
    bare name or relative to the root. version: the version or specifier asked for, None for the tool's own version.
    """

    kind: RuntimeKind
    why: str
    lock: PurePosixPath | None = None
    python: Path | None = None
    version: str | None = None

    @property
    def source(self) -> str:
        """What it is made from or found at, to be read by people."""
        return shown(self.lock if self.lock is not None else str(self.python))


def find_runtime(
    settings: Settings, *, folder: PurePosixPath, tracked: frozenset[PurePosixPath], read: Read,
    surroundings: Surroundings,
) -> Found:  # fmt: skip
    """The runtime of a pipeline whose dvc.yaml lies in `folder`, in the order that docs/configuration.md gives.

    Raises UsageError for a `runtime.lock` of no known kind, and where there is no Python at all.
    """
    if settings.python is not None:
        why = "runtime.python in mlops-ci.yaml names it"
        return Found(kind=RuntimeKind.PYTHON, why=why, python=Path(settings.python))
    if settings.lock is not None:
        lock, kind = settings.lock, _kind_of(settings.lock)
        why = f"made from {shown(lock)}, which runtime.lock in mlops-ci.yaml names"
    else:
        nearest = _nearest_lock(folder, tracked, read)
        if nearest is None:
            return _of_this_machine(surroundings)
        lock, kind = nearest
        why = f"made from {shown(lock)}, the nearest to {shown(folder / 'dvc.yaml')}"
    return Found(kind=kind, why=why, lock=lock, version=wanted_version(lock, tracked=tracked, read=read))


def components_folder(tracked: frozenset[PurePosixPath]) -> PurePosixPath:
    """The folder in whose runtime components are tested: that of the dvc.yaml nearest to the root, else the root."""
    folders = (path.parent for path in tracked if path.name == "dvc.yaml")
    return min(folders, key=lambda folder: (len(folder.parts), folder), default=PurePosixPath())


def _nearest_lock(
    folder: PurePosixPath, tracked: frozenset[PurePosixPath], read: Read
) -> tuple[PurePosixPath, RuntimeKind] | None:
    for place in (folder, *folder.parents):
        for name, kind in LOCKS.items():
            path = place / name
            if path in tracked and (kind is not RuntimeKind.PROJECT or _has_dependencies(read(path) or b"")):
                return path, kind
    return None


def _has_dependencies(content: bytes) -> bool:
    """Whether a pyproject.toml is a project, and not only the settings of tools."""
    tables = project_of(content)
    return "project" in tables or "dependencies" in table(tables, "tool", "poetry")


def _kind_of(lock: PurePosixPath) -> RuntimeKind:
    pylock = lock.name.startswith("pylock.") and lock.suffix == ".toml"
    kind = RuntimeKind.REQUIREMENTS if pylock else LOCKS.get(lock.name) or _SUFFIXES.get(lock.suffix)
    if kind is None:
        raise UsageError.at(
            "MC-RUNTIME-001", "runtime.lock", "no runtime can be made from a file of this name",
            place=Place(path=PurePosixPath("mlops-ci.yaml")), found=shown(lock),
            expected=f"{', '.join(LOCKS)}, or a file that ends with {', '.join(_SUFFIXES)}",
            do="name the lock file of the pipeline's Python, or name a Python with `runtime: {python: PATH}`",
        )  # fmt: skip
    return kind


def _of_this_machine(surroundings: Surroundings) -> Found:
    active = active_environment(surroundings)
    if active is not None:
        why = "the active virtual environment, since no lock file is tracked"
        return Found(kind=RuntimeKind.ACTIVE, why=why, python=python_of(active))
    python = python_on_path(surroundings)
    if python is not None:
        why = "the python on the PATH, since no lock file is tracked and no virtual environment is active"
        return Found(kind=RuntimeKind.ON_PATH, why=why, python=python)
    raise UsageError.at(
        "MC-RUNTIME-002", "runtime", "the pipeline has no Python of its own",
        found="no tracked lock file, no active virtual environment, no python on the PATH",
        expected=f"one of {', '.join(LOCKS)} beside dvc.yaml or in a folder above it",
        do="list the pipeline's packages in a requirements.txt beside dvc.yaml and add it to git",
    )  # fmt: skip
