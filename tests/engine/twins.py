"""Two copies of one repository, of which DVC keeps one up to date and this project the other."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.edits import Edit, disturb
from tests.engine.fork_server import Programs
from tests.engine.project import Project
from tests.engine.rendering import RAN, files
from tests.engine.snapshots import Snapshot, snapshot
from tests.factories import commit_all, git, lay

# The runs of all dvc.yaml of a repository: DVC takes only the one at the root unless it is told.
THEIRS = ("repro", "--all-pipelines")
OURS = ("pipeline", "run", "--jobs", "4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Something that brings a pipeline up to date: a command line and its arguments."""

    programs: Programs
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One of the two: a repository in a folder of its own, with a site cache of its own."""

    folder: Path
    program: Program

    @property
    def root(self) -> Path:
        """The repository."""
        return self.folder / "repo"

    def start(self, arguments: Sequence[str]) -> None:
        """Begin a run with these arguments."""
        self.program.programs.start(self.root, arguments, apart(self.folder), self.folder / "log.txt")

    def wait(self) -> int:
        """The exit code of the run that was begun."""
        return self.program.programs.wait()

    def seen(self) -> Snapshot:
        """Its state."""
        return snapshot(self.root, self.folder / RAN)


def apart(folder: Path) -> dict[str, str]:
    """Variables that keep DVC off this machine's own settings and caches, and the shell of stages the same."""
    return {
        "DVC_SITE_CACHE_DIR": str(folder / "site"),
        "DVC_GLOBAL_CONFIG_DIR": str(folder / "global"),
        "DVC_SYSTEM_CONFIG_DIR": str(folder / "system"),
        "DVC_NO_ANALYTICS": "1",
        "SHELL": "/bin/sh",
    }


@contextmanager
def programs() -> Iterator[tuple[Program, Program]]:
    """DVC and this project, with their modules imported."""
    with Programs("dvc") as dvc, Programs("mlops-ci") as own:
        yield Program(programs=dvc, arguments=THEIRS), Program(programs=own, arguments=OURS)


def twins(folder: Path, project: Project, both: tuple[Program, Program]) -> tuple[Copy, Copy]:
    """Two copies of the project in its starting state, in git, with its data added to DVC and nothing run."""
    add = [["add", "--quiet", *sorted(project.data)]] if project.data else []

    def fill(root: Path) -> None:
        lay(root, files(project))
        _write_data(root, project)

    return laid(folder, both, fill, add)


def laid(
    folder: Path, both: tuple[Program, Program], fill: Callable[[Path], None], commands: Sequence[Sequence[str]] = ()
) -> tuple[Copy, Copy]:
    """Two git repositories with what `fill` writes and what these commands of DVC's make of it, committed.

    Each is made, not copied: links into a cache lead into one's own.
    """
    theirs, ours = (Copy(folder=folder / name, program=one) for name, one in zip(("dvc", "ours"), both, strict=True))
    for copy in (theirs, ours):
        copy.root.mkdir(parents=True)
        git(copy.root, "init", "--quiet", "--initial-branch=main")
        fill(copy.root)
        for command in commands:
            by_dvc(both[0].programs, copy, *command)
        commit_all(copy.root, "first")
    return theirs, ours


def by_dvc(dvc: Programs, copy: Copy, *arguments: str) -> None:
    """A command of DVC's that must succeed, in one copy."""
    if dvc.run(copy.root, arguments, apart(copy.folder), copy.folder / "log.txt"):
        raise RuntimeError((copy.folder / "log.txt").read_text())


def edit(copies: Sequence[Copy], before: Project, after: Project, edits: Sequence[Edit]) -> None:
    """Bring both copies from one project to the next, then do the edits of the work tree."""
    old, new = files(before), files(after)
    for copy in copies:
        lay(copy.root, {path: content for path, content in new.items() if old.get(path) != content})
        for path in old.keys() - new.keys():
            (copy.root / path).unlink()
        if before.data != after.data:
            _write_data(copy.root, after, before)
        for one in edits:
            disturb(copy.root, after, one)


def run(copies: Sequence[Copy], *more: str) -> list[int]:
    """Both at once, each with its own program; their exit codes."""
    for copy in copies:
        copy.start([*copy.program.arguments, *more])
    return [copy.wait() for copy in copies]


def level(theirs: Copy, ours: Copy) -> None:
    """After a failure: both have the ignore lines that ours kept, so that later differences are new ones."""
    for path in ours.seen().ignored:
        shutil.copyfile(ours.root / path, theirs.root / path)


def _write_data(root: Path, project: Project, before: Project | None = None) -> None:
    for path, content in project.data.items():
        if before is not None and before.data.get(path) == content:
            continue
        for name, text in content.items():
            file = root / path / name if name else root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)  # it may be a link into the cache
            file.write_text(text)
