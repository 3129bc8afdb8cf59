"""The images of components, for `component build` and `package build`: wheels first, then what the registry lacks."""

from collections.abc import Mapping, Sequence

from mlops_ci.components.context import PackedWheel
from mlops_ci.components.find import Component
from mlops_ci.components.image import Images, Yard, build_images
from mlops_ci.packaging.wheels import packed_anew
from mlops_ci.runtime.pip_lock import pip_lock
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.docker.engine import open_engine
from mlops_ci.tools.docker.login import host_of


def images_of(
    workshop: Workshop, wheels: Mapping[str, Wheel], wanted: Sequence[Component], *, dry_run: bool = False
) -> Images:
    """An image of each wanted component in `package.registry`, which has to be configured.

    wheels: by component, those of all that the wanted ones need. Nothing is built, tested or pushed with `dry_run`;
    the registry is asked. Raises ServiceError without an engine or a registry that answers, UsageError, IntegrityError.
    """
    config, site = workshop.ground.config, workshop.site
    registry = config.package.registry or ""
    packed = {
        name: PackedWheel(name=one.path.name, content=packed_anew(one.path.read_bytes()))
        for name, one in wheels.items()
    }
    lock = pip_lock(workshop.found_runtime(workshop.home), site)
    with open_engine(None, workshop.world.environ, registry=host_of(registry)) as engine:
        yard = Yard(
            engine=engine, site=site, registry=registry, base=config.package.base_image, lock=lock,
            settings=config.components, commit=_commit(workshop),
        )  # fmt: skip
        return build_images(workshop.components, wanted, packed, yard, dry_run=dry_run)


def _commit(workshop: Workshop) -> str:
    """The source: HEAD, said to be dirty as git's own `describe --dirty` says it."""
    repository = workshop.world.repository
    head = repository.head() or ""
    return f"{head}-dirty" if head and repository.is_dirty() else head
