"""Step 2: the components that changed are tested in the pipeline's runtime, and built."""

from mlops_ci.components.check import ComponentsOutcome, ImageTests, check_components
from mlops_ci.components.find import Changed, changed, named
from mlops_ci.core.steps import Step, StepName, judged, unjudged
from mlops_ci.core.verdicts import Verdict
from mlops_ci.stories.request import Request
from mlops_ci.stories.workshop import Workshop


def test_components(request: Request, workshop: Workshop) -> tuple[Step, None]:
    """Test and build what differs from the base, and what depends on it."""
    if not request.wants(StepName.COMPONENTS):
        return unjudged(StepName.COMPONENTS, Verdict.SKIPPED, request.why_not), None
    if not workshop.ground.config.components:
        why = "mlops-ci.yaml names no components"
        return unjudged(StepName.COMPONENTS, Verdict.NOT_APPLICABLE, why), None
    if workshop.world.images is not None:
        return _tested_in_images(workshop.world.images, workshop), None
    components = workshop.components
    due = _due(request, workshop)
    if not due:
        why = f"none of {len(components)} changed since the base"
        return unjudged(StepName.COMPONENTS, Verdict.NOT_APPLICABLE, why), None
    runtime = workshop.runtime(workshop.home)
    outcome = check_components(
        components,
        changed=due,
        runtime=runtime,
        site=workshop.site,
        store=workshop.store,
        junit=workshop.world.own / "logs" / "components",
    )
    findings = (*runtime.findings, *outcome.findings)
    return judged(StepName.COMPONENTS, _why(outcome, len(components)), findings), None


def _tested_in_images(images: ImageTests, workshop: Workshop) -> Step:
    """All of them, in the images that stages run in."""
    findings = tuple(finding for one in workshop.components for finding in images.tests(one, workshop.site))
    return judged(StepName.COMPONENTS, f"{len(workshop.components)} tested in their images", findings)


def _due(request: Request, workshop: Workshop) -> tuple[Changed, ...]:
    if workshop.world.package is not None:
        return tuple(Changed(component=one, why="a package is tested whole") for one in workshop.components)
    if request.names:
        return named(workshop.components, request.names)
    lock = workshop.found_runtime(workshop.home).lock
    return changed(workshop.components, changed_paths=workshop.ground.changed, lock=lock)


def _why(outcome: ComponentsOutcome, total: int) -> str:
    cached = len(outcome.from_cache)
    words = f"{len(outcome.tested)} of {total} tested"
    return f"{words}, {cached} from cache" if cached else words
