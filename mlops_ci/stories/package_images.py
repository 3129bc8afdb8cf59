"""The images that a package pins, by the bytes that the registry has: built, tested and pushed where it lacks them."""

from collections.abc import Mapping

from mlops_ci.components.build import build_wheel
from mlops_ci.core.findings import Finding
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import FailedError, MlopsCiError, ServiceError, UsageError
from mlops_ci.packaging.manifest import ImageName
from mlops_ci.runtime.wheels import Wheel
from mlops_ci.stories.workshop import Workshop
from mlops_ci.tools.docker.sdk import need_sdk


def package_images(workshop: Workshop, *, dry_run: bool) -> tuple[Mapping[str, ImageName], tuple[str, ...]]:
    """Images by component, none where no registry is configured; and the components whose images would be built.

    Raises FailedError where a component fails its own tests in its image, ServiceError, UsageError.
    """
    if workshop.ground.config.package.registry is None:
        return {}, ()
    need_sdk()
    from mlops_ci.stories.images import images_of  # noqa: PLC0415 - an extra, wanted only here

    wheels = {one.name: build_wheel(one, workshop.site) for one in workshop.components}
    bad = tuple(one for one in wheels.values() if isinstance(one, Finding))
    if bad:
        raise _error_of(bad)
    made = images_of(
        workshop, {name: one for name, one in wheels.items() if isinstance(one, Wheel)}, workshop.components,
        dry_run=dry_run,
    )  # fmt: skip
    wrong = tuple(one for one in made.findings if one.exit is not ExitCode.PASS)
    if wrong:
        raise _error_of(wrong)
    images = {
        name: ImageName(name=one.name, inputs=str(one.inputs), digest=one.digest) for name, one in made.images.items()
    }
    return images, tuple(name for name, one in made.images.items() if not one.digest)


def _error_of(findings: tuple[Finding, ...]) -> MlopsCiError:
    kinds: dict[ExitCode, type[MlopsCiError]] = {ExitCode.SERVICE: ServiceError, ExitCode.USAGE: UsageError}
    return kinds.get(findings[0].exit, FailedError)(findings)
