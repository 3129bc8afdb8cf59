"""How a runtime is made from each kind of lock file. Each maker only says what is to be done; make.py does it.

To add one: a function that takes an Order and returns a Recipe, and its line in MAKERS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlops_ci.core.findings import Place
from mlops_ci.errors import ServiceError
from mlops_ci.runtime.find import RuntimeKind
from mlops_ci.runtime.locked import read_locked
from mlops_ci.runtime.pipfile import requirements_of_pipfile
from mlops_ci.runtime.requirements import Requirements
from mlops_ci.runtime.surroundings import Surroundings, which
from mlops_ci.runtime.versions import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a maker needs to know.

    copy: a copy of the repository, to install from. prefix: the folder of the environment to be made. python: a
    version, a specifier or a path. project: the pyproject.toml beside the lock. requirements: what was read of a
    requirements file, its text being UTF-8 in the copy.
    """

    lock: PurePosixPath
    copy: Path
    prefix: Path
    python: str
    uv: Path
    surroundings: Surroundings
    project: Mapping[str, object] = field(default_factory=dict)
    requirements: Requirements | None = None

    @property
    def folder(self) -> Path:
        """The lock's folder in the copy."""
        return self.copy / self.lock.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Files to be written, then commands to be run in the lock's folder in the copy."""

    commands: tuple[tuple[str, ...], ...]
    files: Mapping[Path, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


class Maker(Protocol):
    """Knows one kind of lock file."""

    def __call__(self, order: Order) -> Recipe:
        """Say how to make it. Raises UsageError for an unreadable lock, ServiceError where a tool is missing."""


def from_uv(order: Order) -> Recipe:
    """uv.lock: all members of a workspace, since any stage may run any of them."""
    members = ("--all-packages",) if table(order.project, "tool", "uv", "workspace") else ()
    return Recipe(
        commands=((str(order.uv), "sync", "--frozen", *members, "--python", order.python),),
        environment={"UV_PROJECT_ENVIRONMENT": str(order.prefix)},
    )


def from_requirements(order: Order) -> Recipe:
    """requirements.txt, with pip's rules: all hashes or none, and the best version of several indexes."""
    read = order.requirements
    strategy = _any_index("".join(read.texts.values()) if read is not None else "")
    hashes = ("--require-hashes",) if read is not None and read.hashed else ()
    return Recipe(commands=(_environment(order), _install(order, *hashes, "-r", order.lock.name)), environment=strategy)


def from_project(order: Order) -> Recipe:
    """pyproject.toml alone: the project itself where it says how it is built, else what it depends on."""
    built = "build-system" in order.project
    what = ("-e", ".") if built else ("-r", order.lock.name)
    groups = ("--group", "dev") if "dev" in table(order.project, "dependency-groups") else ()
    return Recipe(commands=(_environment(order), _install(order, *what, *groups)))


def from_locked(order: Order) -> Recipe:
    """poetry.lock and pdm.lock: what the project asks for, held to the lock, then the project itself if it is built."""
    read = read_locked(order.lock, (order.copy / order.lock).read_bytes(), order.project)
    asked, held = order.folder / ".mlops-ci-asked.txt", order.folder / ".mlops-ci-held.txt"
    unbuilt = (
        "build-system" not in order.project
        or table(order.project, "tool", "poetry").get("package-mode") is False
        or table(order.project, "tool", "pdm").get("distribution") is False
    )
    packages = _install(order, "-r", asked.name, "-c", held.name)
    itself = () if unbuilt else (in_place(order, order.lock.parent),)
    return Recipe(
        files={asked: read.requirements, held: read.constraints},
        commands=(_environment(order), packages, *itself),
        environment=_any_index(read.constraints),
    )


def from_pipfile(order: Order) -> Recipe:
    """Pipfile.lock, read here."""
    requirements = order.folder / ".mlops-ci-pipfile.txt"
    text = requirements_of_pipfile(order.lock, (order.copy / order.lock).read_bytes())
    hashes = ("--require-hashes",) if "--hash=" in text else ()
    return Recipe(
        files={requirements: text},
        commands=(_environment(order), _install(order, *hashes, "-r", requirements.name)),
        environment=_any_index(text),
    )


def from_conda(order: Order) -> Recipe:
    """environment.yml, with whichever of conda's tools is there."""
    name = order.lock.name
    for tool, words in (
        ("micromamba", ("create", "--yes")),
        ("mamba", ("env", "create")),
        ("conda", ("env", "create")),
    ):
        program = which(order.surroundings, tool)
        if program is not None:
            return Recipe(commands=((str(program), *words, "--prefix", str(order.prefix), "--file", name),))
    raise ServiceError.at(
        "MC-RUNTIME-013", str(order.lock), "none of conda's tools is installed", place=Place(path=order.lock),
        found="no micromamba, mamba or conda",
        expected="one of them on the PATH",
        do="install micromamba, or list the packages in a requirements.txt and name it with `runtime: {lock: PATH}`",
    )  # fmt: skip


MAKERS: Mapping[RuntimeKind, Maker] = {
    RuntimeKind.UV: from_uv,
    RuntimeKind.POETRY: from_locked,
    RuntimeKind.PDM: from_locked,
    RuntimeKind.PIPENV: from_pipfile,
    RuntimeKind.REQUIREMENTS: from_requirements,
    RuntimeKind.CONDA: from_conda,
    RuntimeKind.PROJECT: from_project,
}


def in_place(order: Order, project: PurePosixPath) -> tuple[str, ...]:
    """The command that installs a project of the repository editable, without its dependencies."""
    return _install(order, "--no-deps", "-e", str(order.copy / project))


def _environment(order: Order) -> tuple[str, ...]:
    return (str(order.uv), "venv", "--no-project", "--python", order.python, str(order.prefix))


def _install(order: Order, *what: str) -> tuple[str, ...]:
    return (str(order.uv), "pip", "install", "--python", str(order.prefix / "bin/python"), *what)


def _any_index(text: str) -> Mapping[str, str]:
    """With pip, which these files are written for, a package may come from any index that is named."""
    return {"UV_INDEX_STRATEGY": "unsafe-best-match"} if "--extra-index-url" in text else {}
