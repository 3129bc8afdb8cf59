"""Components built into images: only what the registry has not yet, and only what passes its own tests inside."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.components.check import needed_by
from mlops_ci.components.context import Base, Context, PackedWheel, context_of
from mlops_ci.components.find import Component
from mlops_ci.components.image_test import run_image_tests
from mlops_ci.components.index_settings import PROXIES, build_secrets, secret_texts
from mlops_ci.config.schema import Component as Settings
from mlops_ci.core.digests import Digest
from mlops_ci.core.findings import Finding, Place, note
from mlops_ci.core.paths import shown
from mlops_ci.core.secrets import secrets_in, without
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import IntegrityError, ServiceError
from mlops_ci.runtime.failures import last_lines, write_log
from mlops_ci.runtime.pip_lock import PipLock
from mlops_ci.runtime.surroundings import Site
from mlops_ci.tools.docker.builds import Order, build
from mlops_ci.tools.docker.engine import Engine
from mlops_ci.tools.docker.refusals import refused
from mlops_ci.tools.processes import Completed
from mlops_ci.tools.scratch import scratch_folder

INPUTS_LABEL = "mlops-ci.inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A component's image. name: in the registry, by the digest of its inputs.

    digest: `sha256:...` of its manifest in the registry, empty where it would be built (`--dry-run`).
    built: by this call, or would be.
    """

    component: str
    name: str
    inputs: Digest
    digest: str
    built: bool

    @property
    def pinned(self) -> str:
        """The name by which exactly these bytes are pulled: `repository@sha256:...`."""
        return f"{self.name.rpartition(':')[0]}@{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What became of the images of components, by name."""

    images: Mapping[str, Image]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """Where images are built. registry: as `package.registry` says. base: as `package.base-image`. commit: the source.

    settings: what mlops-ci.yaml says of components.
    """

    engine: Engine
    site: Site
    registry: str
    base: str
    lock: PipLock
    settings: Mapping[str, Settings]
    commit: str


def build_images(
    components: Sequence[Component], wanted: Sequence[Component], wheels: Mapping[str, PackedWheel], yard: Yard, *,
    dry_run: bool = False,
) -> Images:  # fmt: skip
    """An image of each wanted component in the registry, built unless it is there.

    components: all of them. wheels: by component; one that lacks a wheel it needs gets no image, and a note.
    Raises ServiceError where the engine or the registry can't be asked, UsageError, IntegrityError.
    """
    by_name = {one.name: one for one in components}
    base = resolved_base(yard)
    images: dict[str, Image] = {}
    findings: list[Finding] = []
    for component in wanted:
        needed = (component.name, *sorted(needed_by(component, by_name)))
        lacking = [name for name in needed if name not in wheels]
        if lacking:
            findings.append(_unbuilt(component, lacking))
            continue
        context = context_of(
            component, own=yard.settings[component.name].dockerfile, wheels=[wheels[name] for name in needed],
            lock=yard.lock, base=base, site=yard.site,
        )  # fmt: skip
        made = _image(context, yard, dry_run=dry_run)
        if isinstance(made, Image):
            images[component.name] = made
        else:
            findings += made
    return Images(images=images, findings=tuple(findings))


def resolved_base(yard: Yard) -> Base:
    """The base image as it is now: by the registry's digest, else by the id that the engine has it under."""
    name, engine = yard.base, yard.engine
    if "@" in name:
        return Base(name=name, pinned=name, platform=engine.platform)
    here = engine.image(name)
    try:
        found = engine.in_registry(name, patiently=here is None)
    except ServiceError:
        if here is None:
            raise
        found = None
    if found is not None:
        _refuse_platform(name, found.platforms, engine)
        repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
        pinned = f"{repository}@{found.digest}"
        return Base(name=pinned, pinned=pinned, platform=engine.platform)
    if here is None:
        raise refused(name, "manifest unknown")
    return Base(name=name, pinned=str(here["Id"]), platform=engine.platform)


def _refuse_platform(name: str, platforms: Sequence[str], engine: Engine) -> None:
    if platforms and engine.platform not in platforms:
        found = f"no match for platform: it is for {', '.join(platforms)}, the engine runs {engine.platform}"
        raise refused(name, found)


def _image(context: Context, yard: Yard, *, dry_run: bool) -> Image | tuple[Finding, ...]:
    component, inputs = context.component, context.inputs
    name = context.image_name(yard.registry)
    there = yard.engine.in_registry(name)
    if there is not None or dry_run:
        digest = there.digest if there is not None else ""
        return Image(component=component.name, name=name, inputs=inputs, digest=digest, built=there is None)
    yard.site.say(f"building an image of {component.name}")
    done = _build(context, name, yard)
    if not done.ok:
        return (_failed(component, done, yard),)
    tested = str((yard.engine.image(name) or {}).get("Id", ""))
    yard.site.say(f"testing {component.name} in its image")
    findings = run_image_tests(component, context.wheels[0], tested, yard.engine, yard.site)
    if findings:
        yard.engine.forget(name)
        return findings
    yard.site.say(f"pushing {name}")
    digest = _pushed(name, tested, yard.engine)
    return Image(component=component.name, name=name, inputs=inputs, digest=digest, built=True)


def _build(context: Context, name: str, yard: Yard) -> Completed:
    environ = yard.site.surroundings.environ
    proxies = {name: environ[name] for name in PROXIES if environ.get(name)}
    with scratch_folder() as scratch, tempfile.TemporaryDirectory(prefix="mlops-ci-secrets-") as own:
        context.write(scratch, yard.site)
        order = Order(
            name=name, context=scratch, labels=_labels(context, yard), secrets=build_secrets(environ, Path(own)),
            arguments={**proxies, "BASE_IMAGE": context.base.name},
        )  # fmt: skip
        done = build(order, yard.engine, yard.site.processes, environ)
    hidden = secrets_in([*secret_texts(environ), yard.engine.login.password])
    output = without(hidden, done.output)
    write_log(_log(context.component, yard.site), output)
    return Completed(exit=done.exit, output=output, seconds=done.seconds)


def _labels(context: Context, yard: Yard) -> Mapping[str, str]:
    """https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md"""
    return {
        "org.opencontainers.image.title": context.component.name,
        "org.opencontainers.image.revision": yard.commit,
        "org.opencontainers.image.base.name": context.base.name,
        INPUTS_LABEL: str(context.inputs),
    }


def _pushed(name: str, tested: str, engine: Engine) -> str:
    """Push exactly what was tested; returns the digest that the registry has it by. Raises IntegrityError."""
    now = str((engine.image(name) or {}).get("Id", ""))
    if now != tested:
        raise _moved(name, now, tested)
    digest = engine.push(name)
    found = engine.in_registry(name)
    if found is None or found.digest != digest:
        raise _moved(name, found.digest if found else "nothing", digest)
    return digest


def _moved(name: str, found: str, expected: str) -> IntegrityError:
    return IntegrityError.at(
        "MC-COMP-043", name, "somebody gave the image's name to another one while it was tested and pushed",
        found=found, expected=expected, do="run this again; names are made of inputs, so find out who else writes them",
    )  # fmt: skip


def _log(component: Component, site: Site) -> Path:
    return site.own / "logs" / f"component-{component.name}-image.log"


def _failed(component: Component, done: Completed, yard: Yard) -> Finding:
    own = yard.settings[component.name].dockerfile
    log = yard.site.shown(_log(component, yard.site))
    return Finding(
        code="MC-COMP-040", subject=component.name, what="it could not be built into an image",
        exit=ExitCode.SERVICE if done.exit is None else ExitCode.FAIL,
        place=Place(path=own or component.path),
        found=f"no end after {done.seconds:.0f} s" if done.exit is None else last_lines(done.output),
        expected="an image", do=f"mend what the last lines name; all of the output is in {log}",
        reproduce=f"mlops-ci component build {component.name}",
    )  # fmt: skip


def _unbuilt(component: Component, lacking: Sequence[str]) -> Finding:
    return note(
        "MC-COMP-042", component.name, "it gets no image, since a wheel that it needs could not be built",
        do=f"mend {', '.join(map(shown, lacking))} first",
    )  # fmt: skip
