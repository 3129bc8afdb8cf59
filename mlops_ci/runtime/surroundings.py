"""The machine around a runtime, and what of it belongs to the tool."""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci.core.paths import shown
from mlops_ci.tools.processes import Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The environment's variables, and the tool's own Python: its folder, its program, its version in full."""

    environ: Mapping[str, str] = field(repr=False)
    tool_prefix: Path = Path(sys.prefix)
    tool_python: Path = Path(sys.executable)
    tool_version: str = ".".join(str(part) for part in sys.version_info[:3])


def silent(_: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where runtimes and components are made, and with what.

    root: the repository's root. files: all files of the work tree that git does not ignore, tracked or not.
    say: told in one line what takes long, when it begins.
    """

    root: Path
    files: frozenset[PurePosixPath]
    processes: Processes
    surroundings: Surroundings
    say: Callable[[str], None] = silent

    @property
    def own(self) -> Path:
        """The folder in which everything of ours is kept."""
        return self.root / ".mlops-ci"

    def read(self, path: PurePosixPath) -> bytes | None:
        """The bytes of a file of the work tree; None where there is none, or a link leads out of the repository."""
        here = self.root / path
        if not here.is_file() or not here.resolve().is_relative_to(self.root.resolve()):
            return None
        return here.read_bytes()

    def shown(self, path: Path) -> str:
        """A path to be read by people: from the root where it is below it."""
        return shown(path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path))


def is_tools(surroundings: Surroundings, prefix: Path) -> bool:
    """Whether an environment's folder is that of the tool itself."""
    return prefix.resolve() == surroundings.tool_prefix.resolve()


def search_path(surroundings: Surroundings) -> tuple[str, ...]:
    """The folders of PATH without the one of the tool's own environment."""
    tools = (surroundings.tool_prefix / "bin").resolve()
    folders = surroundings.environ.get("PATH", "").split(":")
    return tuple(folder for folder in folders if folder and Path(folder).resolve() != tools)


def which(surroundings: Surroundings, name: str) -> Path | None:
    """The program of this name that the user would get."""
    found = shutil.which(name, path=":".join(search_path(surroundings)))
    return Path(found) if found else None


def active_environment(surroundings: Surroundings) -> Path | None:
    """The folder of the active virtual environment, None where there is none or it is the tool's own."""
    named = surroundings.environ.get("VIRTUAL_ENV", "")
    if not named or is_tools(surroundings, Path(named)):
        return None
    return Path(named) if python_of(Path(named)).exists() else None


def python_on_path(surroundings: Surroundings) -> Path | None:
    """`python`, else `python3`, as found on the PATH outside the tool's own environment."""
    return which(surroundings, "python") or which(surroundings, "python3")


def python_of(prefix: Path) -> Path:
    """The Python of an environment in a folder."""
    return prefix / "bin" / "python"
