"""The work tree of a release: made as the package has it before each run, with the run's own inputs laid over it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from mlops_ci.deployment.releases import AS_IT_IS, ASIDE, Release
from mlops_ci.tools.files import write_whole
from mlops_ci.tools.git_commands import GitCommands

_PRIVATE = 0o600


def afresh(release: Release, *, clean: bool = False) -> None:
    """The files of the package as they are in it, whatever a run made of them.

    clean: remove what runs wrote beside, too; environments and settings stay.
    """
    git = GitCommands(root=release.work)
    (release.work / ".git" / "index.lock").unlink(missing_ok=True)  # of a git that was killed: nobody else works here
    git.ask(*AS_IT_IS, "checkout", "--quiet", "--force", "--detach", release.commit)
    if clean:
        git.ask("clean", "-ffdxq", "-e", "/.mlops-ci/", "-e", "config.local")


@contextmanager
def cache_aside(release: Release) -> Iterator[None]:
    """As long as this runs DVC keeps its bytes in a folder beside the work tree, gone afterwards, not in the cache."""
    settings = [one for one in release.work.rglob(".dvc/config.local") if one.is_file()]
    before = {one: one.read_bytes() for one in settings}
    real, aside = str(release.folder.parent.parent / "cache"), str(release.folder / ASIDE)
    for file, content in before.items():
        write_whole(file, content.replace(f"dir = {real}\n".encode(), f"dir = {aside}\n".encode()), mode=_PRIVATE)
    try:
        yield
    finally:
        for file, content in before.items():
            write_whole(file, content.replace(aside.encode(), real.encode()), mode=_PRIVATE)
        shutil.rmtree(aside, ignore_errors=True)


def inputs_over(tree: Path, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Lay files of run inputs over those of a work tree."""
    for path, content in contents.items():
        write_whole(tree / path, content)
