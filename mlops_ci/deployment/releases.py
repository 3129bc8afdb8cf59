"""Releases: packages laid out in a folder each, by digest, ready to be run.

releases/<digest>/work/       the files of the package in a git work tree, whose origin is the repository's
releases/<digest>/placed.json written last: without it a folder is half done, and is made anew
cache/                        bytes that DVC keeps, for all of them
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError
from mlops_ci.packaging.archive import Unpacked, is_link
from mlops_ci.packaging.manifest import File
from mlops_ci.packaging.records import Named, Records
from mlops_ci.tools.dvc.lent_settings import lend
from mlops_ci.tools.files import own_folder, write_whole
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote

_PLACED = "placed.json"
_PRIVATE = 0o600
_AS_IT_IS = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")

Equip = Callable[["Release"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is to be placed. clone: the repository it is taken from. origin: the address that runs are pushed to."""

    named: Named
    unpacked: Unpacked
    clone: Path
    origin: str

    @property
    def digest(self) -> Digest:
        """Its name."""
        return self.named.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A placed package. commit: what its work tree stands on. source: the commit that its run inputs are of."""

    digest: Digest
    folder: Path
    commit: str
    source: str

    @property
    def work(self) -> Path:
        """The work tree that the environment's runs are in."""
        return self.folder / "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """All releases below a folder of this machine."""

    root: Path

    def place(self, package: Package, equip: Equip) -> Release:
        """Have a release, whole. equip: makes what its commands need. Nothing is done where it is there.

        Raises IntegrityError where git has other files than the package. What fails leaves nothing.
        """
        there = self.release(package.digest)
        if there is not None and there.source == package.named.source:
            return there
        folder = self._folder(package.digest)
        if there is None:
            _clear(folder)
        try:
            commit = lay(package, folder / "work", cache=self.root / "cache")
            release = Release(digest=package.digest, folder=folder, commit=commit, source=package.named.source)
            equip(release)
        except BaseException:
            if there is None:
                _clear(folder)
            raise
        facts = {"package": str(package.digest), "commit": commit, "source": package.named.source}
        write_whole(folder / _PLACED, json.dumps(facts).encode())
        return release

    def release(self, digest: Digest) -> Release | None:
        """The release of a package; None where there is none, or where it is half done."""
        file = self._folder(digest) / _PLACED
        if not file.is_file():
            return None
        facts = json.loads(file.read_bytes())
        return Release(digest=digest, folder=file.parent, commit=facts["commit"], source=facts["source"])

    def placed(self) -> tuple[Digest, ...]:
        """The packages that are placed whole, those placed last first."""
        files = sorted((self.root / "releases").glob(f"*/{_PLACED}"), key=lambda one: one.stat().st_mtime, reverse=True)
        return tuple(Digest("sha256", file.parent.name) for file in files)

    def tidy(self) -> None:
        """Remove releases that were begun and never finished."""
        for folder in sorted((self.root / "releases").glob("*")):
            if not (folder / _PLACED).is_file():
                _clear(folder)

    def remove(self, digest: Digest) -> None:
        """Remove a release. Killed on the way, it is half done, and nobody takes it for one."""
        _clear(self._folder(digest))

    def _folder(self, digest: Digest) -> Path:
        return self.root / "releases" / digest.value


def digest_of(text: str) -> Digest:
    """A package's digest from its text, `sha256:...`."""
    algorithm, _, value = text.partition(":")
    return Digest(algorithm, value)


def lay(package: Package, tree: Path, *, cache: Path) -> str:
    """The package's files in a work tree of its own, each hashed; returns the commit that it stands on.

    cache: where DVC keeps the bytes of runs there.
    """
    commit = _checked_out(package, tree)
    _refuse_others(package, tree)
    own = own_folder(tree)
    for name, wheel in package.unpacked.wheels.items():
        one = package.unpacked.manifest.components[name]
        write_whole(own / "runtime" / "wheels" / one.tree.partition(":")[2][:16] / one.wheel.name, wheel)
    for folder in {
        PurePosixPath(path).parent for path in package.unpacked.manifest.files if path.endswith(".dvc/config")
    }:
        (tree / folder / "config.local").unlink(missing_ok=True)
        lend(package.clone / folder, tree / folder, cache=cache)
    return commit


def _checked_out(package: Package, tree: Path) -> str:
    """Git in the work tree, on the commit of the package's files, with nothing of an earlier run left in them."""
    tree.mkdir(parents=True, exist_ok=True)
    git, ref = GitCommands(root=tree), package.named.ref
    if not (tree / ".git").exists():
        git.ask("init", "--quiet")
        git.ask("remote", "add", "origin", package.origin)
    git.ask("fetch", "--quiet", "--no-tags", "--depth=1", "--", f"file://{package.clone}", f"+{ref}:{ref}")
    objects = GitObjects(git=git)
    records = Records(objects=objects, remote=GitRemote(git=git, name="origin"))
    commit = records.start_commit(package.named, objects.written(package.named.commit))
    (tree / ".git" / "index.lock").unlink(missing_ok=True)  # of a git that was killed: nobody else works here
    git.ask(*_AS_IT_IS, "checkout", "--quiet", "--force", "--detach", commit)
    return commit


def _refuse_others(package: Package, tree: Path) -> None:
    """What git laid down is what the package holds."""
    for path, file in package.unpacked.manifest.files.items():
        found = _digest(tree / path, file)
        if found != file.sha256:
            raise IntegrityError.at(
                "MC-DEPLOY-010", shown(path), "git has another file than the package", found=found,
                expected=file.sha256, do="do not use that package: `mlops-ci package verify` names the broken link",
            )  # fmt: skip


def _digest(path: Path, file: File) -> str:
    if is_link(file.mode):
        return (
            sha256(str(path.readlink()).encode("utf-8", "surrogateescape")).hexdigest()
            if path.is_symlink()
            else "no link"
        )
    return sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else "no file"


def _clear(folder: Path) -> None:
    """Remove a folder: first what makes it one, so that nobody takes the rest for whole."""
    (folder / _PLACED).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


def afresh(release: Release, *, clean: bool = False) -> None:
    """The files of the package as they are in it, whatever a run made of them.

    clean: remove what runs wrote beside, too; environments and settings stay.
    """
    git = GitCommands(root=release.work)
    (release.work / ".git" / "index.lock").unlink(missing_ok=True)  # of a git that was killed: nobody else works here
    git.ask(*_AS_IT_IS, "checkout", "--quiet", "--force", "--detach", release.commit)
    if clean:
        git.ask("clean", "-ffdxq", "-e", "/.mlops-ci/", "-e", "config.local")


@contextmanager
def cache_aside(release: Release, name: str) -> Iterator[None]:
    """As long as this runs DVC keeps its bytes in a folder of this name beside the work tree, not in the real cache."""
    settings = [one for one in release.work.rglob(".dvc/config.local") if one.is_file()]
    before = {one: one.read_bytes() for one in settings}
    real, aside = str(release.folder.parent.parent / "cache"), str(release.folder / name)
    for file, content in before.items():
        write_whole(file, content.replace(f"dir = {real}\n".encode(), f"dir = {aside}\n".encode()), mode=_PRIVATE)
    try:
        yield
    finally:
        for file, content in before.items():
            write_whole(file, content.replace(aside.encode(), real.encode()), mode=_PRIVATE)


def inputs_over(tree: Path, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Lay files of run inputs over those of a work tree."""
    for path, content in contents.items():
        write_whole(tree / path, content)
