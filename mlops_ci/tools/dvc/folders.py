"""Where the DVC repositories of a git repository are: the folders that hold `.dvc` and stages."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from mlops_ci.errors import UsageError
from mlops_ci.tools.processes import Command, Processes

_SECONDS = 60.0
# Nothing is written, run or fetched to list files.
_QUIETLY = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_PATTERNS = (":(top,glob)**/dvc.yaml", ":(top,glob)**/*.dvc")


def dvc_folders(root: Path, processes: Processes) -> Mapping[PurePosixPath | None, tuple[PurePosixPath, ...]]:
    """The dvc.yaml and .dvc files, by the folder whose `.dvc` they belong to; under None those that have none.

    root: of the git repository, to which all paths are relative. Files that git ignores are left out, as DVC does.
    Raises UsageError where git can't list them.
    """
    found: dict[PurePosixPath | None, list[PurePosixPath]] = {}
    for path in sorted(_listed(root, processes)):
        found.setdefault(_owner(root, path), []).append(path)
    return {folder: tuple(paths) for folder, paths in found.items()}


def _listed(root: Path, processes: Processes) -> set[PurePosixPath]:
    argv = ("git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
    done = processes.run(Command(argv=(*argv, *_PATTERNS), cwd=root, environment=_QUIETLY, timeout=_SECONDS))
    if not done.ok:
        raise UsageError.at(
            "MC-DVC-012", "git", "the files of this repository can't be listed", found=done.output.strip(),
            expected="a git repository that git can read", do="run `git status` here and mend what it names",
        )  # fmt: skip
    paths = (PurePosixPath(name) for name in done.output.split("\0") if name)
    return {path for path in paths if path.name != ".dvc" and (root / path).is_file()}


def _owner(root: Path, path: PurePosixPath) -> PurePosixPath | None:
    return next((folder for folder in path.parents if (root / folder / ".dvc").is_dir()), None)
