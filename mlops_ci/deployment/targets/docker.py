"""The target `docker`: an engine, here or elsewhere. Stages run in the images of the package, by digest.

The engine itself keeps the environment's log, and which packages it has: another machine finds them there. A container
that is never started keeps each image. Work trees are on the machine that runs mlops-ci.
"""

import atexit
import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.components.context import PackedWheel
from mlops_ci.components.find import Component
from mlops_ci.components.image_test import run_image_tests
from mlops_ci.config.load import CONFIG_FILE, read_config_file
from mlops_ci.config.schema import Config, StageSettings
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding
from mlops_ci.core.findings import Place as At
from mlops_ci.deployment.ledger import Entry
from mlops_ci.deployment.log import Log
from mlops_ci.deployment.releases import ASIDE, Equip, Package, Release, Releases, wheel_of
from mlops_ci.errors import LockedError, ServiceError, UsageError
from mlops_ci.packaging.manifest import ImageName, Manifest, read_manifest
from mlops_ci.pipelines.ports import HeldExecutor
from mlops_ci.runtime.surroundings import Site
from mlops_ci.tools.docker.containers import Limits, remove_leftovers
from mlops_ci.tools.docker.engine import Engine, open_engine
from mlops_ci.tools.docker.executor import ContainerExecutor
from mlops_ci.tools.docker.login import host_of
from mlops_ci.tools.docker.records import (
    create_once,
    create_record,
    labelled,
    read_records,
    remove_named,
    remove_records,
)
from mlops_ci.tools.docker.refusals import is_absent
from mlops_ci.tools.docker.stage_container import Place
from mlops_ci.tools.files import exclusive, write_whole

_ENVIRONMENT, _PACKAGE, _PART = "mlops-ci.environment", "mlops-ci.package", "mlops-ci.part"
_NAME = "mlops-ci.image"  # an image's name in the registry, by which an engine that built it may have it, too
_MANIFEST = "manifest.json"
_WHOLE, _IMAGE = "whole", "image."  # the part that is made last; before the component of the others
_ATTEMPTS = 3  # to keep an image that somebody else's prune takes away meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerLog:
    """The log as volumes of an engine. See Log. key: what tells it from others of the engine."""

    engine: Engine
    name: str
    key: str

    def read(self) -> Mapping[int, str]:
        """All records."""
        return read_records(self.engine, self.key)

    def newest(self) -> tuple[int, str] | None:
        """The record with the highest number."""
        return next(reversed(list(self.read().items())), None)

    def create(self, number: int, text: str) -> bool:
        """Write a record."""
        return create_record(self.engine, self.key, number, text)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove records."""
        remove_records(self.engine, self.key, numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerTarget:
    """An environment of an engine. scratch: a folder of this machine for work trees. environ: the tool's variables.

    key: its name among all that use the engine.
    """

    key: str
    engine: Engine
    scratch: Path
    environ: Mapping[str, str]
    log: Log
    own_log: bool = True

    @property
    def state(self) -> Path:
        """See Target.state."""
        return self.scratch

    def place(self, package: Package, _: Equip) -> Release:
        """Bring the images, by digest; then a work tree here: no environment, since images have all that stages need.

        Raises ServiceError where an image is not to be had, or is for another platform.
        """
        manifest = package.unpacked.manifest
        images = _images(manifest, package.digest)
        for component, image in images.items():
            self._keep(package.digest, f"{_IMAGE}{component}", image)
        release = self._releases.place(
            package, lambda release: write_whole(release.folder / _MANIFEST, manifest.text())
        )  # fmt: skip
        self._keep(package.digest, _WHOLE, next(iter(images.values())))
        return self._with_images(release)

    def release(self, digest: Digest) -> Release | None:
        """See Target.release: in the engine, with a work tree here."""
        there = self._releases.release(digest) if digest in self.placed() else None
        return self._with_images(there) if there is not None else None

    def placed(self) -> tuple[Digest, ...]:
        """See Target.placed."""
        found = sorted(
            labelled(self.engine, {_ENVIRONMENT: self.key, _PART: _WHOLE}),
            key=lambda one: int(one["Created"]), reverse=True,
        )  # fmt: skip
        return tuple(Digest("sha256", str(one["Labels"][_PACKAGE])) for one in found)

    def expose(self, _: Entry | None) -> None:
        """The log is what runs are made by: there is nothing else to switch."""

    def remove(self, digest: Digest) -> None:
        """The package, what kept its images, and the images that nothing else of ours needs."""
        self._drop({_ENVIRONMENT: self.key, _PACKAGE: digest.value})
        self._releases.remove(digest)

    def tidy(self) -> None:
        """See Target.tidy: containers of runs too, and work trees here of packages that another machine has removed."""
        remove_leftovers(self.engine)
        whole = {digest.value for digest in self.placed()}
        halves = {str(one["Labels"][_PACKAGE]) for one in labelled(self.engine, {_ENVIRONMENT: self.key, _PART: ""})}
        for value in halves - whole:
            self._drop({_ENVIRONMENT: self.key, _PACKAGE: value})
        self._releases.tidy()
        for digest in self._releases.placed():
            if digest.value not in whole:
                self._forget_here(digest)

    def images(self, package: Package) -> Mapping[str, str]:
        """See Target.images."""
        return {name: one.digest for name, one in _images(package.unpacked.manifest, package.digest).items()}

    def _keep(self, digest: Digest, part: str, image: ImageName) -> None:
        """Have an image, and a container that is never started, which keeps it from being swept away."""
        name = f"mlops-ci.{self.key}.package.{digest.value[:16]}.{part}"
        labels = {_ENVIRONMENT: self.key, _PACKAGE: digest.value, _PART: part, _NAME: image.name}
        for attempt in range(_ATTEMPTS):
            self.engine.pull(_pinned(image))
            try:
                create_once(self.engine, name, _pinned(image), labels)
            except ServiceError as error:
                if not is_absent(error) or attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def _drop(self, labels: Mapping[str, str]) -> None:
        """What says that it is whole goes first, so that nobody takes the rest for whole."""
        found = sorted(labelled(self.engine, labels), key=lambda one: one["Labels"].get(_PART) != _WHOLE)
        for one in found:
            remove_named(self.engine, str(one["Names"][0]).lstrip("/"))
        kept = {name for one in labelled(self.engine, {_PACKAGE: ""}) for name in _names(one)}
        for name, image in {name: str(one["ImageID"]) for one in found for name in _names(one)}.items():
            if name not in kept:
                self._let_go(name, image)

    def _let_go(self, name: str, image: str) -> None:
        """Take a name of ours from an image: it goes, unless it has another one, or something runs from it."""
        there = self.engine.image(name)
        if there is not None and str(there["Id"]) == image:
            with suppress(ServiceError):  # in use; an engine that is lost says so at the next question
                self.engine.forget(name)

    def _forget_here(self, digest: Digest) -> None:
        lock = self._releases.root / "releases" / digest.value / "run.lock"
        with suppress(LockedError), exclusive(lock, patience=0.0):
            self._releases.remove(digest)

    def _with_images(self, release: Release) -> Release:
        return replace(release, images=PackageImages(release=release, manifest=manifest_of(release), target=self))

    @property
    def _releases(self) -> Releases:
        return Releases(root=self.scratch)


def _names(keeper: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the image that a container keeps: by digest, and as it was built."""
    return tuple(filter(None, (str(keeper["Image"]), str(keeper["Labels"].get(_NAME, "")))))


def manifest_of(release: Release) -> Manifest:
    """What a placed package holds. Raises IntegrityError where that can't be read."""
    return read_manifest((release.folder / _MANIFEST).read_bytes(), where=release.digest.value[:12])


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageImages:
    """The images of a placed package, at an engine. See releases.Images."""

    release: Release
    manifest: Manifest
    target: DockerTarget

    def commands(self, _: Path) -> HeldExecutor:
        """Each stage's commands in a container of its component's image."""
        config, images = read_config_file(self.release.work).config, _images(self.manifest, self.release.digest)

        def of(address: str) -> Place:
            component = self.manifest.component_of(address)
            if component is None:
                raise AssertionError(f"{address} is no stage of the package that its work tree is of")
            return place_of(images[component], address, config)

        return ContainerExecutor(
            self.target.engine, of, checkout=self.release.work, environ=self.target.environ,
            folders=[one for one in (self.target.scratch / "cache", self.release.folder / ASIDE) if one.is_dir()],
        )  # fmt: skip

    def tests(self, component: Component, site: Site) -> tuple[Finding, ...]:
        """A component's tests in the image that is delivered."""
        packaged = self.manifest.components[component.name]
        wheel = wheel_of(self.release.work, packaged).read_bytes()
        image = _pinned(_images(self.manifest, self.release.digest)[component.name])
        packed = PackedWheel(name=packaged.wheel.name, content=wheel)
        return run_image_tests(component, packed, image, self.target.engine, site)


def place_of(image: ImageName, address: str, config: Config) -> Place:
    """Where a stage's commands run, as mlops-ci.yaml of its package says. A foreach name covers its items."""
    settings = config.pipeline.stages.get(address) or config.pipeline.stages.get(_family(address)) or StageSettings()
    return Place(
        image=_pinned(image), limits=Limits(cpus=settings.cpus, memory=settings.memory),
        network=settings.network or "none", environment=config.runtime.env,
    )  # fmt: skip


def _family(address: str) -> str:
    head, slash, name = address.rpartition("/")
    return f"{head}{slash}{name.partition('@')[0]}"


def _pinned(image: ImageName) -> str:
    repository = image.name.rpartition(":")[0] if ":" in PurePosixPath(image.name).name else image.name
    return f"{repository}@{image.digest}"


def _images(manifest: Manifest, digest: Digest) -> Mapping[str, ImageName]:
    """Each component's image. Raises UsageError for a package without images."""
    lacking = sorted(name for name, one in manifest.components.items() if one.image is None)
    if lacking or not manifest.components:
        raise UsageError.at(
            "MC-DEPLOY-008", digest.value[:12], "the package has no images, so it can't run in an engine",
            found=f"none of {', '.join(lacking) or 'no component'}", expected="an image of each component",
            do="say `package: {registry: HOST/TEAM/NAME}` in mlops-ci.yaml, and build the package again",
        )  # fmt: skip
    return {name: one.image for name, one in manifest.components.items() if one.image is not None}


def docker_target(
    name: str, registry: str | None, engine: str | None, scratch: Path, environ: Mapping[str, str]
) -> DockerTarget:
    """The environment `name` at an engine, else at DOCKER_HOST. It is open as long as this process lives.

    registry: whose packages it has: another repository's environment may have the same name. Raises UsageError without
    one, ServiceError where no engine answers.
    """
    if registry is None:
        raise _no_registry(name)
    opened = ExitStack()
    atexit.register(opened.close)
    found = opened.enter_context(open_engine(engine, environ, registry=host_of(registry)))
    key = environment_key(registry, name)
    log = DockerLog(engine=found, name=name, key=key)
    return DockerTarget(key=key, engine=found, scratch=scratch, environ=environ, log=log)


def environment_key(registry: str, name: str) -> str:
    """What tells an environment from all others of an engine: whose it is, readable and exact, and its name."""
    path = registry.partition("/")[2]
    return f"{re.sub('[^a-z0-9]+', '-', path)}-{sha256(path.encode()).hexdigest()[:8]}.{name}"


def _no_registry(name: str) -> UsageError:
    return UsageError.at(
        "MC-DEPLOY-009", name, "target docker runs images, and no registry is configured for them",
        place=At(path=CONFIG_FILE), found="no `package.registry`", expected="a repository of a registry",
        do="say `package: {registry: HOST/TEAM/NAME}` in mlops-ci.yaml, and build the package again",
    )  # fmt: skip
