"""Releases: packages laid out in a folder each, by digest, ready to be run.

releases/<digest>/work/       the files of the package in a git work tree, whose origin is the repository's
releases/<digest>/placed.json written last: without it a folder is half done, and is made anew
cache/                        bytes that DVC keeps, for all of them

One release serves all source commits whose pipeline is the same package: each has a start of its own there, which is a
commit with its run inputs. No address in it holds a password.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Protocol
from uuid import uuid4

from mlops_ci.components.check import ImageTests
from mlops_ci.core.digests import Digest
from mlops_ci.core.paths import shown
from mlops_ci.errors import IntegrityError, LockedError
from mlops_ci.packaging.archive import Unpacked, is_link
from mlops_ci.packaging.manifest import Component, File
from mlops_ci.packaging.records import Named, Records
from mlops_ci.pipelines.ports import HeldExecutor
from mlops_ci.tools.dvc.lent_settings import lend
from mlops_ci.tools.files import own_folder, write_whole
from mlops_ci.tools.folders import settle
from mlops_ci.tools.git_clone import without_password
from mlops_ci.tools.git_commands import GitCommands
from mlops_ci.tools.git_objects import GitObjects
from mlops_ci.tools.git_remote import GitRemote

_PLACED = "placed.json"
_PLACING = "placing-"  # before the name of who is at it
ASIDE = "tried-cache"
AS_IT_IS = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")

Equip = Callable[["Release"], None]


class Images(ImageTests, Protocol):
    """The images that a package's stages run in."""

    def commands(self, log: Path) -> HeldExecutor:
        """Where the commands of stages run. log: for what it says itself."""


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
    """A placed package. commit: what a run of it begins with. source: the commit that its run inputs are of.

    starts: such commits by source, of all that are placed; those placed later stand later. images: what its
    stages run in; None: they are processes of this machine.
    """

    digest: Digest
    folder: Path
    commit: str
    source: str
    starts: Mapping[str, str] = field(default_factory=dict)
    images: Images | None = None

    @property
    def work(self) -> Path:
        """The work tree that the environment's runs are in."""
        return self.folder / "work"

    def of(self, source: str) -> "Release | None":
        """The same with the run inputs of a source commit; None where they are not placed."""
        commit = self.commit if source == self.source else self.starts.get(source)
        return None if commit is None else replace(self, commit=commit, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """All releases below a folder of this machine."""

    root: Path

    def place(self, package: Package, equip: Equip) -> Release:
        """Have a release, whole. equip: makes what its commands need. Nothing is done where it is there.

        What runs is not touched: run inputs of another commit are only put beside those that are there. Raises
        IntegrityError where git has other files than the package, LockedError where somebody else has begun anew what
        was begun here. What fails leaves nothing.
        """
        there = self.release(package.digest)
        if there is None:
            return self._placed_whole(package, equip)
        return there.of(package.named.source) or self._with_start(there, package)

    def _placed_whole(self, package: Package, equip: Equip) -> Release:
        folder = self._folder(package.digest)
        _clear(folder)
        folder.mkdir(parents=True)
        mine = folder / f"{_PLACING}{uuid4().hex}"
        try:
            mine.touch()
            source = package.named.source
            commit = lay(package, folder / "work", cache=self.root / "cache")
            release = Release(
                digest=package.digest, folder=folder, commit=commit, source=source, starts={source: commit}
            )
            equip(release)
            _finish(release, mine)
        except BaseException:
            if mine.exists():  # else it is somebody else's by now
                _clear(folder)
            raise
        return release

    def _with_start(self, there: Release, package: Package) -> Release:
        source, commit = package.named.source, _start(package, there.work)
        release = replace(there, commit=commit, source=source, starts={**there.starts, source: commit})
        write_whole(there.folder / _PLACED, _facts(release))
        return release

    def release(self, digest: Digest) -> Release | None:
        """The release of a package, as it was placed last; None where there is none, or where it is half done."""
        file = self._folder(digest) / _PLACED
        if not file.is_file():
            return None
        facts = json.loads(file.read_bytes())
        starts = {str(source): str(commit) for source, commit in facts["starts"].items()}
        return Release(
            digest=digest, folder=file.parent, commit=facts["commit"], source=facts["source"], starts=starts
        )  # fmt: skip

    def placed(self) -> tuple[Digest, ...]:
        """The packages that are placed whole, those placed last first."""
        files = sorted((self.root / "releases").glob(f"*/{_PLACED}"), key=lambda one: one.stat().st_mtime, reverse=True)
        return tuple(Digest("sha256", file.parent.name) for file in files)

    def tidy(self) -> None:
        """Remove what was begun, and never finished: releases, and what trying them or writing of them left."""
        for folder in sorted((self.root / "releases").glob("*")):
            if not (folder / _PLACED).is_file():
                _clear(folder)
                continue
            for left in folder.glob(f".{_PLACED}.*"):
                left.unlink(missing_ok=True)
            shutil.rmtree(folder / ASIDE, ignore_errors=True)

    def remove(self, digest: Digest) -> None:
        """Remove a release. Killed on the way, it is half done, and nobody takes it for one."""
        _clear(self._folder(digest))

    def _folder(self, digest: Digest) -> Path:
        return self.root / "releases" / digest.value


def digest_of(text: str) -> Digest:
    """A package's digest from its text, `sha256:...`."""
    algorithm, _, value = text.partition(":")
    return Digest(algorithm, value)


def wheel_of(tree: Path, component: Component) -> Path:
    """Where a component's wheel lies in a release's work tree: where one that was built there would."""
    return tree / ".mlops-ci" / "runtime" / "wheels" / digest_of(component.tree).value[:16] / component.wheel.name


def lay(package: Package, tree: Path, *, cache: Path) -> str:
    """The package's files in a work tree of its own, each hashed; returns the commit that it stands on.

    cache: where DVC keeps the bytes of runs there.
    """
    commit = _checked_out(package, tree)
    _refuse_others(package, tree)
    own_folder(tree)
    for name, wheel in package.unpacked.wheels.items():
        one = package.unpacked.manifest.components[name]
        write_whole(wheel_of(tree, one), wheel)
    for folder in {
        PurePosixPath(path).parent for path in package.unpacked.manifest.files if path.endswith(".dvc/config")
    }:
        (tree / folder / "config.local").unlink(missing_ok=True)
        lend(package.clone / folder, tree / folder, cache=cache)
    return commit


def _checked_out(package: Package, tree: Path) -> str:
    """Git in the work tree, on the commit of the package's files."""
    tree.mkdir(parents=True, exist_ok=True)
    git = GitCommands(root=tree)
    git.ask("init", "--quiet")
    git.ask("remote", "add", "origin", without_password(package.origin))
    commit = _start(package, tree)
    git.ask(*AS_IT_IS, "checkout", "--quiet", "--force", "--detach", commit)
    return commit


def _start(package: Package, tree: Path) -> str:
    """The commit that runs of the package begin with, brought to a work tree that stays as it is."""
    git, ref = GitCommands(root=tree), package.named.ref
    for left in ("shallow.lock", f"{ref}.lock"):  # of a git that was killed: nobody else fetches here
        (tree / ".git" / left).unlink(missing_ok=True)
    git.ask("fetch", "--quiet", "--no-tags", "--depth=1", "--", f"file://{package.clone}", f"+{ref}:{ref}")
    objects = GitObjects(git=git)
    records = Records(objects=objects, remote=GitRemote(git=git, name="origin"))
    return records.start_commit(package.named, objects.written(package.named.commit))


def _finish(release: Release, mine: Path) -> None:
    """Say that a release is whole. mine: what says who has begun it; gone where somebody has begun it anew."""
    try:
        with mine.open("r+b") as file:
            file.write(_facts(release))
            file.flush()
            os.fsync(file.fileno())
        mine.replace(release.folder / _PLACED)
    except FileNotFoundError as error:
        raise LockedError.at(
            "MC-DEPLOY-011", release.digest.value[:12], "somebody else has begun to place this package anew",
            found="what was begun here is gone", expected="one at a time",
            do="wait until that has ended, then run this again",
        ) from error  # fmt: skip
    settle(release.folder)


def _facts(release: Release) -> bytes:
    facts = {
        "package": str(release.digest), "commit": release.commit, "source": release.source, "starts": release.starts,
    }  # fmt: skip
    return json.dumps(facts).encode()


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
