"""A file is looked at before DVC expands it: whether that is safe, and where its stages stand."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mlops_ci.config.yaml import guard_yaml, read_yaml
from mlops_ci.core.findings import Finding
from mlops_ci.errors import UsageError

# Bombs are small, and a lock file of thousands of stages is not worth being parsed twice.
_LARGEST_GUARDED = 1024 * 1024


class UnsafeFileError(Exception):
    """The file is not to be given to DVC: an alias bomb, over-deep nesting, a merge conflict, no text."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines of stages, counted from 1."""

    lines: dict[str, int]

    def line(self, name: str) -> int | None:
        """The line of a stage; an item of a foreach or matrix stands where its family stands."""
        found = self.lines.get(name)
        return found if found is not None else self.lines.get(name.partition("@")[0])


def outline_of(path: Path) -> Outline:
    """Read a dvc.yaml, with the dvc.lock beside it, or a .dvc file. Raises UnsafeFileError."""
    if path.suffix != ".yaml":
        guard(path)
        return Outline({})
    guard(path.with_suffix(".lock"))
    try:
        document = read_yaml(path.read_bytes(), PurePosixPath(path.name))
    except UsageError as error:
        raise _unsafe(error) from None
    stages = document.node(("stages",))
    children = stages.children if stages else {}
    return Outline({str(name): child.line for name, child in children.items()})


def guard(path: Path) -> None:
    """Look at one file. Raises UnsafeFileError."""
    if path.is_file() and path.stat().st_size <= _LARGEST_GUARDED:
        try:
            guard_yaml(path.read_bytes(), PurePosixPath(path.name))
        except UsageError as error:
            raise _unsafe(error) from None


def _unsafe(error: UsageError) -> UnsafeFileError:
    return UnsafeFileError("; ".join(_said(finding) for finding in error.findings))


def _said(finding: Finding) -> str:
    where = f"{finding.place}: " if finding.place else ""
    return where + finding.what + (f" ({finding.found})" if finding.found else "")
