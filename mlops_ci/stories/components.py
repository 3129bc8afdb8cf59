"""`component list` and `component build`: what components there are, which changed, and their wheels."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mlops_ci.components.build import build_wheel
from mlops_ci.components.find import Component, changed, named
from mlops_ci.core.findings import Finding
from mlops_ci.core.steps import StepName
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.stories.ground import read_ground
from mlops_ci.stories.request import Request
from mlops_ci.stories.workshop import Workshop
from mlops_ci.stories.world import World
from mlops_ci.tools.git_snapshot import Snapshot


def list_components(world: World, *, base: str | None) -> tuple[tuple[Component, str | None], ...]:
    """Every component, and why it would be tested; None: it is as at the base."""
    with _workshop(world, base) as workshop:
        found = workshop.components
        lock = workshop.found_runtime(workshop.home).lock if found else None
        why = {one.component.name: one.why for one in changed(found, changed_paths=workshop.ground.changed, lock=lock)}
    return tuple((component, why.get(component.name)) for component in found)


def build_components(world: World, names: tuple[str, ...]) -> Mapping[str, Wheel | Finding]:
    """The wheel of each component that is named, of all without a name; a finding where it can't be built."""
    with _workshop(world, None) as workshop:
        wanted = [one.component for one in named(workshop.components, names)] if names else workshop.components
        return {component.name: build_wheel(component, workshop.site) for component in wanted}


@contextmanager
def _workshop(world: World, base: str | None) -> Iterator[Workshop]:
    request = Request(base=base, only=(StepName.COMPONENTS,))
    ground = read_ground(request, world, Snapshot(world.repository))
    with world.repository, Workshop(ground=ground, world=world, request=request, begin=world.clock()) as workshop:
        yield workshop
