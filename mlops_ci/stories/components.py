"""`component list` and `component build`: what components there are, which changed, their wheels and images."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_ci.components.build import build_wheel
from mlops_ci.components.check import needed_by
from mlops_ci.components.find import Component, changed, named
from mlops_ci.core.findings import Finding
from mlops_ci.core.steps import StepName
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.stories.ground import read_ground
from mlops_ci.stories.request import Request
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.docker.sdk import need_sdk
from mlops_ci.tools.git_snapshot import Snapshot

if TYPE_CHECKING:
    from mlops_ci.components.image import Image, Images


def list_components(world: World, *, base: str | None) -> tuple[tuple[Component, str | None], ...]:
    """Every component, and why it would be tested; None: it is as at the base."""
    with _workshop(world, base) as workshop:
        found = workshop.components
        lock = workshop.found_runtime(workshop.home).lock if found else None
        why = {one.component.name: one.why for one in changed(found, changed_paths=workshop.ground.changed, lock=lock)}
    return tuple((component, why.get(component.name)) for component in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltComponents:
    """What was built, by component. images: None where no registry is configured, so that there are none."""

    wheels: Mapping[str, Wheel]
    images: "Mapping[str, Image] | None"
    findings: tuple[Finding, ...]


def build_components(world: World, names: tuple[str, ...], *, dry_run: bool = False) -> BuiltComponents:
    """The wheel of each component that is named, of all without a name; its image where `package.registry` is set.

    dry_run: of images it is only said what would be built. Raises ServiceError, UsageError, IntegrityError.
    """
    with _workshop(world, None) as workshop:
        every = workshop.components
        wanted = [one.component for one in named(every, names)] if names else list(every)
        by_name = {one.name: one for one in every}
        registry = workshop.ground.config.package.registry
        needed = {name for one in wanted for name in needed_by(one, by_name)} if registry else set()
        tried = {one.name: build_wheel(one, workshop.site) for one in every if one in wanted or one.name in needed}
        wheels = {name: one for name, one in tried.items() if isinstance(one, Wheel)}
        findings = tuple(one for one in tried.values() if isinstance(one, Finding))
        made = _images(workshop, wheels, wanted, dry_run=dry_run) if registry else None
    named_wheels = {one.name: wheels[one.name] for one in wanted if one.name in wheels}
    if made is None:
        return BuiltComponents(wheels=named_wheels, images=None, findings=findings)
    return BuiltComponents(wheels=named_wheels, images=made.images, findings=(*findings, *made.findings))


def _images(workshop: Workshop, wheels: Mapping[str, Wheel], wanted: Sequence[Component], *, dry_run: bool) -> "Images":
    """The SDK for Docker is an extra, and imported only where images are wanted."""
    need_sdk()
    from mlops_ci.stories.images import images_of  # noqa: PLC0415 - see above

    return images_of(workshop, wheels, wanted, dry_run=dry_run)


@contextmanager
def _workshop(world: World, base: str | None) -> Iterator[Workshop]:
    request = Request(base=base, only=(StepName.COMPONENTS,))
    ground = read_ground(request, world, Snapshot(world.repository))
    with world.repository, Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop:
        yield workshop
